"""A patient and a clinic whose every word bears a mark, with mistakes at every step."""

import email
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import sqlalchemy as sa

from directory.core.db.database import WRITING, db
from tests.drills.browser import Page, RemoteBrowser
from tests.drills.chaos import MailLedger
from tests.inquiries.patient import wrong
from tests.mail_server import Accepted

PATIENCE_SECONDS = 60.0


class Asked(NamedTuple):
    """A clinic, as much of it as may travel between threads."""

    public_id: str
    email: str


# What is typed, by step and field.
Steps = dict[str, dict[str, object]]
CODE = r"\b(\d{6})\b"


def answers_of(number: int) -> Steps:
    """Return what is typed at each step; whatever is free text bears a mark."""
    mark = f"Marked{number}"
    return {
        "who": {
            "asks_for": "other",
            "relationship": f"{mark}mother",
            "may_ask": "y",
            "age_band": "18-64",
            "zip_code": "60201",
            "patient_name": f"Jo {mark}name",
            "email": f"{mark}@example.org",
            "way": "email",
            "part_of_day": "any",
            "language": "other",
            "other_language": f"{mark}ish",
        },
        "headaches": {
            "reason": "first",
            "told": ["chronic-migraine"],
            "headache_days": "22",
            "migraine_days": "14",
            "length": "4-or-more",
            "over_three_months": "yes",
        },
        "treatment": {
            "preventive_1_kind": "beta-blocker",
            "preventive_1_name": f"{mark}olol",
            "preventive_1_dose": f"{mark} mg",
            "had_toxin": "yes",
            "toxin_product": f"{mark}tox",
            "toxin_effects": f"{mark} droop",
        },
        "safety": {"safety": ["none"]},
        "practical": {
            "insurer": f"{mark} Mutual",
            "plan": f"{mark} Gold",
            "access_needs": f"{mark} ramp",
            "message": f"{mark}: light hurts most.",
        },
    }


WRONG: Steps = {
    "who": {"age_band": "", "zip_code": "Marked zip"},
    "headaches": {"headache_days": "Marked days"},
    "treatment": {"toxin_units": "Marked units"},
    "safety": {"safety": ["none", "bleeding", "Marked safety"]},
    "practical": {"travel_miles": "Marked miles"},
}


def go_the_whole_way(port: int, clinic: Asked, number: int, mail: MailLedger) -> list[Page]:
    """Send with a mistake at every step; the clinic asks, and the patient answers."""
    mark = f"Marked{number}"
    patient, staff = RemoteBrowser(port), RemoteBrowser(port)
    fill_in(patient, clinic, answers_of(number), WRONG)
    type_code(patient, nth(mail, f"{mark}@example.org", CODE, 1))

    link = nth(mail, clinic.email, r"http://directory\.test(/clinic/link/[\w-]+)", 1)
    staff.get(link)
    staff.follow(staff.send())
    inquiry = type_code(staff, nth(mail, clinic.email, CODE, 1))
    reference = inquiry.url.rpartition("/")[2]
    assert mark in inquiry.text
    question = {"question": f"{mark} question?"}
    assert staff.send(f"/clinic/inquiries/{reference}/question", **question).status == 303

    link = nth(mail, f"{mark}@example.org", r"http://directory\.test(/inquiry/status/[\w-]+)", 1)
    patient.get(link)
    patient.follow(patient.send())
    type_code(patient, nth(mail, f"{mark}@example.org", CODE, 2))
    assert question["question"] in patient.get(f"{link}/{reference}/reply").text
    assert patient.send(text=mark * 1000).status == 422
    assert patient.send(text=f"{mark}: yes.").status == 303
    return patient.pages + staff.pages


def provoke_errors(port: int, broken: Asked, number: int, mail: MailLedger) -> list[Page]:
    """Have the site fail in each way, with marks in what was sent."""
    browser, answers = RemoteBrowser(port), answers_of(number)
    fill_in(browser, broken, answers, {})
    code = nth(mail, f"Marked{number}@example.org", CODE, 1)
    with renamed("inquiry_draft"):
        assert browser.send("/inquiry/practical", **answers["practical"]).status == 503
    assert browser.send(code=code).status == 500  # no email can go to such a clinic
    too_much = {"message": "Marked" * 60_000}
    assert browser.send("/inquiry/practical", **too_much).status == 413
    assert (
        browser.send("/inquiry/clinics/remove", csrf_token="Marked", clinic="Marked").status == 400
    )
    return browser.pages


def fill_in(browser: RemoteBrowser, clinic: Asked, answers: Steps, mistakes: Steps) -> None:
    """Type everything, at each step wrongly first; end at the page for the code."""
    browser.get(f"/inquiry/new?clinic={clinic.public_id}")
    for step, typed in answers.items():
        if step in mistakes:
            assert browser.send(**{**typed, **mistakes[step]}).status == 422
        browser.follow(browser.send(**typed))
    browser.follow(browser.send(consent_share="y", consent_emergency="y"))


def type_code(browser: RemoteBrowser, code: str) -> Page:
    """Type six other digits, then the code; return where it leads."""
    assert browser.send(code=wrong(code)).status == 422
    return browser.follow(browser.send(code=code))


def nth(mail: MailLedger, address: str, pattern: str, number: int) -> str:
    """Wait until so many emails to the address hold this, and return it from the last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        taken = [each for each in mail.server.accepted if each.recipient == address]
        found = [match for match in (re.search(pattern, text_of(each)) for each in taken) if match]
        if len(found) >= number:
            return found[number - 1].group(1)
        time.sleep(0.1)
    raise AssertionError(f"no email {number} to the address holds {pattern}")


def text_of(taken: Accepted) -> str:
    """Return the plain text of an email."""
    parts = email.message_from_bytes(taken.data).walk()
    texts = [part for part in parts if part.get_content_type() == "text/plain"]
    return texts[0].get_payload(decode=True).decode()


@contextmanager
def renamed(table: str) -> Iterator[None]:
    """Take a table away for a while, so that the database fails."""
    for old, new in ((table, "away"), ("away", table)):
        with db.engine.connect().execution_options(**{WRITING: True}) as connection:
            with connection.begin():
                connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))
        if new == "away":
            yield
