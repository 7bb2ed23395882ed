"""Assesses whether a geocoder's result for a practice address is plausible."""

import enum
from dataclasses import dataclass
from typing import Any

from geopy.location import Location

from directory.geo.places import zip_position
from directory.geo.points import Point, PointError, Precision, miles_between

# A result further than this from its own ZIP code is a wrong place. Where only the first three
# digits are known, the position to compare with is less precise.
_MAX_MILES = 15.0
_MAX_MILES_IN_AREA = 100.0
# Nominatim ranks what it found: towns and ZIP codes up to 25, streets from 26, houses 30.
_STREET_RANK = 26


@dataclass(frozen=True)
class Address:
    """A practice address with the NPIs of its providers."""

    key: str
    line1: str
    city: str
    state: str
    zip_code: str
    npis: tuple[str, ...]

    @property
    def text(self) -> str:
        """The query for the geocoder."""
        return f"{self.line1}, {self.city}, {self.state} {self.zip_code}"


class GeocodingOutcome(enum.Enum):
    """The assessment of a geocoder's result."""

    FOUND = enum.auto()
    NOT_FOUND = enum.auto()
    WRONG_PLACE = enum.auto()


@dataclass(frozen=True)
class GeocodingResult:
    """The result for an address, with a point only if it is plausible."""

    address: Address
    outcome: GeocodingOutcome
    point: Point | None = None


def assess(address: Address, location: Location | None) -> GeocodingResult:
    """Return the result after comparing the location with the address's ZIP code."""
    if location is None or _is_rough(location.raw):
        return GeocodingResult(address, GeocodingOutcome.NOT_FOUND)
    try:
        point = Point(location.latitude, location.longitude)
    except PointError:
        return GeocodingResult(address, GeocodingOutcome.NOT_FOUND)
    # Near a ZIP code of the United States, the point is in the United States.
    if not _is_near(point, address.zip_code):
        return GeocodingResult(address, GeocodingOutcome.WRONG_PLACE)
    return GeocodingResult(address, GeocodingOutcome.FOUND, point)


def _is_rough(raw: Any) -> bool:
    """Return whether the service reports only a match of a town or ZIP code."""
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
    most = _MAX_MILES_IN_AREA if is_area else _MAX_MILES
    return miles_between(point, position[0]) <= most
