"""The bundled file of ZIP codes, read once a process, and the cities made from it.

Loading only indexes the lines; each is parsed when it is first used. That makes the first
search of a new process fast.
"""

import bisect
import functools
import gzip
from collections import Counter
from collections.abc import Iterable
from importlib import resources
from typing import NamedTuple

from directory.core.text import folded
from directory.geo.points import Point, Precision, middle_of

_WRITTEN_OUT = {
    "st": "saint",
    "ste": "sainte",
    "ft": "fort",
    "mt": "mount",
    "mtn": "mountain",
    "pt": "point",
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
    "hts": "heights",
    "spgs": "springs",
    "vly": "valley",
    "twp": "township",
}
_AFTER_Z = "{"  # the character after z: what begins with "ev" is between "ev" and "ev{"
_TOWNS_OWN = "t"  # The source of a ZIP code that we know only the town of.


class ZipRow(NamedTuple):
    """One line of the file."""

    zip_code: str
    point: Point
    source: str
    city: str
    state: str

    @property
    def precision(self) -> Precision:
        return Precision.CITY if self.source == _TOWNS_OWN else Precision.ZIP


class City(NamedTuple):
    """A city of one state, and its ZIP codes."""

    name: str
    state: str
    zip_codes: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"{self.name}, {self.state}"

    @property
    def point(self) -> Point:
        """The position of its central ZIP code, so that a search starts among people."""
        return central_point(self.zip_codes)


def find_zip_row(zip_code: str) -> ZipRow | None:
    """Return what the file says of a ZIP code of five digits."""
    line = _line_of_zip().get(zip_code)
    return _parsed(line) if line else None


def zip_codes() -> tuple[str, ...]:
    """Return all ZIP codes of the file."""
    return tuple(_line_of_zip())


@functools.lru_cache(maxsize=1024)
def cities_named(name: str) -> tuple[City, ...]:
    """Return the cities of that name, the one with most ZIP codes first."""
    towns = _towns_of_key().get(city_key(name))
    found = [_city(town) for town in towns.split(";")] if towns else []
    by_state: dict[str, City] = {}
    # One state may spell a name in two ways; the more common spelling stays.
    for city in sorted(found, key=_largest_first):
        known = by_state.setdefault(city.state, city)
        if known is not city:
            by_state[city.state] = known._replace(zip_codes=known.zip_codes + city.zip_codes)
    return tuple(sorted(by_state.values(), key=_largest_first))


def find_city(name: str, state: str) -> City | None:
    """Return the city of that name in the state."""
    return next((city for city in cities_named(name) if city.state == state), None)


@functools.cache
def city_keys() -> tuple[str, ...]:
    """Return the keys of all cities, for finding misspelled ones."""
    return tuple(_towns_of_key())


@functools.lru_cache(maxsize=4096)
def cities_beginning(name: str) -> tuple[City, ...]:
    """Return the cities whose name begins like this, the one with most ZIP codes first."""
    plain = "".join(folded(name).split())
    # "St" may begin "Sterling" or "St. Louis".
    beginnings = dict.fromkeys([plain, city_key(name)])
    if not plain:
        return ()
    keys = _sorted_keys()
    found: dict[str, City] = {}
    for beginning in beginnings:
        first = bisect.bisect_left(keys, beginning)
        last = bisect.bisect_left(keys, beginning + _AFTER_Z)
        for key in keys[first:last]:
            found.update((city.label, city) for city in cities_named(key))
    return tuple(sorted(found.values(), key=_largest_first))


@functools.cache
def _sorted_keys() -> list[str]:
    return sorted(city_keys())


@functools.lru_cache(maxsize=1024)
def find_area(prefix: str) -> tuple[Point, str] | None:
    """Return the mean position, and the state, of the ZIP codes that begin with three digits.

    The mean is of its main state only: 967 is Hawaii, and American Samoa 2,600 miles away.
    """
    neighbors = (find_zip_row(f"{prefix}{last_two:02}") for last_two in range(100))
    rows = [row for row in neighbors if row is not None]
    if not rows:
        return None
    state = Counter(row.state for row in rows).most_common(1)[0][0]
    inside = [row.point for row in rows if row.state == state]
    latitude = sum(point.latitude for point in inside) / len(inside)
    longitude = sum(point.longitude for point in inside) / len(inside)
    return Point(latitude, longitude), state


@functools.cache
def state_point(state: str) -> Point:
    """Return the position of the state's central ZIP code."""
    ending = f",{state}"
    codes = [code for code, line in _line_of_zip().items() if line.endswith(ending)]
    return central_point(tuple(codes[::8]))  # One in eight finds the same middle, sooner.


@functools.lru_cache(maxsize=1024)
def central_point(codes: tuple[str, ...]) -> Point:
    """Return the position of the central ZIP code, of those that have one of their own."""
    rows = [_parsed(_line_of_zip()[code]) for code in codes]
    own = [row.point for row in rows if row.source != _TOWNS_OWN]
    return middle_of(own or [row.point for row in rows])


def city_key(name: str) -> str:
    """Return what all spellings of a city's name have in common.

    >>> city_key("St. Louis") == city_key("Saint Louis")
    True
    >>> city_key("Mc Lean") == city_key("McLean")
    True
    """
    # Nothing to fold in most names, and the index is made of all 30,000.
    if name.isascii() and name.isalpha():
        return _WRITTEN_OUT.get(name.lower(), name.lower())
    return "".join([_WRITTEN_OUT.get(word, word) for word in folded(name).split()])


@functools.cache
def _line_of_zip() -> dict[str, str]:
    file = resources.files("directory.geo") / "data" / "places.csv.gz"
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()[1:]
    return {line[:5]: line for line in lines}


@functools.cache
def _zip_codes_of_town() -> dict[str, str]:
    """File the ZIP codes, with blanks between, by "city,STATE", the end of their line."""
    return _filed((line.split(",", 4)[4], code) for code, line in _line_of_zip().items())


@functools.cache
def _towns_of_key() -> dict[str, str]:
    """File those "city,STATE", with semicolons between, by the key of the city."""
    return _filed(((city_key(town[:-3]), town) for town in _zip_codes_of_town()), between=";")


def _filed(pairs: Iterable[tuple[str, str]], *, between: str = " ") -> dict[str, str]:
    # Strings instead of lists: the garbage collector would walk 50,000 of those again and again.
    filed: dict[str, str] = {}
    for key, value in pairs:
        filed[key] = f"{filed[key]}{between}{value}" if key in filed else value
    return filed


def _city(town: str) -> City:
    name, _, state = town.rpartition(",")
    return City(name, state, tuple(_zip_codes_of_town()[town].split()))


def _largest_first(city: City) -> tuple[int, str]:
    return -len(city.zip_codes), city.state


def _parsed(line: str) -> ZipRow:
    zip_code, latitude, longitude, source, city, state = line.split(",")
    return ZipRow(zip_code, Point(float(latitude), float(longitude)), source, city, state)
