"""The map of a results page: background image in both themes, pins, and town labels."""

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
from directory.search.map.label_placement import Label, center_label, labels_for
from directory.search.map.pins import RADIUS as PIN_RADIUS
from directory.search.map.pins import Pin, pins_for

# The image holds no text, so that pages in all languages share one URL.
PATH = "/map.svg"
# As many as the coordinates of ZIP codes have: about 30 feet.
_DECIMALS = 4
# The precisions of places whose label begins with the name of a town.
_TOWNS = frozenset({Precision.CITY, Precision.ZIP})


@dataclass(frozen=True)
class Figure:
    """The values of the map template."""

    frame: Frame
    pins: tuple[Pin, ...]
    names: tuple[Label, ...]

    width = WIDTH
    height = HEIGHT
    radius = RADIUS
    pin_radius = PIN_RADIUS

    @property
    def at(self) -> str:
        """The center, as written in URLs."""
        center = self.frame.center
        return f"{center.latitude:.{_DECIMALS}f},{center.longitude:.{_DECIMALS}f}"

    def picture(self, theme: str) -> str:
        """Return the URL of the background image."""
        query = {
            "at": self.at,
            "within": self.frame.within_miles,
            "theme": theme,
            "v": digest(),
        }
        return f"{PATH}?{urlencode(query, safe=',')}"


def figure_of(place: Place, within_miles: int, points: Sequence[Point]) -> Figure | None:
    """Return the map of the points around a place, or None if no point is on it."""
    frame = Frame(rounded(place.point, _DECIMALS), within_miles)
    town = place.label.partition(",")[0] if place.precision in _TOWNS else ""
    middle = center_label(town) if town else None
    pins = pins_for(frame, points, middle.box if middle else None)
    if not pins:
        return None
    return Figure(frame, tuple(pins), tuple(labels_for(frame, middle, pins)))


@functools.cache
def digest() -> str:
    """Return a digest of the code and data that determine the image, for cache busting."""
    content = hashlib.sha256()
    for package in (Path(__file__).parent, Path(gazetteer.__file__).parent):
        for file in sorted([*package.glob("*.py"), *package.glob("data/*")]):
            content.update(file.read_bytes())
    return content.hexdigest()[:12]
