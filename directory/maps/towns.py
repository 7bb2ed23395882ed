"""The towns of the map, the largest first."""

import functools
import gzip
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from directory.geo.points import Point
from directory.maps.frame import Frame


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
    file = resources.files("directory.maps") / "data" / "towns.csv.gz"
    return gzip.decompress(file.read_bytes()).decode().splitlines()


@functools.lru_cache(maxsize=4096)
def _town(number: int) -> Town:
    latitude, longitude, name, state = _lines()[number].split(",")
    return Town(name, state, Point(float(latitude), float(longitude)))
