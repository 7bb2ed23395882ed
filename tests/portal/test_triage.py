"""The clinic's page holds all that somebody needs who triages, in the order of reading."""

from datetime import UTC, date, datetime

from flask import Flask

from directory.care.answers import (
    Coverage,
    EarlierToxin,
    Helped,
    Language,
    Outcome,
    PainRelief,
    PartOfDay,
    Preventive,
    SafetyPoint,
    TriedPreventive,
    Way,
    Window,
    YesNo,
)
from directory.core.db.database import writing
from directory.inquiries.models import Submission
from tests.factories import make_answers, make_contact
from tests.inquiries.patient import open_clinic
from tests.portal.staff import check_page, open_it, opened, waiting

FULL = {
    "safety": (SafetyPoint.SWALLOWING, SafetyPoint.PREGNANT),
    "preventives": (
        TriedPreventive(Preventive.ANTISEIZURE, "topiramate", "100 mg", 4, (Outcome.SIDE_EFFECTS,)),
        TriedPreventive(Preventive.CGRP, outcomes=(Outcome.STILL_TAKING,)),
    ),
    "pain_relief": {PainRelief.TRIPTAN: 12, PainRelief.SIMPLE: 14},
    "had_toxin": YesNo.YES,
    "earlier_toxin": EarlierToxin("Brandname", date(2026, 1, 5), 155, Helped.A_LOT, "sore neck"),
    "coverage": Coverage("Lake Health", "Silver", has_referral=True),
    "windows": (Window(date(2027, 1, 4), date(2027, 1, 8), PartOfDay.MORNING),),
    "travel_miles": 30,
    "access_needs": "a room without bright light",
}
PERSON = {
    "phone": "847-555-0150",
    "way": Way.PHONE,
    "part_of_day": PartOfDay.EVENING,
    "language": Language.SPANISH,
    "needs_interpreter": True,
}


def test_the_page_reads_from_the_question_to_the_contact(app: Flask) -> None:
    staff, path = opened(app, answers=make_answers(**FULL), contact=make_contact(**PERSON))
    page = staff.get(path).text
    told = [
        "First assessment",
        "Jo Markedname",
        "<dd>22</dd>",
        "<dd>14</dd>",
        "Over 3 months",
        "chronic migraine",
        "15 or more headache days, 8 or more of them migraine-like.",
        "trouble swallowing or breathing",
        "pregnant or breastfeeding",
        "topiramate 100 mg",
        "4 months",
        "side effects",
        "CGRP medication",
        "12 days a month",
        "Triptan on 10 or more days a month, as reported.",
        "January 5, 2026",
        "155",
        "sore neck",
        "12 weeks have passed since then.",
        "Lake Health, Silver",
        "January 4, 2027 to January 8, 2027, in the morning",
        "30 miles",
        "a room without bright light",
        "Spanish, needs an interpreter",
        "MARKEDANSWER: light hurts most.",
        'id="answer"',
        "by phone, in the evening",
        "markedmail@example.org",
        "847-555-0150",
        "What happened so far",
    ]
    places = [page.find(text) for text in told]
    assert [text for text, place in zip(told, places, strict=True) if place < 0] == []
    assert places == sorted(places)
    check_page(page)


def test_little_answered_still_makes_a_page(app: Flask) -> None:
    answers = make_answers(headache_days=None, migraine_days=None, told=(), message="")
    staff, path = opened(app, answers=answers)
    page = staff.get(path).text
    assert page.count("not sure") >= 2
    assert "No message." in page
    assert "None told." in page
    check_page(page)


def test_an_address_that_was_not_proved_is_marked(app: Flask) -> None:
    link = waiting()
    staff, path = open_it(app, link)
    assert "has not proved this email address" not in staff.get(path).text
    with writing() as session:
        session.query(Submission).one().is_email_proven = False
    assert "has not proved this email address" in staff.get(path).text


def test_whoever_asks_for_somebody_else_is_named_as_such(app: Flask) -> None:
    staff, path = opened(app, contact=make_contact(relationship="mother"))
    assert "Jo Markedname, for someone else (mother)" in staff.get(path).text


def test_times_are_those_of_the_clinic(app: Flask) -> None:
    clinic = open_clinic(time_zone="America/Phoenix")  # the same all year
    sent = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
    staff, path = open_it(app, waiting(clinic, now=sent))
    page = staff.get(path).text.replace("\xa0", " ")
    assert "sent November 1, 2026, 6:30 PM MST" in page


def test_the_page_speaks_the_language_of_its_address(app: Flask) -> None:
    staff, path = opened(app)
    assert '<html lang="es">' in staff.get(f"/es{path}").text
