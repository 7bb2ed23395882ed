"""What each step takes and refuses, at its boundaries."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from directory.care.answers import Answers, Contact, Preventive, Told
from directory.core.clock import utc_now
from directory.inquiries.form.form_pages import Step, filled_in, form_of
from tests.inquiries.patient import FORM, begin, open_browser, open_clinic

TODAY = utc_now().date()
TOMORROW = (TODAY + timedelta(days=2)).isoformat()
OTHER = {"asks_for": "other", "relationship": "mother", "may_ask": "y"}
FIVE_YEARS = (TODAY - timedelta(days=5 * 365)).isoformat()


def mistakes(step: Step, **changes: Any) -> dict[str, Any]:
    form = form_of(step, listed({**FORM, **changes}))
    form.validate()
    found: dict[str, Any] = form.errors
    return found


def listed(typed: dict[str, Any]) -> dict[str, list[str]]:
    return {
        name: list(value) if isinstance(value, list | tuple) else [str(value)]
        for name, value in typed.items()
    }


def sent(**changes: Any) -> tuple[Contact, Answers]:
    typed = listed({**FORM, **changes})
    filled = filled_in({step.value: typed for step in Step})
    assert filled is not None
    return filled.contact, filled.answers


@pytest.mark.parametrize(
    ("step", "typed"),
    [
        (Step.WHO, {}),
        (Step.WHO, OTHER),
        (Step.WHO, {**OTHER, "age_band": "under-18"}),
        (Step.WHO, {"phone": "+1 (847) 555-0142 x12", "way": "phone"}),
        (Step.WHO, {"zip_code": "60201-1234"}),
        (Step.WHO, {"patient_name": "x" * 100}),
        (Step.WHO, {"language": "other", "other_language": "Polish", "needs_interpreter": "y"}),
        (Step.HEADACHES, {"headache_days": "0", "migraine_days": "0"}),
        (Step.HEADACHES, {"headache_days": "30", "migraine_days": "30"}),
        (Step.HEADACHES, {"headache_days": "", "headache_days_unsure": "y"}),
        (Step.HEADACHES, {"migraine_days": "", "migraine_days_unsure": "y"}),
        (Step.HEADACHES, {"told": ["migraine", "tension-type"]}),
        (Step.HEADACHES, {"told": ["nobody"]}),
        (Step.HEADACHES, {"midas": "0", "hit6": "36", "scored_on": TODAY}),
        (Step.HEADACHES, {"midas": "450", "hit6": "78", "scored_on": "3/15/2026"}),
        (Step.TREATMENT, {"relief_triptan": "0", "relief_simple": "31"}),
        (Step.TREATMENT, {"preventive_6_kind": "cgrp", "preventive_6_months": "600"}),
        (Step.TREATMENT, {"had_toxin": "yes", "toxin_last_on": TODAY, "toxin_units": "1000"}),
        (Step.TREATMENT, {"had_toxin": "no", "toxin_elsewhere": "unsure"}),
        (Step.SAFETY, {"safety": []}),
        (Step.SAFETY, {"safety": ["allergy", "pregnant"]}),
        (Step.SAFETY, {"safety": ["none"]}),
        (Step.PRACTICAL, {"insurer": "Sample Health", "plan": "Gold 2000 PPO"}),
        (Step.PRACTICAL, {"window_1_first": TODAY}),
        (Step.PRACTICAL, {"window_3_first": TODAY, "window_3_last": TOMORROW}),
        (Step.PRACTICAL, {"travel_miles": "0"}),
        (Step.PRACTICAL, {"message": "abcd\r\n" * 200}),
    ],
)
def test_a_step_takes(app: Flask, step: Step, typed: dict[str, Any]) -> None:
    assert mistakes(step, **typed) == {}


@pytest.mark.parametrize(
    ("step", "field", "typed"),
    [
        (Step.WHO, "asks_for", {"asks_for": ""}),
        (Step.WHO, "asks_for", {"age_band": "under-18"}),
        (Step.WHO, "relationship", {**OTHER, "relationship": " "}),
        (Step.WHO, "may_ask", {**OTHER, "may_ask": ""}),
        (Step.WHO, "patient_name", {"patient_name": " "}),
        (Step.WHO, "patient_name", {"patient_name": "x" * 101}),
        (Step.WHO, "email", {"email": "nobody"}),
        (Step.WHO, "email", {"email": "josé@example.org"}),
        (Step.WHO, "email", {"email": "jo@example.org\nBcc: x@example.org"}),
        (Step.WHO, "phone", {"phone": "call me"}),
        (Step.WHO, "way", {"way": "phone", "phone": ""}),
        (Step.WHO, "way", {"way": "pigeon"}),
        (Step.WHO, "other_language", {"language": "other"}),
        (Step.WHO, "age_band", {"age_band": "40"}),
        (Step.WHO, "zip_code", {"zip_code": "602011"}),
        (Step.WHO, "zip_code", {"zip_code": "６０２０１"}),  # noqa: RUF001
        (Step.HEADACHES, "reason", {"reason": "other"}),
        (Step.HEADACHES, "told", {"told": []}),
        (Step.HEADACHES, "told", {"told": ["nobody", "migraine"]}),
        (Step.HEADACHES, "told", {"told": ["plague"]}),
        (Step.HEADACHES, "headache_days", {"headache_days": ""}),
        (Step.HEADACHES, "headache_days", {"headache_days": "31"}),
        (Step.HEADACHES, "headache_days", {"headache_days": "2.5"}),
        (Step.HEADACHES, "headache_days", {"headache_days": "-1"}),
        (Step.HEADACHES, "migraine_days", {"migraine_days": "23"}),
        (Step.HEADACHES, "length", {"length": ""}),
        (Step.HEADACHES, "over_three_months", {"over_three_months": ""}),
        (Step.HEADACHES, "midas", {"midas": "451"}),
        (Step.HEADACHES, "hit6", {"hit6": "35"}),
        (Step.HEADACHES, "hit6", {"hit6": "79"}),
        (Step.HEADACHES, "scored_on", {"scored_on": TOMORROW}),
        (Step.HEADACHES, "scored_on", {"scored_on": "soon"}),
        (Step.TREATMENT, "relief_opioid", {"relief_opioid": "32"}),
        (Step.TREATMENT, "preventive_1_kind", {"preventive_1_name": "topiramate"}),
        (Step.TREATMENT, "preventive_2_kind", {"preventive_2_outcomes": ["no-effect"]}),
        (
            Step.TREATMENT,
            "preventive_1_months",
            {"preventive_1_kind": "cgrp", "preventive_1_months": "many"},
        ),
        (Step.TREATMENT, "had_toxin", {"toxin_product": "Botox"}),
        (Step.TREATMENT, "had_toxin", {"had_toxin": "no", "toxin_last_on": FIVE_YEARS}),
        (Step.TREATMENT, "toxin_last_on", {"had_toxin": "yes", "toxin_last_on": TOMORROW}),
        (Step.TREATMENT, "toxin_last_on", {"had_toxin": "yes", "toxin_last_on": "0020-01-01"}),
        (Step.TREATMENT, "toxin_units", {"had_toxin": "yes", "toxin_units": "1001"}),
        (Step.TREATMENT, "toxin_effects", {"had_toxin": "yes", "toxin_effects": "x" * 501}),
        (Step.SAFETY, "safety", {"safety": ["none", "allergy"]}),
        (Step.SAFETY, "safety", {"safety": ["prefer-not", "allergy"]}),
        (Step.PRACTICAL, "insurer", {"insurer": "Sample Health 123 456 789"}),
        (Step.PRACTICAL, "plan", {"plan": "AB123456"}),
        (Step.PRACTICAL, "window_1_first", {"window_1_last": TOMORROW}),
        (Step.PRACTICAL, "window_1_last", {"window_1_first": FIVE_YEARS}),
        (
            Step.PRACTICAL,
            "window_2_last",
            {"window_2_first": TOMORROW, "window_2_last": TODAY.isoformat()},
        ),
        (Step.PRACTICAL, "travel_miles", {"travel_miles": "1001"}),
        (Step.PRACTICAL, "access_needs", {"access_needs": "x" * 301}),
        (Step.PRACTICAL, "message", {"message": "x" * 1001}),
        (Step.REVIEW, "consent_share", {"consent_share": ""}),
        (Step.REVIEW, "consent_emergency", {"consent_emergency": ""}),
    ],
)
def test_a_step_refuses(app: Flask, step: Step, field: str, typed: dict[str, Any]) -> None:
    assert set(mistakes(step, **typed)) == {field}


def test_a_guardian_may_ask_for_somebody_under_18(app: Flask) -> None:
    contact, answers = sent(**OTHER, age_band="under-18")
    assert (contact.relationship, answers.age_band) == ("mother", "under-18")
    page = begin(open_browser(app), open_clinic(), age_band="under-18")
    assert page.status_code == 422
    assert "licensed for adults" in page.text


def test_whoever_asks_for_themselves_has_no_relationship(app: Flask) -> None:
    assert sent(relationship="mother", may_ask="y")[0].relationship is None


def test_the_values_are_what_was_typed(app: Flask) -> None:
    contact, answers = sent(
        zip_code="60201-1234",
        told=["migraine", "other"],
        headache_days_unsure="y",
        relief_triptan="12",
        preventive_2_kind="cgrp",
        preventive_2_name="  erenumab ",
        window_1_first=TODAY.isoformat(),
    )
    assert (contact.name, answers.zip_code, answers.headache_days) == (
        *("Jo Markedname", "60201"),
        None,
    )
    assert answers.told == (Told.MIGRAINE, Told.OTHER)
    assert answers.pain_relief == {"triptan": 12}
    [tried] = answers.preventives
    assert (tried.kind, tried.name, tried.months) == (Preventive.CGRP, "erenumab", None)
    assert (answers.windows[0].first, answers.windows[0].last) == (TODAY, TODAY)


def test_a_day_may_be_typed_as_americans_write_it(app: Flask) -> None:
    _, answers = sent(had_toxin="yes", toxin_last_on="3/5/2026")
    assert answers.earlier_toxin is not None
    assert answers.earlier_toxin.last_on == date(2026, 3, 5)


def test_three_rows_are_shown_and_more_on_request_up_to_six(app: Flask) -> None:
    browser = open_browser(app)
    begin(browser, open_clinic())
    shown = []
    for _ in range(5):
        page = browser.get("/inquiry/treatment").text
        rows = page.count('id="preventive-')
        shown.append((rows, "Add another preventive" in page))
        data = {"add": "yes", "rows": str(rows), "preventive_1_name": "MARKEDANSWER"}
        answer = browser.post("/inquiry/treatment", data=data)
    assert shown == [(3, True), (4, True), (5, True), (6, False), (6, False)]
    assert answer.location == "/inquiry/treatment#preventive-6"
    assert "MARKEDANSWER" in browser.get("/inquiry/treatment").text


def test_a_row_in_use_is_always_shown(app: Flask) -> None:
    form = form_of(Step.TREATMENT, {"preventive_5_dose": ["100 mg"], "rows": ["nonsense"]})
    assert form.shown_rows() == range(1, 6)
