"""The nearest listings, compared with going through all of them."""

import math
import random
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.geo.circle import lat_band
from directory.geo.points import EARTH_RADIUS_MILES, Point, unit_vector
from directory.providers.evidence import Tier
from directory.providers.models import EntityType, PracticeLocation, Provider, Sex, Source
from directory.providers.taxonomies import SPECIALTIES, CareGroup
from directory.search.criteria import WITHIN_CHOICES, Criteria, Sort
from directory.search.models import Listing
from directory.search.queries import nearest, within
from tests.factories import CHICAGO, EVANSTON, TODAY, make_location, make_npi, make_provider

QUESTIONS = 10_000
PARTS = 4  # so that several processes share them
SEED = 20261102


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

    at = session.get_one(Listing, found.matches[0].listing_id)
    assert found.total == 1
    assert at.practice_location_id == nearer.id


def test_the_search_goes_further_until_three_match(session: Session) -> None:
    for miles_north in (0.0, 0.5, 1.0):  # degrees: about 0, 35 and 69 miles
        make_location(session, make_provider(session), at=Point(42 + miles_north, -87.7))

    found = nearest(session, Criteria(near=Point(42, -87.7), radius_miles=10))

    assert (found.total, found.radius_miles) == (3, 100)


def test_other_specialties_appear_only_when_asked_for(session: Session) -> None:
    make_location(session, make_provider(session, taxonomy="207Q00000X"))

    assert nearest(session, Criteria(near=EVANSTON)).total == 0
    assert nearest(session, Criteria(near=EVANSTON, all_specialties=True)).total == 1


@dataclass(frozen=True)
class Row:
    """A listing as the brute force sees it."""

    id: int
    npi: str
    care_group: int
    tier: int
    point: Point
    treatments: int
    sex: Sex | None
    is_accepting: bool | None
    takes_inquiries: bool
    vector: tuple[float, float, float]
    radians: tuple[float, float]


def _random_point(random: random.Random) -> Point:
    corners = [
        Point(64.8, -147.7), Point(21.3, -157.8), Point(18.4, -66.1), Point(51.9, 179.9),
        Point(51.9, -179.9), Point(90, 0), Point(-90, 0), Point(89.9, 120), Point(0, 180),
        Point(41.9, -87.6), Point(42.0, -87.7), Point(40.7, -74.0),
    ]  # fmt: skip
    corner = random.choice(corners)
    spread = random.choice([0.0, 0.05, 0.5, 3.0])
    latitude = min(90.0, max(-90.0, corner.latitude + random.uniform(-spread, spread)))
    longitude = corner.longitude + random.uniform(-spread, spread)
    return Point(latitude, (longitude + 180) % 360 - 180)


def _fill(session: Session, random: random.Random) -> list[Row]:
    rows: list[Row] = []
    providers, locations, listings = [], [], []
    for number in range(900):
        npi, sex = make_npi(50_000_000 + number), random.choice([*Sex, None])
        tier, treatments = random.choice([*Tier]), random.choice([0, 11, 61, 214])
        fact = {"npi": npi, "source": Source.NPPES, "as_of": TODAY}
        providers.append({**fact, "entity_type": EntityType.INDIVIDUAL, "sex": sex})
        for _ in range(random.choice([1, 1, 2, 3])):
            point = _random_point(random)
            place = {"latitude": point.latitude, "longitude": point.longitude, "precision": "zip"}
            location_id = len(locations) + 1
            address = {"line1": "1 A St", "city": "X", "state": "IL", "zip_code": "60201"}
            locations.append(
                {**fact, **place, **address, "id": location_id, "is_primary": False,
                 "address_key": f"{location_id}"}
            )  # fmt: skip
            groups = {random.choice([CareGroup.USUAL, CareGroup.OTHER])}
            groups |= set(random.sample(SPECIALTIES, random.choice([0, 1, 2])))
            accepting, inquiries = random.choice([True, False, None]), random.random() < 0.4
            for group in sorted(groups):
                row = Row(len(listings) + 1, npi, group, tier, point, treatments, sex,
                          accepting, inquiries, unit_vector(point), _radians(point))  # fmt: skip
                rows.append(row)
                x, y, z = row.vector
                listings.append(
                    {"id": row.id, "npi": npi, "practice_location_id": location_id,
                     "care_group": int(group), "tier": int(tier), "x": x, "y": y, "z": z,
                     "latitude": point.latitude, "longitude": point.longitude,
                     "lat_band": lat_band(point.latitude), "treatments": treatments, "sex": sex,
                     "is_accepting": accepting, "takes_inquiries": inquiries}
                )  # fmt: skip
    for table, values in (
        (Provider, providers),
        (PracticeLocation, locations),
        (Listing, listings),
    ):
        session.execute(sa.insert(table), values)
    return rows


