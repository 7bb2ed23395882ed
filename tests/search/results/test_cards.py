import dataclasses
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.db.database import db
from directory.core.versioned_cache import cache_named
from directory.geo.points import miles_between
from directory.providers.models import Clinician, OptOut, Provider, Source
from directory.search.index.data_versions import current_version
from directory.search.index.listings import refresh_listings
from directory.search.query.criteria import Criteria
from directory.search.results import cards
from directory.search.results.cards import ResultPage, result_page
from tests.factories import CHICAGO, EVANSTON, TODAY, make_clinic, make_location, make_provider


def page_of(session: Session, criteria: Criteria | None = None, **given) -> ResultPage:
    asked = criteria or Criteria(near=EVANSTON)
    version = current_version(session)
    return result_page(session, asked, version, **{"page": 1, "today": TODAY, **given})


def test_distances_are_those_of_geopy(session: Session) -> None:
    location = make_location(session, make_provider(session), at=CHICAGO)
    [result] = page_of(session).results
    assert location.latitude is not None
    assert result.miles == pytest.approx(miles_between(EVANSTON, CHICAGO), rel=1e-9)


def test_what_is_in_memory_is_of_this_version_only(session: Session) -> None:
    location = make_location(session, make_provider(session))
    first = page_of(session)
    assert page_of(session) is first

    session.get_one(Provider, location.npi).last_name = "Lindqvist"
    refresh_listings(session, [location.npi])

    assert page_of(session).results[0].card.full_name == "Amara Lindqvist, MD"


def test_a_new_year_counts_experience_anew(session: Session) -> None:
    provider = make_provider(session)
    fact = {"npi": provider.npi, "source": Source.CLINICIANS, "as_of": TODAY}
    session.add(Clinician(graduation_year=2006, **fact))
    make_location(session, provider)

    years = [
        page_of(session, today=date(year, 1, 1)).results[0].card.experience for year in (2026, 2027)
    ]
    assert [each.years for each in years if each] == [20, 21]


def test_memory_has_an_end(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "_CACHED_PAGES", 3)
    make_location(session, make_provider(session))
    for page in range(1, 20):
        page_of(session, page=page)
    version = current_version(session)
    assert len(cache_named("search-pages", 3).of(f"{version.tag} {TODAY.year}")) <= 4


def test_an_answering_record_shows_from_five_inquiries_on(session: Session) -> None:
    location = make_location(session, make_provider(session))
    clinic = make_clinic(session, location, inquiries_received=4, inquiries_answered=4)
    clinic.answer_minutes = 90
    refresh_listings(session, [location.npi])
    assert page_of(session).results[0].card.answers is None

    clinic.inquiries_received = 5
    refresh_listings(session, [location.npi])
    answers = page_of(session).results[0].card.answers
    assert answers is not None
    assert dataclasses.astuple(answers) == (5, 4, 90)


def test_who_was_hidden_meanwhile_is_not_on_a_page_of_before(session: Session) -> None:
    people = [make_location(session, make_provider(session)).npi for _ in range(30)]
    first = page_of(session)
    hidden = sorted(set(people) - {each.card.npi for each in first.results})[0]
    session.add(OptOut(npi=hidden, created_at=sa.func.now()))
    refresh_listings(session, [hidden])

    second = page_of(session, page=2, as_of=first.version)

    shown = {each.card.npi for each in (*first.results, *second.results)}
    assert shown == set(people) - {hidden}
    assert second.total == 30  # as the page before said
    db.session.rollback()
