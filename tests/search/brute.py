"""Going through all listings, one by one: what a search must find, worked out the slow way."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.care.specialties import SPECIALTIES, CareGroup
from directory.core.clock import utc_now
from directory.geo.points import EARTH_RADIUS_MILES, Point, lat_band, lon_cell, unit_vector
from directory.providers.evidence import Tier
from directory.providers.models import Sex
from directory.search.index.cell_writer import pack_all
from directory.search.index.models import Listing
from directory.search.index.name_words import parse_name
from directory.search.index.packed_listing import LANGUAGES
from directory.search.query.criteria import WITHIN_CHOICES, Criteria, Sort
from tests.factories import make_npi

FIRST_NAMES = ("AMARA", "AMARIS", "BRUNO", "CELIA", "DARIO", "JANE", "JANELLE")
LAST_NAMES = ("FELDT", "FELDTMANN", "SMITH", "SMITHSON", "LINDQVIST", "OKAFOR")
PLACES = [
    Point(64.8, -147.7), Point(21.3, -157.8), Point(18.4, -66.1), Point(51.9, 179.9),
    Point(51.9, -179.9), Point(90, 0), Point(-90, 0), Point(89.9, 120), Point(0, 180),
    Point(41.9, -87.6), Point(42.0, -87.7), Point(40.7, -74.0),
]  # fmt: skip
_FAR = 12_500  # miles: further than any two places are apart


@dataclass(frozen=True)
class Row:
    """A listing as the brute force sees it."""

    npi: str
    place: int
    point: Point
    is_shown: bool
    tier: Tier
    specialties: frozenset[CareGroup]
    treatments: int
    sex: Sex | None
    is_accepting: bool | None
    takes_inquiries: bool
    has_telehealth: bool
    languages: frozenset[str]
    answer_minutes: int | None
    name: str


@dataclass(frozen=True)
class Expected:
    """What a search must say."""

    order: list[tuple[str, int]]
    radius_miles: int  # 0: anywhere
    tiers: frozenset[Tier]
    facets: dict[str, dict[object, int]]


def random_point(chance: random.Random) -> Point:
    """Return a point at, or more or less near, one of the places where things go wrong."""
    corner = chance.choice(PLACES)
    spread = chance.choice([0.0, 0.05, 0.5, 3.0])
    latitude = min(90.0, max(-90.0, corner.latitude + chance.uniform(-spread, spread)))
    longitude = corner.longitude + chance.uniform(-spread, spread)
    return Point(latitude, (longitude + 180) % 360 - 180)


def random_rows(chance: random.Random, professionals: int) -> list[Row]:
    """Invent professionals, some with several places."""
    rows = []
    for number in range(professionals):
        person = Row(
            npi=make_npi(50_000_000 + number),
            place=0,
            point=PLACES[0],
            is_shown=chance.random() < 0.7,
            tier=chance.choice([*Tier]),
            specialties=frozenset(chance.sample(SPECIALTIES, chance.choice([0, 1, 1, 2]))),
            treatments=chance.choice([0, 11, 61, 214]),
            sex=chance.choice([*Sex, None]),
            is_accepting=None,
            takes_inquiries=False,
            has_telehealth=chance.random() < 0.3,
            languages=frozenset(),
            answer_minutes=None,
            name=f"{chance.choice(LAST_NAMES)}, {chance.choice(FIRST_NAMES)} Q",
        )
        if not person.is_shown:
            person = replace(person, tier=Tier.NONE, treatments=0)
        rows += [_at_place(person, len(rows) + index + 1, chance) for index in range(
            chance.choice([1, 1, 2, 3]))]  # fmt: skip
    return rows


def _at_place(person: Row, place: int, chance: random.Random) -> Row:
    return replace(
        person,
        place=-place if chance.random() < 0.1 else place,
        point=random_point(chance),
        is_accepting=chance.choice([True, False, None]),
        takes_inquiries=chance.random() < 0.4,
        languages=frozenset(chance.sample(LANGUAGES[:4], chance.choice([0, 1, 2]))),
        answer_minutes=chance.choice([None, None, 30, 240, 2000]),
    )


def store(session: Session, rows: list[Row]) -> None:
    """Put the rows into the database, as they are."""
    session.execute(sa.insert(Listing), [_values(row) for row in rows])
    pack_all(session, now=utc_now())


def _values(row: Row) -> dict[str, object]:
    return {
        "npi": row.npi,
        "place": row.place,
        "clinic_id": None,
        "name": row.name,
        "is_shown": row.is_shown,
        "tier": int(row.tier),
        "specialties": sum(1 << SPECIALTIES.index(group) for group in row.specialties),
        "lat_band": lat_band(row.point.latitude),
        "lon_cell": lon_cell(row.point.longitude),
        "latitude": row.point.latitude,
        "longitude": row.point.longitude,
        "treatments": row.treatments,
        "sex": row.sex,
        "is_accepting": row.is_accepting,
        "takes_inquiries": row.takes_inquiries,
        "has_telehealth": row.has_telehealth,
        "languages": sum(1 << LANGUAGES.index(each) for each in row.languages),
        "answer_minutes": row.answer_minutes,
    }


def random_criteria(chance: random.Random) -> Criteria:
    """Ask for something, mostly with few filters."""
    name = None
    if chance.random() < 0.25:
        first, last = chance.choice(FIRST_NAMES)[:4], chance.choice(LAST_NAMES)[:5]
        name = parse_name(chance.choice([last, f"Dr. {first} {last}", f"{last} {first}, MD"]))
    tiers = [Tier.CONFIRMED, Tier.DOCUMENTED, Tier.SPECIALTY]
    return Criteria(
        near=None if name and chance.random() < 0.3 else random_point(chance),
        radius_miles=chance.choice(WITHIN_CHOICES),
        name=name,
        tiers=frozenset(chance.sample(tiers, chance.choice([0, 0, 1, 2]))),
        specialties=frozenset(chance.sample(SPECIALTIES, chance.choice([0, 0, 1, 3, 6]))),
        all_specialties=chance.random() < 0.2,
        sex=chance.choice([None, None, None, *Sex]),
        languages=frozenset(chance.sample(LANGUAGES[:4], chance.choice([0, 0, 0, 0, 1, 2]))),
        telehealth_only=chance.random() < 0.15,
        accepting_only=chance.random() < 0.15,
        inquiries_only=chance.random() < 0.15,
        sort=chance.choice(list(Sort)),
        may_widen=chance.random() < 0.7,
    )


class BruteForce:
    """Answers by going through all rows. The formula of distances is the textbook's."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows
        self._radians = {row: _radians(row.point) for row in rows}

    def search(self, criteria: Criteria) -> Expected:
        """Return what must be found."""
        miles = self._miles(criteria)
        for tiers, radius in self._steps(criteria):
            found = self._fold(criteria, miles, tiers, radius)
            if len(found) >= (1 if criteria.name else 3):
                break
        return Expected(
            order=_ordered(found, miles, criteria),
            radius_miles=radius,
            tiers=tiers,
            facets=self._facets(criteria, miles, tiers, radius),
        )

    def _steps(self, criteria: Criteria) -> Iterator[tuple[frozenset[Tier], int]]:
        """Distance first, then evidence."""
        asked = sorted(criteria.tiers)
        sets = [set(asked)]
        if criteria.may_widen and asked:
            for weaker in range(asked[-1] + 1, Tier.SPECIALTY + 1):
                sets.append({*sets[-1], Tier(weaker)})
        for tiers in sets:
            if criteria.near is None:
                yield frozenset(tiers), 0
                continue
            yield frozenset(tiers), criteria.radius_miles
            if criteria.may_widen:
                for radius in (10, 25, 50, 100, 250):
                    if radius > criteria.radius_miles:
                        yield frozenset(tiers), radius
                if criteria.name:
                    yield frozenset(tiers), 0

    def _miles(self, criteria: Criteria) -> dict[Row, float]:
        if criteria.near is None:
            return dict.fromkeys(self._rows, 0.0)
        center = _radians(criteria.near)
        found = {}
        for row in self._rows:
            # No two places are nearer than their latitudes are apart.
            apart = abs(self._radians[row][0] - center[0]) * EARTH_RADIUS_MILES
            is_far = apart > 251 and criteria.name is None
            found[row] = _FAR if is_far else _haversine_miles(center, self._radians[row])
        return found

    def _fold(
        self,
        criteria: Criteria,
        miles: dict[Row, float],
        tiers: frozenset[Tier],
        radius: int,
        *,
        but: str = "",
        also: Callable[[Row], bool] = lambda _row: True,
    ) -> dict[str, Row]:
        """Return for each professional the nearest row that passes."""
        limit = (radius or _FAR * 2) * (1 + 1e-9)
        nearest: dict[str, Row] = {}
        for row in self._rows:
            if miles[row] > limit or not also(row) or not _passes(row, criteria, tiers, but):
                continue
            known = nearest.get(row.npi)
            if known is None or self._nearer(row, known, criteria):
                nearest[row.npi] = row
        return nearest

    def _nearer(self, row: Row, known: Row, criteria: Criteria) -> bool:
        return (_chord(criteria, row), row.place) < (_chord(criteria, known), known.place)

    def _facets(
        self,
        criteria: Criteria,
        miles: dict[Row, float],
        tiers: frozenset[Tier],
        radius: int,
    ) -> dict[str, dict[object, int]]:
        def count(
            but: str, also: Callable[[Row], bool], within: int = radius, base: Criteria = criteria
        ) -> int:
            return len(self._fold(base, miles, tiers, within, but=but, also=also))

        def by(but: str, values: object, has: Callable[[Row, object], bool]) -> dict[object, int]:
            return {
                value: count(but, lambda row, value=value: has(row, value))  # type: ignore[misc]
                for value in values  # type: ignore[attr-defined]
            }

        everyone = replace(criteria, all_specialties=True)
        return {
            "within": {}
            if criteria.near is None
            else {each: count("", lambda _row: True, each) for each in WITHIN_CHOICES},
            "evidence": by("evidence", Tier, lambda row, tier: row.tier is tier),
            "specialty": by(
                "specialty",
                SPECIALTIES,
                lambda row, group: row.is_shown and group in row.specialties,
            ),
            "sex": by("sex", Sex, lambda row, sex: row.sex is sex),
            "language": by(
                "language", LANGUAGES[:4], lambda row, language: language in row.languages
            ),
            "others": {
                "usual": count("specialty", lambda row: row.is_shown),
                "all_specialties": count(
                    "",
                    lambda _row: True,
                    criteria.radius_miles if criteria.near else 0,
                    everyone,
                ),
                "telehealth": count("telehealth", lambda row: row.has_telehealth),
                "accepting": count("accepting", lambda row: row.is_accepting is True),
                "inquiries": count("inquiries", lambda row: row.takes_inquiries),
            },
        }


