"""The map of a list: its picture in both themes, its pins, and the names of towns."""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from directory.geo import gazetteer
from directory.geo.places import Place
from directory.geo.points import Point, Precision, rounded
from directory.search.map.frame import HEIGHT, RADIUS, WIDTH, Frame
from directory.search.map.label_placement import Name, name_of_middle, names_for
from directory.search.map.pins import RADIUS as PIN_RADIUS
from directory.search.map.pins import Pin, pins_for

# The picture has no language: all pages share one copy of it, from the root.
PATH = "/map.svg"
# As many as the positions of ZIP codes have: about 30 feet.
_DECIMALS = 4
# How well a place is known whose label begins with the name of a town.
_TOWNS = frozenset({Precision.CITY, Precision.ZIP})


@dataclass(frozen=True)
class Figure:
    """What the template of a map needs."""

    frame: Frame
    pins: tuple[Pin, ...]
    names: tuple[Name, ...]

    width = WIDTH
    height = HEIGHT
    radius = RADIUS
    pin_radius = PIN_RADIUS

    @property
    def at(self) -> str:
        """The place searched, as it stands in addresses."""
        center = self.frame.center
        return f"{center.latitude:.{_DECIMALS}f},{center.longitude:.{_DECIMALS}f}"

    def picture(self, theme: str) -> str:
        """Return the address of the picture behind the pins."""
        query = {
            "at": self.at,
            "within": self.frame.within_miles,
            "theme": theme,
            "v": digest(),
        }
        return f"{PATH}?{urlencode(query, safe=',')}"


def figure_of(place: Place, within_miles: int, points: Sequence[Point]) -> Figure | None:
    """Return the map of the points around a place, or None where there is nothing to show on it."""
    frame = Frame(rounded(place.point, _DECIMALS), within_miles)
    town = place.label.partition(",")[0] if place.precision in _TOWNS else ""
    middle = name_of_middle(town) if town else None
    pins = pins_for(frame, points, middle.box if middle else None)
    if not pins:
        return None
    return Figure(frame, tuple(pins), tuple(names_for(frame, middle, pins)))


@functools.cache
def digest() -> str:
    """Return what changes when a picture of the same place may be another: program and data."""
    content = hashlib.sha256()
    for package in (Path(__file__).parent, Path(gazetteer.__file__).parent):
        for file in sorted([*package.glob("*.py"), *package.glob("data/*")]):
            content.update(file.read_bytes())
    return content.hexdigest()[:12]
