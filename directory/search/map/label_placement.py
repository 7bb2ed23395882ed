"""The towns of the map, and where their names fit."""

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
from directory.search.map.free_space import MARK, Box, Spot
from directory.search.map.pins import RADIUS, Pin


@dataclass(frozen=True, slots=True)
class Town:
    """A town and its central place."""

    name: str
    state: str
    point: Point


def towns_on(frame: Frame) -> Iterator[Town]:
    """Yield the towns on the map, the one with most ZIP codes first."""
    for number in sorted(number for cell in _cells_of(frame) for number in _cells().get(cell, ())):
        town = _town(number)
        if frame.holds(*frame.place(town.point)):
            yield town


def _cells_of(frame: Frame) -> Iterator[tuple[int, int]]:
    west = math.floor(frame.center.longitude - frame.degrees_aside)
    east = math.floor(frame.center.longitude + frame.degrees_aside)
    for south in range(math.floor(frame.south), math.floor(frame.north) + 1):
        for cell in range(west, east + 1):
            yield south, (cell + 180) % 360 - 180


@functools.cache
def _cells() -> dict[tuple[int, int], list[int]]:
    """Return where in the file the towns of each cell of one degree stand."""
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
_MOST = 8  # beside the name of the place searched
_TRIED = 40  # more towns than this would not find room either
_WIDTH_OF_LETTER = 6.2  # on average, in the widest of the usual fonts
_ROOM = 4.0  # between two names, and between a name and the edge
_CLEAR = RADIUS + 2  # of a pin


@dataclass(frozen=True, slots=True)
class Name:
    """A name, and the middle of its foot."""

    text: str
    x: float
    y: float

    @property
    def box(self) -> Box:
        """The room that it takes."""
        half = len(self.text) * _WIDTH_OF_LETTER / 2
        return Box(self.x - half, self.y - TEXT_SIZE, self.x + half, self.y + 2)


def name_of_middle(text: str) -> Name:
    """Return the name of the place searched, under the mark for it."""
    return Name(text, WIDTH / 2, HEIGHT / 2 + MARK + TEXT_SIZE)


def names_for(frame: Frame, middle: Name | None, pins: Sequence[Pin]) -> list[Name]:
    """Return the name of the middle and those of the largest towns that find room."""
    found = [middle] if middle else []
    boxes = [name.box for name in found]
    for town in itertools.islice(towns_on(frame), _TRIED):
        if any(name.text == town.name for name in found):
            continue
        spots = _spots(frame, town)
        name = next((name for name in spots if _has_room(name.box, boxes, pins)), None)
        if name is not None:
            found.append(name)
            boxes.append(name.box)
            if len(found) > _MOST:
                break
    return found


def _spots(frame: Frame, town: Town) -> Iterator[Name]:
    """Yield where a town's name may stand: on its place, under it, over it, beside it."""
    x, y = frame.place(town.point)
    x, y = round(x), round(y + TEXT_SIZE / 3)
    aside = round(len(town.name) * _WIDTH_OF_LETTER / 2 + _CLEAR)
    for across, down in ((0, 0), (0, 18), (0, -18), (aside, 0), (-aside, 0)):
        yield Name(town.name, x + across, y + down)


def _has_room(box: Box, others: Sequence[Box], pins: Sequence[Pin]) -> bool:
    wider = box.wider(_ROOM)
    if wider.left < 0 or wider.top < 0 or wider.right > WIDTH or wider.bottom > HEIGHT:
        return False
    mark: Spot = (WIDTH / 2, HEIGHT / 2)
    if wider.distance(mark) < MARK or any(wider.touches(other) for other in others):
        return False
    return not any(box.is_within(_CLEAR, pin.x, pin.y) for pin in pins)
