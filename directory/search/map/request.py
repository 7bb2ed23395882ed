"""The query parameters of a map image, parsed and validated."""

from collections.abc import Mapping
from dataclasses import dataclass

from directory.core.errors import DirectoryError
from directory.geo.points import Point, PointError
from directory.search.map.frame import Frame
from directory.search.map.svg import THEMES, Colors

_MAX_MILES = 250
_MAX_LATITUDE = 85  # no land of the U.S. lies beyond
_MAX_LENGTHS = {"at": 24, "theme": 5, "within": 3, "v": 12}


class PictureError(DirectoryError):
    """A parameter of a map image is invalid; the message holds no personal data."""


@dataclass(frozen=True)
class PictureRequest:
    """The parameters of a map image."""

    frame: Frame
    colors: Colors
    version: str


def parse_picture(arguments: Mapping[str, list[str]]) -> PictureRequest:
    """Return the validated parameters, or raise `PictureError` that names the invalid one."""
    for name, values in arguments.items():
        if name not in _MAX_LENGTHS:
            raise PictureError("There is no such parameter.")
        if len(values) > 1 or len(values[0]) > _MAX_LENGTHS[name]:
            raise PictureError(f"{name} is given twice, or is too long.")
    given = {name: values[0] for name, values in arguments.items()}
    return PictureRequest(
        Frame(_point(given.get("at", "")), _within(given.get("within", ""))),
        _colors(given.get("theme", "")),
        given.get("v", ""),
    )


def _point(text: str) -> Point:
    try:
        latitude, longitude = map(float, text.split(","))
        point = Point(latitude, longitude)
    except (ValueError, PointError) as error:
        raise PictureError("at must be a latitude and a longitude, like 42.05,-87.69.") from error
    if abs(latitude) > _MAX_LATITUDE:
        raise PictureError(f"at must be within {_MAX_LATITUDE} degrees of the equator.")
    return point


def _within(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= _MAX_MILES:
        raise PictureError(f"within must be a whole number of miles from 1 to {_MAX_MILES}.")
    return int(text)


def _colors(text: str) -> Colors:
    if text not in THEMES:
        raise PictureError(f"theme must be one of {', '.join(THEMES)}.")
    return THEMES[text]
