"""The box around a circle, and the bands of latitude that the prototype files places under."""

import math

from directory.geo.points import EARTH_RADIUS_MILES, Circle

BANDS_A_DEGREE = 8
_SLACK = 1e-7  # as the circle has for its longitudes


def box_of(circle: Circle) -> tuple[float, float, float, float]:
    """Return south, north, west and east of the circle; nobody here lives across 180 degrees."""
    ((west, east),) = circle.longitude_ranges
    reach = math.degrees(circle.radius_miles / EARTH_RADIUS_MILES) + _SLACK
    return circle.center.latitude - reach, circle.center.latitude + reach, west, east


def bands_of(circle: Circle) -> list[int]:
    """Return every band that the circle touches."""
    south, north, _, _ = box_of(circle)
    return list(range(math.floor(south * BANDS_A_DEGREE), math.floor(north * BANDS_A_DEGREE) + 1))
