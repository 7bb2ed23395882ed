"""Where the numbered pins stand: at their places, or beside them where there is no room."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from directory.geo.points import Point
from directory.search.map.frame import HEIGHT, WIDTH, Frame
from directory.search.map.free_space import MARK, Box, Spot

RADIUS = 11.0
# Two pins are no nearer than this, from middle to middle: 24 pixels on the smallest phone, where
# the map is drawn a seventh smaller, for a finger to meet the one it means.
APART = 28.2
_FROM_MIDDLE = RADIUS + MARK + 2.2  # so that the mark of the place searched stays to be seen
_EDGE = RADIUS + 3
_FROM_NAME = RADIUS + 2.2
_SLACK = 0.15  # more than what rounding takes away
_STEP = 7.0  # from one ring of spots to the next
_ASIDE = 10.0  # from one spot of a ring to the next
_LARGEST_REACH = 25.0
_MOVED = 2.0  # a pin that stands so near to its place needs no line to it


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin, the place it means, and how far around it a press is taken for it."""

    index: int  # of the point it stands for
    point: Point
    x: float
    y: float
    place_x: float
    place_y: float
    reach: float

    @property
    def is_moved(self) -> bool:
        """Tell whether it stands beside its place."""
        return math.hypot(self.x - self.place_x, self.y - self.place_y) > _MOVED


def pins_for(frame: Frame, points: Sequence[Point], clear: Box | None = None) -> list[Pin]:
    """Return a pin for each of the points on the map, none over another, first come first placed.

    Pins that share a place stand around it in a ring. What is to be kept clear is the name of the
    place searched.
    """
    places = {
        index: place
        for index, point in enumerate(points)
        if frame.holds(*(place := frame.place(point)))
    }
    sharing = Counter(map(_rounded, places.values()))
    come: Counter[Spot] = Counter()
    spots: dict[int, Spot] = {}
    for index, place in places.items():
        key = _rounded(place)
        wanted = _wanted(place, sharing[key], come[key])
        come[key] += 1
        spots[index] = _free_spot(wanted, list(spots.values()), clear)
    return [_pin(index, points[index], place, spots) for index, place in places.items()]


def _wanted(place: Spot, sharing: int, number: int) -> Iterator[Spot]:
    """Return the spots that would do for a pin, the best first: further and further away."""
    turn = math.tau * number / sharing
    radius = 0.0
    if sharing > 1:
        radius = max(_FROM_MIDDLE, (APART + 2 * _SLACK) / 2 / math.sin(math.pi / sharing))
    while radius < WIDTH + HEIGHT:
        steps = max(1, round(math.tau * radius / _ASIDE))
        for step in range(steps):
            # By turns to both sides, so that the nearest to the wanted direction comes first.
            side = (step + 1) // 2 * (1 if step % 2 else -1)
            angle = turn + math.tau * side / steps
            yield place[0] + radius * math.sin(angle), place[1] - radius * math.cos(angle)
        radius += _STEP


def _free_spot(wanted: Iterator[Spot], taken: list[Spot], clear: Box | None) -> Spot:
    """Return the first spot with room around it, moved to where no edge cuts the pin.

    Hundreds may be tried, so the sums are written out.
    """
    apart, from_middle = (APART + _SLACK) ** 2, _FROM_MIDDLE**2
    right, bottom, middle_x, middle_y = WIDTH - _EDGE, HEIGHT - _EDGE, WIDTH / 2, HEIGHT / 2
    in_way: Spot | None = None
    for wanted_x, wanted_y in wanted:
        x = wanted_x if _EDGE < wanted_x < right else min(right, max(_EDGE, wanted_x))
        y = wanted_y if _EDGE < wanted_y < bottom else min(bottom, max(_EDGE, wanted_y))
        if (x - middle_x) ** 2 + (y - middle_y) ** 2 < from_middle:
            continue
        if clear is not None and clear.is_within(_FROM_NAME, x, y):
            continue
        # What was in the way of one spot is mostly in the way of the next one.
        if in_way is not None and (x - in_way[0]) ** 2 + (y - in_way[1]) ** 2 < apart:
            continue
        for other in taken:
            if (x - other[0]) ** 2 + (y - other[1]) ** 2 < apart:
                in_way = other
                break
        else:
            return _rounded((x, y))
    raise AssertionError("A map has room for all pins of a page.")


def _pin(index: int, point: Point, place: Spot, spots: dict[int, Spot]) -> Pin:
    spot = spots[index]
    nearest = min(
        (math.dist(spot, other) for at, other in spots.items() if at != index),
        default=2 * _LARGEST_REACH,
    )
    # Half the way to the next one, so that no press is meant for two.
    reach = math.floor(min(_LARGEST_REACH, nearest / 2) * 10) / 10
    return Pin(index, point, *spot, *_rounded(place), reach)


def _rounded(spot: Spot) -> Spot:
    return round(spot[0], 1), round(spot[1], 1)
