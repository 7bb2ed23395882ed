"""The shores and the lines between states and counties, read once and found by where they are."""

import functools
import gzip
import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import accumulate

DEGREES_PER_UNIT = 1e-4
# Maps that reach further than this have simpler lines, and none between counties.
NEAR_MILES = 50
# A shore is looked at in pieces of this many points: most are far away, and left out as one.
_PIECE = 32


@dataclass(frozen=True, slots=True)
class Box:
    """West, south, east and north of something, in units of the file."""

    west: int
    south: int
    east: int
    north: int

    def touches(self, other: "Box") -> bool:
        """Tell whether the two have anything in common."""
        return not self.is_beside(other)

    def is_beside(self, other: "Box") -> bool:
        """Tell whether all of it lies to one side of the other."""
        return (
            self.east < other.west
            or self.west > other.east
            or self.north < other.south
            or self.south > other.north
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A line in units of the file."""

    box: Box
    xs: "array[int]"
    ys: "array[int]"


@dataclass(frozen=True, slots=True)
class Ring:
    """A shore that closes, in pieces."""

    box: Box
    pieces: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Land:
    """All that is drawn at one level of detail."""

    shores: tuple[Ring, ...]
    states: tuple[Line, ...]
    counties: tuple[Line, ...]


def land_for(within_miles: int) -> Land:
    """Return the lines for a map that reaches so far."""
    return _land("near" if within_miles <= NEAR_MILES else "far")


@functools.cache
def _land(level: str) -> Land:
    kinds = _content()[level]
    return Land(
        shores=tuple(_ring(flat) for flat in kinds["shore"]),
        states=tuple(_line(*_points(flat)) for flat in kinds["state"]),
        counties=tuple(_line(*_points(flat)) for flat in kinds.get("county", [])),
    )


def _content() -> dict[str, dict[str, list[list[int]]]]:
    file = resources.files("directory.search.map") / "data" / "land.json.gz"
    content: dict[str, dict[str, list[list[int]]]] = json.loads(gzip.decompress(file.read_bytes()))
    return content


def _points(flat: list[int]) -> tuple["array[int]", "array[int]"]:
    """Return the points of a line, of which the file holds the differences."""
    return array("i", accumulate(flat[::2])), array("i", accumulate(flat[1::2]))


def _ring(flat: list[int]) -> Ring:
    xs, ys = _points(flat)
    whole = _line(xs, ys)
    return Ring(whole.box, tuple(_pieces(xs, ys)))


def _pieces(xs: "array[int]", ys: "array[int]") -> Iterator[Line]:
    for start in range(0, len(xs), _PIECE):
        yield _line(xs[start : start + _PIECE], ys[start : start + _PIECE])


def _line(xs: "array[int]", ys: "array[int]") -> Line:
    return Line(Box(min(xs), min(ys), max(xs), max(ys)), xs, ys)
