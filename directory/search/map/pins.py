"""Places the numbered pins of a map: at their points, or moved aside to not overlap."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from directory.geo.points import Point
from directory.search.map.frame import HEIGHT, WIDTH, Frame
from directory.search.map.free_space import MARK, Rectangle, Spot

RADIUS = 11.0
# The least distance between the centers of two pins: 24 CSS pixels, the minimum touch target, on
# the smallest phone, where the map is drawn a seventh smaller.
MIN_DISTANCE = 28.2
_FROM_MIDDLE = RADIUS + MARK + 2.2  # keeps the mark at the center visible
_EDGE = RADIUS + 3
_FROM_NAME = RADIUS + 2.2
_SLACK = 0.15  # more than the rounding error
_RING_STEP = 7.0  # from one ring of positions to the next
_SPOT_STEP = 10.0  # from one position of a ring to the next
_LARGEST_REACH = 25.0
_LINE_FROM = 2.0  # a pin at most this far from its point has no line to it


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin, the point it marks, and the radius of its touch target."""

    index: int  # of the point it marks
    point: Point
    x: float
    y: float
    place_x: float
    place_y: float
    reach: float

    @property
    def is_moved(self) -> bool:
        """Whether it was moved away from its point."""
        return math.hypot(self.x - self.place_x, self.y - self.place_y) > _LINE_FROM


def pins_for(frame: Frame, points: Sequence[Point], clear: Rectangle | None = None) -> list[Pin]:
    """Return a pin for each of the points on the map, without overlaps; the first has precedence.

    Pins of one point are arranged around it in a ring. `clear` is the box of the center's label,
    which stays uncovered.
    """
    places = {
        index: place
        for index, point in enumerate(points)
        if frame.holds(*(place := frame.place(point)))
    }
    sharing = Counter(map(_rounded, places.values()))
    placed: Counter[Spot] = Counter()
    spots: dict[int, Spot] = {}
    for index, place in places.items():
        key = _rounded(place)
        wanted = _wanted(place, sharing[key], placed[key])
        placed[key] += 1
        spots[index] = _free_spot(wanted, list(spots.values()), clear)
    return [_pin(index, points[index], place, spots) for index, place in places.items()]


def _wanted(place: Spot, sharing: int, number: int) -> Iterator[Spot]:
    """Yield the candidate positions of a pin, the nearest to its point first."""
    turn = math.tau * number / sharing
    radius = 0.0
    if sharing > 1:
        radius = max(_FROM_MIDDLE, (MIN_DISTANCE + 2 * _SLACK) / 2 / math.sin(math.pi / sharing))
    while radius < WIDTH + HEIGHT:
        steps = max(1, round(math.tau * radius / _SPOT_STEP))
        for step in range(steps):
            # Alternates sides, so that positions near the wanted direction come first.
            side = (step + 1) // 2 * (1 if step % 2 else -1)
            angle = turn + math.tau * side / steps
            yield place[0] + radius * math.sin(angle), place[1] - radius * math.cos(angle)
        radius += _RING_STEP


def _free_spot(wanted: Iterator[Spot], taken: list[Spot], clear: Rectangle | None) -> Spot:
    """Return the first free position, moved inside the edges of the drawing.

    Hundreds may be tried, so the arithmetic is written inline for speed.
    """
    apart, from_middle = (MIN_DISTANCE + _SLACK) ** 2, _FROM_MIDDLE**2
    right, bottom, middle_x, middle_y = WIDTH - _EDGE, HEIGHT - _EDGE, WIDTH / 2, HEIGHT / 2
    blocker: Spot | None = None
    for wanted_x, wanted_y in wanted:
        x = wanted_x if _EDGE < wanted_x < right else min(right, max(_EDGE, wanted_x))
        y = wanted_y if _EDGE < wanted_y < bottom else min(bottom, max(_EDGE, wanted_y))
        if (x - middle_x) ** 2 + (y - middle_y) ** 2 < from_middle:
            continue
        if clear is not None and clear.is_within(_FROM_NAME, x, y):
            continue
        # The pin that blocked one position mostly blocks the next one.
        if blocker is not None and (x - blocker[0]) ** 2 + (y - blocker[1]) ** 2 < apart:
            continue
        for other in taken:
            if (x - other[0]) ** 2 + (y - other[1]) ** 2 < apart:
                blocker = other
                break
        else:
            return _rounded((x, y))
    raise AssertionError("A map has room for all pins of a page.")


def _pin(index: int, point: Point, place: Spot, spots: dict[int, Spot]) -> Pin:
    spot = spots[index]
    nearest = min(
        (math.dist(spot, other) for number, other in spots.items() if number != index),
        default=2 * _LARGEST_REACH,
    )
    # Half the distance to the next pin, so that touch targets do not overlap.
    reach = math.floor(min(_LARGEST_REACH, nearest / 2) * 10) / 10
    return Pin(index, point, *spot, *_rounded(place), reach)


def _rounded(spot: Spot) -> Spot:
    return round(spot[0], 1), round(spot[1], 1)
