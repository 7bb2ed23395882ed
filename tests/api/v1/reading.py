"""A program that reads, and people for it to find."""

import random
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.geo.places import resolve
from directory.geo.points import Point
from directory.providers.models import AcceptingPatients, Clinician, Sex, Source
from directory.search.index.data_versions import current_version
from directory.search.query.request import parse_search
from directory.search.results.cards import result_page
from directory.search.results.values import ResultPage
from tests.factories import (
    EVANSTON,
    FAMILY,
    NEUROLOGY,
    TODAY,
    make_clinic,
    make_location,
    make_provider,
)
from tests.inquiries.patient import open_browser

LISTINGS = "/api/v1/listings"
PROBLEM = "application/problem+json"


def ask(app: Flask, query: str = "", **options: Any) -> TestResponse:
    """Ask for listings; the query is what stands behind the question mark."""
    return open_browser(app).open(f"{LISTINGS}?{query}", **options)


def read(app: Flask, query: str) -> dict[str, Any]:
    """Return the content of an answer that has to be a good one."""
    answer = ask(app, query)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.get_json()
    return content


def read_all(app: Flask, query: str) -> list[str]:
    """Return the NPIs of all pages, from link to link."""
    content = read(app, query)
    found = npis(content)
    while content["next"]:
        content = read(app, urlsplit(content["next"]).query)
        found += npis(content)
    return found


def npis(content: dict[str, Any]) -> list[str]:
    """Return who is on a page, in order."""
    return [each["npi"] for each in content["results"]]


def shown(query: dict[str, list[str]]) -> ResultPage:
    """Return what the results page shows for this query."""
    db.session().rollback()
    asked = parse_search(query)
    place = resolve(asked.near).place
    return result_page(
        db.session(),
        asked.criteria(place.point if place else None),
        current_version(db.session()),
        page=asked.page,
        today=utc_now().date(),
    )


def add_people(count: int, *, seed: int = 4) -> list[str]:
    """Commit people of all kinds, within some miles of Evanston or a few degrees away."""
    chance = random.Random(seed)
    with writing() as session:
        return [_add_person(session, chance) for _ in range(count)]


def _add_person(session: Session, chance: random.Random) -> str:
    provider = make_provider(
        session,
        taxonomy=chance.choice([NEUROLOGY, NEUROLOGY, FAMILY, "208VP0000X", "208100000X"]),
        treatments=chance.choice([None, None, 12, 61, 214]),
        sex=chance.choice([*Sex, None]),
        last_name=chance.choice(["Feldt", "O'Neil", "Lindqvist"]),
        first_name=chance.choice(["Amara", "José", "Celia"]),
        enumerated_on=chance.choice([None, date(2006, 6, 1)]),
    )
    if chance.random() < 0.3:
        fact = {"npi": provider.npi, "source": Source.CLINICIANS, "as_of": TODAY}
        session.add(Clinician(telehealth=True, graduation_year=1999, **fact))
        session.flush()
    for _ in range(chance.choice([1, 1, 2])):
        spread = chance.choice([0.02, 0.3, 3.0])
        at = Point(
            EVANSTON.latitude + chance.uniform(-spread, spread),
            EVANSTON.longitude + chance.uniform(-spread, spread),
        )
        accepting = chance.choice([None, *AcceptingPatients])
        location = make_location(session, provider, at=at, accepting_patients=accepting)
        if chance.random() < 0.3:
            make_clinic(session, location, languages=chance.choice(["en", "en,es", "zh"]))
    return provider.npi