def _passes(row: Row, criteria: Criteria, tiers: frozenset[Tier], but: str) -> bool:
    tests = {
        "evidence": not tiers or row.tier in tiers,
        "specialty": _has_specialty(row, criteria),
        "sex": criteria.sex is None or row.sex is criteria.sex,
        "language": not criteria.languages or bool(row.languages & criteria.languages),
        "telehealth": not criteria.telehealth_only or row.has_telehealth,
        "accepting": not criteria.accepting_only or row.is_accepting is True,
        "inquiries": not criteria.inquiries_only or row.takes_inquiries,
        "name": _has_name(row, criteria),
    }
    return all(passes for name, passes in tests.items() if name != but)


def _has_specialty(row: Row, criteria: Criteria) -> bool:
    if criteria.all_specialties:
        return True
    if criteria.specialties:
        return row.is_shown and bool(row.specialties & criteria.specialties)
    return row.is_shown or criteria.name is not None


def _has_name(row: Row, criteria: Criteria) -> bool:
    if criteria.name is None:
        return True
    own = row.name.lower().replace(",", "").split()
    return all(any(each.startswith(word.pieces[0]) for each in own) for word in criteria.name.words)


def _ordered(
    found: dict[str, Row], miles: dict[Row, float], criteria: Criteria
) -> list[tuple[str, int]]:
    del miles
    firsts: dict[Sort, Callable[[Row], float]] = {
        Sort.RECOMMENDED: lambda row: row.tier,
        Sort.DISTANCE: lambda _row: 0,
        Sort.DOCUMENTED: lambda row: -row.treatments,
        Sort.FASTEST: lambda row: math.inf if row.answer_minutes is None else row.answer_minutes,
    }
    first = firsts[criteria.sort]
    rows = sorted(found.values(), key=lambda row: (first(row), _chord(criteria, row), row.npi))
    return [(row.npi, row.place) for row in rows]


def _chord(criteria: Criteria, row: Row) -> float:
    """Order equally far places as the search does: to the last digit."""
    if criteria.near is None:
        return 2.0 * (not row.takes_inquiries) + (row.is_accepting is not True)
    x, y, z = unit_vector(row.point)
    a, b, c = unit_vector(criteria.near)
    return (x - a) * (x - a) + (y - b) * (y - b) + (z - c) * (z - c)


def _radians(point: Point) -> tuple[float, float]:
    return math.radians(point.latitude), math.radians(point.longitude)


def _haversine_miles(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Measure by the textbook formula, which shares nothing with chords and cells."""
    (lat, lon), (other_lat, other_lon) = one, other
    half = math.sin((other_lat - lat) / 2) ** 2
    half += math.cos(lat) * math.cos(other_lat) * math.sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_MILES * math.asin(min(1.0, math.sqrt(half)))
