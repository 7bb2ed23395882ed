"""The search, compared with going through all listings."""

import random
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from directory.geo.points import Point
from directory.providers.evidence import Tier
from directory.search.index.cell_reader import cell_cache
from directory.search.query.criteria import Criteria
from directory.search.query.nearest import Found, nearest
from tests.factories import CHICAGO, EVANSTON, make_location, make_provider
from tests.search.brute import BruteForce, Row, random_criteria, random_rows, store

QUESTIONS = 800  # on each database
PARTS = 4  # so that several processes share them
SEED = 20261124


def test_the_nearest_comes_first_and_all_are_counted(session: Session) -> None:
    far = make_location(session, make_provider(session), at=CHICAGO)
    near = make_location(session, make_provider(session), at=EVANSTON)

    found = nearest(session, Criteria(near=EVANSTON))

    assert [match.npi for match in found.matches] == [near.npi, far.npi]
    assert found.total == 2


def test_evidence_comes_before_distance(session: Session) -> None:
    near = make_location(session, make_provider(session), at=EVANSTON)
    documented = make_location(session, make_provider(session, treatments=61), at=CHICAGO)

    found = nearest(session, Criteria(near=EVANSTON))

    assert [match.npi for match in found.matches] == [documented.npi, near.npi]
    assert found.confirmed_or_documented == 1


def test_two_places_of_one_professional_are_one_result(session: Session) -> None:
    provider = make_provider(session)
    make_location(session, provider, at=CHICAGO)
    nearer = make_location(session, provider, at=EVANSTON, is_primary=False)

    found = nearest(session, Criteria(near=EVANSTON))

    assert found.total == 1
    assert found.matches[0].place == nearer.id


def test_the_search_goes_further_until_three_match(session: Session) -> None:
    for miles_north in (0.0, 0.5, 1.0):  # degrees: about 0, 35 and 69 miles
        make_location(session, make_provider(session), at=Point(42 + miles_north, -87.7))

    found = nearest(session, Criteria(near=Point(42, -87.7), radius_miles=10))

    assert (found.total, found.radius_miles) == (3, 100)


def test_after_the_distance_the_evidence_is_widened(session: Session) -> None:
    for _ in range(2):
        make_location(session, make_provider(session, treatments=61), at=EVANSTON)
    for _ in range(4):
        make_location(session, make_provider(session), at=EVANSTON)
    asked = Criteria(near=EVANSTON, tiers=frozenset({Tier.DOCUMENTED}))

    found = nearest(session, asked)

    assert (found.total, found.radius_miles) == (6, 25)
    assert found.tiers == {Tier.DOCUMENTED, Tier.SPECIALTY}
    assert nearest(session, replace(asked, may_widen=False)).total == 2


def test_other_specialties_appear_only_when_asked_for(session: Session) -> None:
    make_location(session, make_provider(session, taxonomy="207Q00000X"))

    assert nearest(session, Criteria(near=EVANSTON)).total == 0
    assert nearest(session, Criteria(near=EVANSTON, all_specialties=True)).total == 1


@pytest.fixture
def rows(session: Session) -> list[Row]:
    rows = random_rows(random.Random(SEED), 500)
    store(session, rows)
    return rows


def facets_of(found: Found) -> dict[str, dict[object, int]]:
    facets = found.facets
    assert facets is not None
    return {
        "within": dict(facets.within),
        "evidence": dict(facets.evidence),
        "specialty": dict(facets.specialty),
        "sex": dict(facets.sex),
        "language": {each: facets.language.get(each, 0) for each in ("en", "es", "zh", "tl")},
        "others": {
            "usual": facets.usual,
            "all_specialties": facets.all_specialties,
            "telehealth": facets.telehealth,
            "accepting": facets.accepting,
            "inquiries": facets.inquiries,
        },
    }


@pytest.mark.parametrize("part", range(PARTS))
def test_every_filter_order_page_and_count_equals_brute_force(
    session: Session, rows: list[Row], part: int
) -> None:
    chance = random.Random(SEED + 1 + part)
    brute = BruteForce(rows)
    answered = 0
    for _ in range(QUESTIONS // PARTS):
        criteria, page = random_criteria(chance), chance.choice([1, 1, 1, 2, 3])
        if chance.random() < 0.3:
            cell_cache().clear()
        expected = brute.search(criteria)

        found = nearest(session, criteria, page=page)
        plain = nearest(session, criteria, page=page, with_facets=False)

        got = [(match.npi, match.place) for match in found.matches]
        assert got == expected.order[(page - 1) * 20 : page * 20], criteria
        assert found.total == len(expected.order), criteria
        assert (found.radius_miles, found.tiers) == (expected.radius_miles, expected.tiers), (
            criteria
        )
        assert facets_of(found) == expected.facets, criteria
        assert (plain.matches, plain.total) == (found.matches, found.total), criteria
        answered += bool(expected.order)
    assert answered > QUESTIONS / PARTS / 4  # the questions must not all be about empty places


def test_pages_hold_everybody_once(session: Session, rows: list[Row]) -> None:
    brute = BruteForce(rows)
    criteria = Criteria(near=Point(41.95, -87.65), radius_miles=250, all_specialties=True)
    expected = brute.search(criteria)

    pages = [nearest(session, criteria, page=page).matches for page in range(1, 30)]

    got = [(match.npi, match.place) for page in pages for match in page]
    assert got == expected.order
    assert len(got) > 60
