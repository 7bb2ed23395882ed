"""The frame of a map: what it shows of the world, and where on it a place lies."""

import math
from dataclasses import dataclass
from functools import cached_property

from directory.geo.points import EARTH_RADIUS_MILES, Point

# In units of the drawing: a bit less than a pixel beside the results, and the same on a phone.
WIDTH = 336
HEIGHT = 360
RADIUS = 132  # of the circle that was searched


@dataclass(frozen=True)
class Frame:
    """A map of the circle around a place.

    Distances from the middle are true, in every direction: whoever was found within the circle
    stands within it.
    """

    center: Point
    within_miles: int

    def place(self, point: Point) -> tuple[float, float]:
        """Return where on the drawing a point lies, from its upper left corner; maybe outside."""
        east = (point.longitude - self.center.longitude + 180) % 360 - 180
        north = point.latitude - self.center.latitude
        # Degrees of longitude become narrower to the north: the mean of here and there.
        narrowing = math.sqrt(math.cos(math.radians(point.latitude)) * self._cosine)
        return (
            WIDTH / 2 + east * narrowing * self.units_per_degree,
            HEIGHT / 2 - north * self.units_per_degree,
        )

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a spot is on the drawing."""
        return 0 <= x <= WIDTH and 0 <= y <= HEIGHT

    @cached_property
    def units_per_degree(self) -> float:
        """How large a degree of latitude is drawn."""
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
    def degrees_aside(self) -> float:
        """How far in longitude the drawing reaches to both sides, at its widest."""
        narrowest = min(math.cos(math.radians(each)) for each in (self.south, self.north))
        narrowing = math.sqrt(narrowest * self._cosine)
        return min(180.0, WIDTH / 2 / self.units_per_degree / narrowing)

    @cached_property
    def _cosine(self) -> float:
        return math.cos(math.radians(self.center.latitude))
