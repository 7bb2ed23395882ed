"""Points on the earth, how precise they are, distances in miles, and circles."""

import enum
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from geopy.distance import EARTH_RADIUS, great_circle
from geopy.units import miles

from directory.core.errors import DirectoryError

# geopy's sphere, so that the index and the distances people read agree.
EARTH_RADIUS_MILES: float = miles(kilometers=EARTH_RADIUS)


class PointError(DirectoryError):
    """These two numbers are not a latitude and a longitude."""


@dataclass(frozen=True, slots=True)
class Point:
    """A latitude and a longitude, in degrees."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        # Written so that NaN, which compares as false, is refused too.
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise PointError(
                f"{self.latitude}, {self.longitude} is not a place: a latitude lies between "
                "-90 and 90 degrees, a longitude between -180 and 180."
            )


def unit_vector(point: Point) -> tuple[float, float, float]:
    """Return x, y and z of the point on a sphere of radius one."""
    latitude, longitude = math.radians(point.latitude), math.radians(point.longitude)
    return (
        math.cos(latitude) * math.cos(longitude),
        math.cos(latitude) * math.sin(longitude),
        math.sin(latitude),
    )


def miles_between(a: Point, b: Point) -> float:
    """Return the great-circle distance in miles."""
    distance = great_circle((a.latitude, a.longitude), (b.latitude, b.longitude))
    return float(distance.miles)


def rounded(point: Point, digits: int = 2) -> Point:
    """Return the point with fewer decimals: two are good to about half a mile."""
    return Point(round(point.latitude, digits), round(point.longitude, digits))


def nearest_index(points: Sequence[Point], to: Point) -> int:
    """Return the index of the point nearest to the given one.

    Good for comparing points of one region: it looks at a flat map, which is fast.
    """
    narrowing = math.cos(math.radians(to.latitude))

    def squared_distance(index: int) -> float:
        north = points[index].latitude - to.latitude
        # Round the back of the Earth when that is shorter: the Aleutians lie on both sides.
        east = (points[index].longitude - to.longitude + 180) % 360 - 180
        return north * north + (east * narrowing) ** 2

    return min(range(len(points)), key=squared_distance)


def middle_of(points: Sequence[Point]) -> Point:
    """Return that one of the points which lies nearest to the middle of them all.

    The middle is the median, which one wrong or far-off point does not move, and the answer
    is a real place: the mean of a city on a bay may lie in the water.
    """
    middle = Point(
        statistics.median(point.latitude for point in points),
        statistics.median(point.longitude for point in points),
    )
    return points[nearest_index(points, middle)]


class Precision(enum.StrEnum):
    """From the building down to the state."""

    EXACT = "exact"
    COORDINATES = "coordinates"
    ZIP = "zip"
    CITY = "city"
    AREA = "area"  # the mean of a 3-digit ZIP prefix
    STATE = "state"


# Cells half a degree high and wide: about 35 miles by 25, for a search is mostly that large.
CELLS_PER_DEGREE = 2

# One centimeter in degrees: wider than any rounding, far too small to cost a row.
_DEGREES_OF_SLACK = 1e-7
_EVERYWHERE = (-180.0, 180.0)


class RadiusError(DirectoryError):
    """A circle needs a radius of zero miles or more."""


def lat_band(latitude: float) -> int:
    """Return the row of cells that the index files this latitude under."""
    return math.floor(latitude * CELLS_PER_DEGREE)


def lon_cell(longitude: float) -> int:
    """Return the cell, counted from 0 degrees to the east, of its row."""
    return math.floor(longitude * CELLS_PER_DEGREE)


def miles_of_chord(chord_squared: float) -> float:
    """Return the distance on the ground behind a squared chord; geopy's, but for rounding."""
    return 2 * EARTH_RADIUS_MILES * math.asin(min(1.0, math.sqrt(chord_squared) / 2))


@dataclass(frozen=True, slots=True)
class Circle:
    """All places within some miles of a center.

    The bands and cells are a box around the circle, for an index to narrow down;
    the chord decides.
    """

    center: Point
    radius_miles: float

    def __post_init__(self) -> None:
        if not (self.radius_miles >= 0 and math.isfinite(self.radius_miles)):
            raise RadiusError(f"{self.radius_miles} miles is not a radius.")

    @property
    def lat_bands(self) -> range:
        """Return every band that the circle touches."""
        south, north = self._south_and_north()
        return range(lat_band(max(south, -90.0)), lat_band(min(north, 90.0)) + 1)

    @property
    def longitude_ranges(self) -> list[tuple[float, float]]:
        """Return one range of longitudes, west to east, or two when it crosses 180 degrees."""
        south, north = self._south_and_north()
        if south <= -90 or north >= 90:
            return [_EVERYWHERE]
        half_width = math.degrees(
            math.asin(math.sin(self._angle) / math.cos(math.radians(self.center.latitude)))
        )
        west = self.center.longitude - half_width - _DEGREES_OF_SLACK
        east = self.center.longitude + half_width + _DEGREES_OF_SLACK
        if west < -180:
            return [(-180.0, east), (west + 360, 180.0)]
        if east > 180:
            return [(-180.0, east - 360), (west, 180.0)]
        return [(west, east)]

    @property
    def lon_cells(self) -> list[tuple[int, int]]:
        """Return the first and the last cell of each range of longitudes."""
        return [(lon_cell(west), lon_cell(east)) for west, east in self.longitude_ranges]

    @property
    def chord_squared(self) -> float:
        """Return the greatest squared distance between unit vectors inside the circle.

        A little more than exact, so that a place on the edge counts on every database.
        """
        exact = (2 * math.sin(min(self._angle, math.pi) / 2)) ** 2
        return exact * (1 + 1e-10) + 1e-18

    @property
    def unit_vector(self) -> tuple[float, float, float]:
        """Return x, y and z of the center on a sphere of radius one."""
        return unit_vector(self.center)

    @property
    def _angle(self) -> float:
        return self.radius_miles / EARTH_RADIUS_MILES

    def _south_and_north(self) -> tuple[float, float]:
        reach = math.degrees(self._angle) + _DEGREES_OF_SLACK
        return self.center.latitude - reach, self.center.latitude + reach
