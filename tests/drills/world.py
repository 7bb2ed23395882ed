"""Those whom hostile forms meet: patients and a clinic in the middle of an inquiry."""

import random
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from directory.core.clock import utc_now
from directory.core.tokens import new_token
from directory.inquiries.form.form_token import signed_form_id
from directory.inquiries.models import Inquiry, InquiryEvent
from tests.drills.hostile import FORMULAS, INJECTIONS, SCRIPTS
from tests.inquiries.patient import (
    FORM,
    Browser,
    begin,
    enter,
    fill_in,
    newest_code,
    newest_link,
    open_browser,
    open_clinic,
    stored,
)
from tests.inquiries.status.status_page import show_everything, status_link
from tests.portal.staff import in_days, open_it

# What is right somewhere, beside the patient's own form.
FIELDS: dict[str, Any] = {
    **FORM,
    "relationship": "mother",
    "preventive_1_kind": "beta-blocker",
    "preventive_1_name": "propranolol",
    "preventive_1_months": "3",
    "relief_triptan": "4",
    "had_toxin": "yes",
    "toxin_last_on": "2026-01-05",
    "toxin_units": "155",
    "toxin_effects": "none",
    "insurer": "Lakeside Mutual",
    "window_1_first": in_days(9),
    "window_1_last": in_days(12),
    "travel_miles": "40",
    "scored_on": "2026-01-05",
    "midas": "40",
    "rows": "3",
    "text": "Yes, it is.",
    "question": "Which dose?",
    "first_day": in_days(9),
    "first_clock": "14:30",
    "times_text": "By the side door.",
    "wait_text": "About a month.",
    "accept_text": "We call you.",
    "decline_text": "We are sorry.",
    "other_clinic": "Prairie Clinic",
    "seen_on": in_days(0),
    "treated_on": in_days(0),
    "time": "none",
    "code": "123456",
    "form_id": "",
    "website": "",
    "to": "",
    "of": "",
    "after": "",
    "is_warned": "",
}

WORDS = ("patient_name", "phone", "insurer", "plan", "access_needs", "toxin_product")
LONG_WORDS = ("message", "toxin_effects")
CODE = "/inquiry/code"
TEXTS = (*SCRIPTS, *INJECTIONS, *FORMULAS)


class World:
    """A patient who has sent, one who is filling in, and a clinic that has opened the inquiry."""

    def __init__(self, app: Flask, chance: random.Random) -> None:
        self.clinic = open_clinic(name=f"Clinic {SCRIPTS[0]}")
        self._send(app, chance)
        clinic_link, link = newest_link(), status_link()
        inquiry = stored(Inquiry)[-1]
        self.staff, path = open_it(app, clinic_link)
        self._clinic_writes(path, chance)
        self.patient, _ = show_everything(app)
        self.filling_in = open_browser(app)
        begin(self.filling_in, self.clinic)
        self._values = {
            "portal": {"token": clinic_link.rpartition("/")[2]},
            "status": {"token": link.rpartition("/")[2]},
        }
        self._reference = inquiry.reference
        self._npi = inquiry.npi

    def path_of(self, rule: Rule, chance: random.Random) -> str:
        """Return an address of this rule, mostly one that leads somewhere."""
        slice_name = rule.endpoint.partition(".")[0]
        values = {
            **self._values.get(slice_name, {}),
            "reference": self._reference,
            "npi": self._npi,
            "step": chance.choice(["who", "headaches", "treatment", "safety", "practical"]),
            "name": chance.choice(["question", "times", "wait-list", "accept", "decline", "seen"]),
        }
        if rule.arguments and chance.random() < 0.03:
            values = dict.fromkeys(values, "HOSTILE%0d%0aX-Injected:%20yes%00%ff")
        path = rule.rule
        for _ in rule.arguments:
            before, rest = path.split("<", 1)
            inside, after = rest.split(">", 1)
            path = f"{before}{values[inside.rpartition(':')[2]]}{after}"
        return f"{path}?clinic={self.clinic.public_id}" if rule.rule == "/inquiry/new" else path

    def browser_of(self, rule: Rule) -> Browser:
        """Return the browser of whoever sends this form."""
        slice_name = rule.endpoint.partition(".")[0]
        return {"portal": self.staff, "status": self.patient}.get(slice_name, self.filling_in)

    def _send(self, app: Flask, chance: random.Random) -> None:
        """Send an inquiry as hostile as the form lets through."""
        browser = open_browser(app)
        wished = {name: chance.choice(TEXTS) for name in WORDS if chance.random() < 0.7}
        long_text = {name: chance.choice(TEXTS) for name in LONG_WORDS}
        for changes in ({**wished, **long_text}, long_text):
            if fill_in(browser, self.clinic, had_toxin="yes", **changes).location == CODE:
                break
        assert enter(browser, newest_code()).location == "/inquiry/sent"

    def _clinic_writes(self, path: str, chance: random.Random) -> None:
        """Ask something, or propose a time, in hostile words."""
        if chance.random() < 0.5:
            self.staff.post(f"{path}/question", data={"question": chance.choice(TEXTS)})
        else:
            times = {"first_day": in_days(9), "first_clock": "14:30"}
            times["times_text"] = chance.choice(TEXTS)
            self.staff.post(f"{path}/times", data=times)


def fields_for(world: World, rule: Rule) -> dict[str, Any]:
    """Return fields that are right somewhere; of hidden ones, those of the newest pages."""
    form_id = signed_form_id(new_token(), now=utc_now())
    newest = stored(InquiryEvent)[-1].public_id
    return {
        **FIELDS,
        **dict.fromkeys(("to", "of", "after"), newest),
        "clinic": world.clinic.public_id,
        "form_id": form_id,
        "reason": "full" if rule.endpoint == "portal.answer" else FORM["reason"],
    }
