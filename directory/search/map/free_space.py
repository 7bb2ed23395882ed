"""Room on the drawing: spots, boxes, and the mark in the middle."""

import math
from dataclasses import dataclass

Spot = tuple[float, float]

MARK = 5.0  # the radius of the mark at the place searched


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the drawing, in its units; top is the smaller."""

    left: float
    top: float
    right: float
    bottom: float

    def wider(self, room: float) -> "Box":
        """Return the box with room on all sides."""
        return Box(self.left - room, self.top - room, self.right + room, self.bottom + room)

    def touches(self, other: "Box") -> bool:
        """Tell whether the two have anything in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def distance(self, spot: Spot) -> float:
        """Return how far a spot is from the box; 0 within it."""
        x, y = spot
        return math.hypot(
            max(self.left - x, 0.0, x - self.right), max(self.top - y, 0.0, y - self.bottom)
        )

    def is_within(self, reach: float, x: float, y: float) -> bool:
        """Tell whether a spot is nearer than the reach; most are not, and that is seen at once."""
        if x <= self.left - reach or x >= self.right + reach:
            return False
        if y <= self.top - reach or y >= self.bottom + reach:
            return False
        return self.distance((x, y)) < reach
