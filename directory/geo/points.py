"""Points on the Earth, and the miles between them."""

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
    """Return where in the list the point nearest to the given one stands.

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
