"""Geometry of the drawing: positions, boxes, and the mark at the center."""

import math
from dataclasses import dataclass

Spot = tuple[float, float]

MARK = 5.0  # the radius of the mark at the center


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle of the drawing, in its units; y grows downward."""

    left: float
    top: float
    right: float
    bottom: float

    def enlarged(self, margin: float) -> "Rectangle":
        """Return the box enlarged by a margin on all sides."""
        return Rectangle(
            self.left - margin, self.top - margin, self.right + margin, self.bottom + margin
        )

    def overlaps(self, other: "Rectangle") -> bool:
        """Return whether the two overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def distance(self, spot: Spot) -> float:
        """Return the distance of a position from the box; 0 inside it."""
        x, y = spot
        return math.hypot(
            max(self.left - x, 0.0, x - self.right), max(self.top - y, 0.0, y - self.bottom)
        )

    def is_within(self, reach: float, x: float, y: float) -> bool:
        """Return whether a position is nearer than `reach`; quick to exclude most."""
        if x <= self.left - reach or x >= self.right + reach:
            return False
        if y <= self.top - reach or y >= self.bottom + reach:
            return False
        return self.distance((x, y)) < reach
