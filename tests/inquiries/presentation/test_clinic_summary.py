"""What a clinic reads first: days against the criteria, hints as reported, never a verdict."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.care.answers import AgeBand, EarlierToxin, PainRelief, SafetyPoint, YesNo
from directory.core.translations import in_language
from directory.inquiries.presentation.clinic_summary import InquiryView, view_of
from directory.inquiries.presentation.triage_notes import day_notes, relief_notes, toxin_notes
from tests.factories import make_answers, make_clinic, make_contact, make_inquiry

TODAY = date(2026, 11, 2)


def view(session: Session, **facts: Any) -> InquiryView:
    inquiry = make_inquiry(session, make_clinic(session))
    return view_of(inquiry, make_contact(), make_answers(**facts), today=TODAY)


@pytest.mark.parametrize(
    ("headache", "migraine", "said"),
    [
        (15, 8, "15 or more headache days, 8 or more"),
        (15, 7, "15 or more headache days, fewer than 8"),
        (14, 14, "Fewer than 15"),
        (0, 0, "Fewer than 15"),
        (None, 8, "not sure"),
        (20, None, "not sure"),
    ],
)
def test_the_days_are_compared_with_the_criteria(
    app: Flask, headache: int | None, migraine: int | None, said: str
) -> None:
    answers = make_answers(headache_days=headache, migraine_days=migraine)
    assert [said in note for note in day_notes(answers)] == [True]


def test_an_age_below_18_is_said_first(app: Flask) -> None:
    assert day_notes(make_answers(age_band=AgeBand.UNDER_18))[0].startswith("Under 18")


@pytest.mark.parametrize(
    ("kind", "days", "hints"),
    [
        (PainRelief.TRIPTAN, 9, 0),
        (PainRelief.TRIPTAN, 10, 1),
        (PainRelief.OPIOID, 10, 1),
        (PainRelief.COMBINATION, 10, 1),
        (PainRelief.SIMPLE, 14, 0),
        (PainRelief.SIMPLE, 15, 1),
        (PainRelief.GEPANT, 31, 0),
    ],
)
def test_frequent_pain_relief_is_named_as_reported(
    app: Flask, kind: PainRelief, days: int, hints: int
) -> None:
    notes = relief_notes(make_answers(pain_relief={kind: days}))
    assert len(notes) == hints
    assert all("as reported" in note for note in notes)


@pytest.mark.parametrize(
    ("days", "said"),
    [(84, "12 weeks have passed"), (83, "12 weeks will have passed on November 3, 2026")],
)
def test_the_12_weeks_are_counted_from_the_last_treatment(app: Flask, days: int, said: str) -> None:
    last_on = TODAY - timedelta(days=days)
    answers = make_answers(earlier_toxin=EarlierToxin(last_on=last_on))
    assert said in toxin_notes(answers, TODAY)[0]


def test_toxin_elsewhere_is_pointed_out(app: Flask) -> None:
    assert "elsewhere" in toxin_notes(make_answers(toxin_elsewhere=YesNo.YES), TODAY)[0]
    assert toxin_notes(make_answers(toxin_elsewhere=YesNo.NO), TODAY) == []


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ((), "not answered"),
        ((SafetyPoint.NONE,), "none of those asked about"),
        ((SafetyPoint.PREFER_NOT,), "prefers not to say here"),
        ((SafetyPoint.ALLERGY, SafetyPoint.PREFER_NOT), "allergy to a botulinum toxin product"),
    ],
)
def test_safety_says_what_was_answered(
    session: Session, points: tuple[SafetyPoint, ...], said: str
) -> None:
    found = view(session, safety=points)
    assert said in found.safety.facts[0].value
    assert len(found.points) == len(set(points) - {SafetyPoint.NONE, SafetyPoint.PREFER_NOT})


def test_the_sections_of_a_text_hold_everything(session: Session) -> None:
    sections = list(view(session, preventives=()).sections())
    text = " ".join(f"{fact.label} {fact.value}" for each in sections for fact in each.facts)
    for said in ("First assessment", "22", "14", "none told", "MARKEDANSWER", "markedmail@example"):
        assert said in text
    assert all(section.title for section in sections)


def test_a_view_shows_nothing_in_a_log(session: Session) -> None:
    assert "MARKEDANSWER" not in repr(view(session))


def test_a_view_speaks_the_language_of_the_moment(session: Session) -> None:
    with in_language("es"):
        found = view(session)
    assert found.message == "MARKEDANSWER: light hurts most."
