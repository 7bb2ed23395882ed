"""Coastlines and the borders of states and counties, loaded once per process."""

import functools
import gzip
import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import accumulate

DEGREES_PER_UNIT = 1e-4
# Maps of a larger radius have simplified lines, and no county borders.
NEAR_MILES = 50
# Coastlines are split into segments of this many points, so that distant ones are skipped whole.
_SEGMENT_POINTS = 32


@dataclass(frozen=True, slots=True)
class Bounds:
    """A bounding box in units of the file."""

    west: int
    south: int
    east: int
    north: int

    def overlaps(self, other: "Bounds") -> bool:
        """Return whether the two overlap."""
        return not self.is_outside(other)

    def is_outside(self, other: "Bounds") -> bool:
        """Return whether the two do not overlap."""
        return (
            self.east < other.west
            or self.west > other.east
            or self.north < other.south
            or self.south > other.north
        )


@dataclass(frozen=True, slots=True)
class Polyline:
    """A polyline in units of the file."""

    box: Bounds
    xs: "array[int]"
    ys: "array[int]"


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed coastline, in segments."""

    box: Bounds
    segments: tuple[Polyline, ...]


@dataclass(frozen=True, slots=True)
class Land:
    """The lines of one level of detail."""

    shores: tuple[Ring, ...]
    states: tuple[Polyline, ...]
    counties: tuple[Polyline, ...]


def land_for(within_miles: int) -> Land:
    """Return the lines for a map of this radius."""
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
    """Return the points of a line from the differences in the file."""
    return array("i", accumulate(flat[::2])), array("i", accumulate(flat[1::2]))


def _ring(flat: list[int]) -> Ring:
    xs, ys = _points(flat)
    whole = _line(xs, ys)
    return Ring(whole.box, tuple(_segments(xs, ys)))


def _segments(xs: "array[int]", ys: "array[int]") -> Iterator[Polyline]:
    for start in range(0, len(xs), _SEGMENT_POINTS):
        yield _line(xs[start : start + _SEGMENT_POINTS], ys[start : start + _SEGMENT_POINTS])


def _line(xs: "array[int]", ys: "array[int]") -> Polyline:
    return Polyline(Bounds(min(xs), min(ys), max(xs), max(ys)), xs, ys)