def _random_criteria(random: random.Random) -> Criteria:
    return Criteria(
        near=_random_point(random),
        radius_miles=random.choice([1, *WITHIN_CHOICES, 3000]),
        tiers=frozenset(random.sample(list(Tier), random.choice([0, 0, 1, 2]))),
        specialties=frozenset(random.sample(SPECIALTIES, random.choice([0, 0, 1, 3, 6]))),
        all_specialties=random.random() < 0.2,
        sex=random.choice([None, None, *Sex]),
        accepting_only=random.random() < 0.2,
        inquiries_only=random.random() < 0.2,
        sort=random.choice(list(Sort)),
    )


def _passes(row: Row, criteria: Criteria) -> bool:
    return (
        (not criteria.tiers or row.tier in criteria.tiers)
        and (criteria.sex is None or row.sex is criteria.sex)
        and (not criteria.accepting_only or row.is_accepting is True)
        and (not criteria.inquiries_only or row.takes_inquiries)
    )


def _radians(point: Point) -> tuple[float, float]:
    return math.radians(point.latitude), math.radians(point.longitude)


def _haversine_miles(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Measure by the textbook formula, which shares nothing with chords and bands."""
    (lat, lon), (other_lat, other_lon) = one, other
    half = math.sin((other_lat - lat) / 2) ** 2
    half += math.cos(lat) * math.cos(other_lat) * math.sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_MILES * math.asin(min(1.0, math.sqrt(half)))


def _brute_force(rows: list[Row], criteria: Criteria) -> list[tuple[str, int]]:
    nearest_of: dict[str, tuple[float, int, Row]] = {}
    center, (a, b, c) = _radians(criteria.near), unit_vector(criteria.near)
    limit = criteria.radius_miles * (1 + 1e-9)
    groups = frozenset(criteria.care_groups())
    for row in rows:
        if row.care_group not in groups:
            continue
        # No two places are nearer than their latitudes are apart.
        if abs(row.radians[0] - center[0]) * EARTH_RADIUS_MILES > limit:
            continue
        if not _passes(row, criteria) or _haversine_miles(center, row.radians) > limit:
            continue
        x, y, z = row.vector
        chord_squared = (x - a) * (x - a) + (y - b) * (y - b) + (z - c) * (z - c)
        candidate = (chord_squared, row.id, row)
        if row.npi not in nearest_of or candidate[:2] < nearest_of[row.npi][:2]:
            nearest_of[row.npi] = candidate
    orders = {
        Sort.RECOMMENDED: lambda it: (it[2].tier, it[0], it[2].npi),
        Sort.DISTANCE: lambda it: (it[0], it[2].npi),
        Sort.DOCUMENTED: lambda it: (-it[2].treatments, it[0], it[2].npi),
    }
    ordered = sorted(nearest_of.values(), key=orders[criteria.sort])
    return [(row.npi, row_id) for _, row_id, row in ordered]


@pytest.fixture
def rows(session: Session) -> list[Row]:
    return _fill(session, random.Random(SEED))


@pytest.mark.parametrize("part", range(PARTS))
def test_search_equals_brute_force_on_ten_thousand_questions(
    session: Session, rows: list[Row], part: int
) -> None:
    chance = random.Random(SEED + 1 + part)
    answered = 0
    for _ in range(QUESTIONS // PARTS):
        criteria, page = _random_criteria(chance), chance.choice([1, 1, 1, 2, 3])
        expected = _brute_force(rows, criteria)

        found = within(session, criteria, criteria.radius_miles, page=page, page_size=20)

        got = [(match.npi, match.listing_id) for match in found.matches]
        assert got == expected[(page - 1) * 20 : page * 20], criteria
        assert found.total == len(expected), criteria
        answered += bool(expected)
    assert answered > QUESTIONS / PARTS / 4  # the questions must not all be about empty places
