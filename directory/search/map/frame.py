"""The frame of a map: the area it shows, and the projection of points onto it."""

import math
from dataclasses import dataclass
from functools import cached_property

from directory.geo.points import EARTH_RADIUS_MILES, Point

# In units of the drawing, each slightly less than a CSS pixel.
WIDTH = 336
HEIGHT = 360
RADIUS = 132  # of the search circle


@dataclass(frozen=True)
class Frame:
    """A map of the circle around a place.

    Distances from the center are true in every direction, so every result within the radius is
    drawn inside the circle.
    """

    center: Point
    within_miles: int

    def place(self, point: Point) -> tuple[float, float]:
        """Return x and y of a point from the upper left corner; may lie outside the drawing."""
        east = (point.longitude - self.center.longitude + 180) % 360 - 180
        north = point.latitude - self.center.latitude
        # Degrees of longitude shrink to the north: use the mean of both latitudes.
        narrowing = math.sqrt(math.cos(math.radians(point.latitude)) * self._cosine)
        return (
            WIDTH / 2 + east * narrowing * self.units_per_degree,
            HEIGHT / 2 - north * self.units_per_degree,
        )

    def holds(self, x: float, y: float) -> bool:
        """Return whether a position is on the drawing."""
        return 0 <= x <= WIDTH and 0 <= y <= HEIGHT

    @cached_property
    def units_per_degree(self) -> float:
        """The length of a degree of latitude, in units of the drawing."""
        return RADIUS / self.within_miles * math.radians(EARTH_RADIUS_MILES)

    @cached_property
    def south(self) -> float:
        """The latitude of the lower edge."""
        return max(-89.0, self.center.latitude - HEIGHT / 2 / self.units_per_degree)

    @cached_property
    def north(self) -> float:
        """The latitude of the upper edge."""
        return min(89.0, self.center.latitude + HEIGHT / 2 / self.units_per_degree)

    @cached_property
    def half_width_degrees(self) -> float:
        """Half the width of the drawing in degrees of longitude, at its widest."""
        narrowest = min(math.cos(math.radians(each)) for each in (self.south, self.north))
        narrowing = math.sqrt(narrowest * self._cosine)
        return min(180.0, WIDTH / 2 / self.units_per_degree / narrowing)

    @cached_property
    def _cosine(self) -> float:
        return math.cos(math.radians(self.center.latitude))
