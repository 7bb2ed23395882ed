"""What a geocoder's answer for a practice address is worth."""

import enum
from dataclasses import dataclass
from typing import Any

from geopy.location import Location

from directory.geo.places import zip_position
from directory.geo.points import Point, PointError, Precision, miles_between

# An answer further than this from its own ZIP code is a namesake. Where only the first three
# digits are known, the position to compare with is itself that rough.
_NAMESAKE_MILES = 15.0
_NAMESAKE_MILES_IN_AREA = 100.0
# Nominatim ranks what it found: towns and ZIP codes up to 25, streets from 26, houses 30.
_STREET_RANK = 26


@dataclass(frozen=True)
class Address:
    """A practice address, and who is there."""

    key: str
    line1: str
    city: str
    state: str
    zip_code: str
    npis: tuple[str, ...]

    @property
    def text(self) -> str:
        """The address as a geocoder is asked for it."""
        return f"{self.line1}, {self.city}, {self.state} {self.zip_code}"


class Outcome(enum.Enum):
    """What a geocoder's answer is worth."""

    FOUND = enum.auto()
    NOT_FOUND = enum.auto()
    NAMESAKE = enum.auto()


@dataclass(frozen=True)
class Answer:
    """What the geocoder said of an address; a point only if it can be believed."""

    address: Address
    outcome: Outcome
    point: Point | None = None


def judged(address: Address, location: Location | None) -> Answer:
    """Return what the geocoder's answer is worth, going by the ZIP code of the address."""
    if location is None or _is_rough(location.raw):
        return Answer(address, Outcome.NOT_FOUND)
    try:
        point = Point(location.latitude, location.longitude)
    except PointError:
        return Answer(address, Outcome.NOT_FOUND)
    # So near to a ZIP code of the United States it is in the United States.
    if not _is_near(point, address.zip_code):
        return Answer(address, Outcome.NAMESAKE)
    return Answer(address, Outcome.FOUND, point)


def _is_rough(raw: Any) -> bool:
    """Tell whether the service itself says that it found no more than a town or ZIP code."""
    if not isinstance(raw, dict):
        return False
    rank, geometry = raw.get("place_rank"), raw.get("geometry")  # Nominatim; Google
    if isinstance(rank, int) and rank < _STREET_RANK:
        return True
    return isinstance(geometry, dict) and geometry.get("location_type") == "APPROXIMATE"


def _is_near(point: Point, zip_code: str) -> bool:
    position = zip_position(zip_code)
    if position is None:
        return False
    is_area = position[1] is Precision.AREA
    most = _NAMESAKE_MILES_IN_AREA if is_area else _NAMESAKE_MILES
    return miles_between(point, position[0]) <= most
