"""The query parameters of a map image."""

import pytest

from directory.geo.points import Point
from directory.search.map.request import PictureError, parse_picture
from directory.search.map.svg import THEMES

GIVEN = {"at": ["42.0451,-87.6877"], "within": ["25"], "theme": ["dark"]}


def test_place_distance_and_theme_are_enough() -> None:
    asked = parse_picture(GIVEN)

    assert asked.frame.center == Point(42.0451, -87.6877)
    assert asked.frame.within_miles == 25
    assert asked.colors is THEMES["dark"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("at", ""),
        ("at", "Evanston"),
        ("at", "42.05"),
        ("at", "nan,0"),
        ("at", "91,0"),
        ("at", "89,0"),
        ("at", "42.05,-87.69,1"),
        ("at", "42.0450000000000000000000001,-87"),
        ("within", "0"),
        ("within", "251"),
        ("within", "-5"),
        ("within", "²5"),
        ("within", ""),
        ("theme", "blue"),
        ("theme", ""),
        ("color", "red"),
        ("v", "x" * 13),
    ],
)
def test_what_cannot_be_meant_is_refused(name: str, value: str) -> None:
    with pytest.raises(PictureError):
        parse_picture({**GIVEN, name: [value]})


@pytest.mark.parametrize("name", ["at", "within", "theme"])
def test_what_is_given_twice_or_not_at_all_is_refused(name: str) -> None:
    with pytest.raises(PictureError, match=name):
        parse_picture({**GIVEN, name: [*GIVEN[name], *GIVEN[name]]})
    with pytest.raises(PictureError, match=name):
        parse_picture({key: value for key, value in GIVEN.items() if key != name})
