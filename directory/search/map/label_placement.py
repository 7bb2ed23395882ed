"""The towns of the map, and the placement of their labels."""

import functools
import gzip
import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

from directory.geo.points import Point
from directory.search.map.frame import HEIGHT, WIDTH, Frame
from directory.search.map.free_space import MARK, Rectangle, Spot
from directory.search.map.pins import RADIUS, Pin


@dataclass(frozen=True, slots=True)
class Town:
    """A town and its central point."""

    name: str
    state: str
    point: Point


def towns_on(frame: Frame) -> Iterator[Town]:
    """Yield the towns on the map, those with the most ZIP codes first."""
    for number in sorted(number for cell in _cells_of(frame) for number in _cells().get(cell, ())):
        town = _town(number)
        if frame.holds(*frame.place(town.point)):
            yield town


def _cells_of(frame: Frame) -> Iterator[tuple[int, int]]:
    west = math.floor(frame.center.longitude - frame.half_width_degrees)
    east = math.floor(frame.center.longitude + frame.half_width_degrees)
    for south in range(math.floor(frame.south), math.floor(frame.north) + 1):
        for cell in range(west, east + 1):
            yield south, (cell + 180) % 360 - 180


@functools.cache
def _cells() -> dict[tuple[int, int], list[int]]:
    """Return the line numbers of the towns in each cell of one degree."""
    cells = defaultdict(list)
    for number, line in enumerate(_lines()):
        latitude, longitude, _ = line.split(",", 2)
        cells[math.floor(float(latitude)), math.floor(float(longitude))].append(number)
    return dict(cells)


@functools.cache
def _lines() -> list[str]:
    file = resources.files("directory.search.map") / "data" / "towns.csv.gz"
    return gzip.decompress(file.read_bytes()).decode().splitlines()


@functools.lru_cache(maxsize=4096)
def _town(number: int) -> Town:
    latitude, longitude, name, state = _lines()[number].split(",")
    return Town(name, state, Point(float(latitude), float(longitude)))


TEXT_SIZE = 11
_MAX_LABELS = 8  # besides the label of the center
_MAX_TOWNS = 40  # beyond this many, none fits either
_LETTER_WIDTH = 6.2  # average, in the widest common font
_MARGIN = 4.0  # between two labels, and between a label and the edge
_PIN_CLEARANCE = RADIUS + 2


@dataclass(frozen=True, slots=True)
class Label:
    """A label, and the middle of its baseline."""

    text: str
    x: float
    y: float

    @property
    def box(self) -> Rectangle:
        """The box that the label covers."""
        half = len(self.text) * _LETTER_WIDTH / 2
        return Rectangle(self.x - half, self.y - TEXT_SIZE, self.x + half, self.y + 2)


def center_label(text: str) -> Label:
    """Return the label of the center, below its mark."""
    return Label(text, WIDTH / 2, HEIGHT / 2 + MARK + TEXT_SIZE)


def labels_for(frame: Frame, middle: Label | None, pins: Sequence[Pin]) -> list[Label]:
    """Return the label of the center and those of the largest towns that fit."""
    found = [middle] if middle else []
    boxes = [name.box for name in found]
    for town in itertools.islice(towns_on(frame), _MAX_TOWNS):
        if any(name.text == town.name for name in found):
            continue
        spots = _spots(frame, town)
        name = next((name for name in spots if _has_room(name.box, boxes, pins)), None)
        if name is not None:
            found.append(name)
            boxes.append(name.box)
            if len(found) > _MAX_LABELS:
                break
    return found


def _spots(frame: Frame, town: Town) -> Iterator[Label]:
    """Yield the candidate positions of a town's label: on its point, below, above, to the sides."""
    x, y = frame.place(town.point)
    x, y = round(x), round(y + TEXT_SIZE / 3)
    aside = round(len(town.name) * _LETTER_WIDTH / 2 + _PIN_CLEARANCE)
    for across, down in ((0, 0), (0, 18), (0, -18), (aside, 0), (-aside, 0)):
        yield Label(town.name, x + across, y + down)


def _has_room(box: Rectangle, others: Sequence[Rectangle], pins: Sequence[Pin]) -> bool:
    padded = box.enlarged(_MARGIN)
    if padded.left < 0 or padded.top < 0 or padded.right > WIDTH or padded.bottom > HEIGHT:
        return False
    mark: Spot = (WIDTH / 2, HEIGHT / 2)
    if padded.distance(mark) < MARK or any(padded.overlaps(other) for other in others):
        return False
    return not any(box.is_within(_PIN_CLEARANCE, pin.x, pin.y) for pin in pins)
