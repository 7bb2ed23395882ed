"""Generates practice addresses: ZIP codes of real cities with invented streets."""

import csv
import gzip
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from seeds.demo.words import State, likely, listed

_PLACES = Path(__file__).resolve().parents[2] / "directory/geo/data/places.csv.gz"
_CENSUS = "c"  # ZIP codes with an area, where people live
_NEAR = 5  # a second place of work is one of this many nearest


@dataclass(frozen=True)
class Area:
    """A ZIP code with its position and the likelihood that a provider works there."""

    zip_code: str
    city: str
    latitude: float
    longitude: float
    weight: float


@dataclass(frozen=True)
class Site:
    """An address with its phone number."""

    line1: str
    line2: str
    area: Area
    state: str
    phone: str


def read_areas() -> dict[str, list[Area]]:
    """Return the ZIP codes of each state, with a higher weight in cities."""
    with gzip.open(_PLACES, "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] == _CENSUS]
    in_city = Counter((row["state"], row["city"]) for row in rows)
    in_square = Counter(map(_square, rows))
    areas = defaultdict(list)
    for row in rows:
        near = sum(in_square[square] for square in _squares_around(*_square(row)))
        weight = _weight(near, in_city[row["state"], row["city"]])
        position = float(row["latitude"]), float(row["longitude"])
        areas[row["state"]].append(Area(row["zip"], row["city"], *position, weight))
    return areas


class SiteMaker:
    """Generates unique addresses."""

    def __init__(self, words: Mapping[str, Mapping[str, str]]) -> None:
        streets = words["streets"]
        self._starts = streets["starts"].split()
        self._ends = streets["ends"].split()
        self._types = streets["types"].split()
        self._spanish = listed(streets["spanish"])
        self._second_lines = listed(streets["second_lines"])
        self._area_codes = words["area_codes"]

    def make(
        self, random: Random, state: State, areas: Sequence[Area], count: int
    ) -> list[tuple[Site, float]]:
        """Return sites in a state, each with the likelihood that a person works there."""
        chosen = random.choices(areas, [area.weight for area in areas], k=count)
        area_code_of = {area.zip_code[:3]: random.choice(state.area_codes) for area in areas}
        sites: dict[tuple[str, str], Site] = {}
        for area in chosen:
            usual = area_code_of[area.zip_code[:3]]
            area_code = self._area_codes.get(f"{area.city}, {state.code}", usual)
            site = self._site(random, state, area, area_code)
            sites[site.line1, area.zip_code] = site
        # A few large clinics, many small practices.
        return [(site, 1 / (0.03 + random.random())) for site in sites.values()]

    def _site(self, random: Random, state: State, area: Area, area_code: str) -> Site:
        number = random.randint(100, 2999) if likely(random, 0.6) else random.randint(3000, 18999)
        return Site(
            line1=f"{number} {self._street(random, state)}",
            line2=self._second_line(random) if likely(random, 0.55) else "",
            area=area,
            state=state.code,
            phone=f"({area_code}) 555-01{random.randint(0, 99):02d}",
        )

    def _street(self, random: Random, state: State) -> str:
        if state.code == "PR":
            return f"Calle {random.choice(self._spanish)}"
        side = random.choice("NSEW") + " " if likely(random, 0.2) else ""
        start, end = random.choice(self._starts), random.choice(self._ends)
        return f"{side}{start}{end} {random.choice(self._types)}"

    def _second_line(self, random: Random) -> str:
        if likely(random, 0.1):
            return f"Floor {random.randint(2, 12)}"
        return f"{random.choice(self._second_lines)} {random.randint(100, 640)}"


def another_site(random: Random, site: Site, sites: Sequence[Site]) -> Site | None:
    """Return one of the sites nearest to a site, or None when it is the only one."""
    others = sorted((one for one in sites if one is not site), key=lambda one: _apart(site, one))
    return random.choice(others[:_NEAR]) if others else None


def _apart(one: Site, other: Site) -> float:
    north = one.area.latitude - other.area.latitude
    east = one.area.longitude - other.area.longitude
    return north * north + east * east * 0.6


def _square(row: Mapping[str, str]) -> tuple[int, int]:
    return math.floor(float(row["latitude"]) * 5), math.floor(float(row["longitude"]) * 4)


def _squares_around(south: int, west: int) -> list[tuple[int, int]]:
    return [(south + north, west + east) for north in (-1, 0, 1) for east in (-1, 0, 1)]


def _weight(near: int, in_city: int) -> float:
    """Return a weight by the number of ZIP codes nearby, a proxy for population."""
    if in_city == 1:
        return 0.15 * max(near - 6, 0.5)
    return math.sqrt(in_city) * max(near, 8)
