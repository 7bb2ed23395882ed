"""The picture behind the pins."""

import re
from itertools import pairwise

import pytest

from directory.config import PROJECT_FOLDER
from directory.geo.points import Point
from directory.search.map.frame import Frame
from directory.search.map.svg import THEMES, render_svg
from tests.factories import CHICAGO
from tests.search.map.places import ADAK, random_frames

LIGHT = THEMES["light"]


def _is_land(picture: str, x: float, y: float) -> bool:
    """Return whether a position, in parts of width and height, lies within the area of the land."""
    [path] = re.findall(r'fill-rule="evenodd" d="([^"]*)"', picture)
    x, y, crossings = x * 672, y * 720, 0
    for ring in re.findall(r"M([^Mz]*)z", path):
        numbers = [int(text) for text in re.findall(r"-?\d+", ring)]
        spots = [(numbers[0], numbers[1])]
        for across, down in zip(numbers[2::2], numbers[3::2], strict=True):
            spots.append((spots[-1][0] + across, spots[-1][1] + down))
        for (x1, y1), (x2, y2) in pairwise([*spots, spots[0]]):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
                crossings += 1
    return crossings % 2 == 1


def test_the_same_place_is_always_drawn_the_same() -> None:
    assert render_svg(Frame(CHICAGO, 25), LIGHT) == render_svg(Frame(CHICAGO, 25), LIGHT)


@pytest.mark.parametrize("theme", THEMES)
def test_200_random_places_are_small_pictures(theme: str) -> None:
    sizes = [len(render_svg(frame, THEMES[theme]).encode()) for frame in random_frames(200)]

    assert max(sizes) < 8_000


@pytest.mark.parametrize("within", [5, 10, 25, 50, 100])
def test_chicago_has_land_to_the_west_and_water_to_the_east(within: int) -> None:
    picture = render_svg(Frame(CHICAGO, within), LIGHT)

    assert _is_land(picture, 0.1, 0.5)
    assert not _is_land(picture, 0.65, 0.5)


def test_far_from_any_shore_everything_is_land() -> None:
    picture = render_svg(Frame(Point(39.1, -94.58), 100), LIGHT)

    assert all(_is_land(picture, x / 10, y / 10) for x in range(1, 10) for y in range(1, 10))


def test_an_island_is_surrounded_by_water() -> None:
    picture = render_svg(Frame(Point(18.22, -66.45), 100), LIGHT)

    assert _is_land(picture, 0.5, 0.5)
    assert not any(_is_land(picture, x, y) for x, y in [(0.5, 0.1), (0.5, 0.9), (0.02, 0.5)])


def test_the_land_goes_on_beyond_180_degrees() -> None:
    east = Frame(Point(ADAK.latitude, 179.9), 250)
    picture = render_svg(east, LIGHT)

    # Amchitka lies on this side, Amatignak on the other.
    places = [east.place(Point(51.54, 178.98)), east.place(Point(51.27, -179.1))]
    assert all(_is_land(picture, x / 336, y / 360) for x, y in places)


def test_counties_are_told_apart_near_and_states_alone_far_away() -> None:
    near = render_svg(Frame(CHICAGO, 50), LIGHT)
    far = render_svg(Frame(CHICAGO, 100), LIGHT)

    assert near.count("stroke-linejoin") == far.count("stroke-linejoin") == 1
    assert len(near) > len(far)


@pytest.mark.parametrize("theme", THEMES)
def test_the_colors_are_those_of_the_stylesheet(theme: str) -> None:
    sheet = (PROJECT_FOLDER / "directory/static/site.css").read_text(encoding="utf-8")
    light, dark = sheet.partition("@media (prefers-contrast")[0].split("scheme: dark", 1)
    colors = dict(re.findall(r"--([a-z]+): (#\w+)", dark if theme == "dark" else light))

    found = THEMES[theme]

    names = ["card", "wash", "line", "accent"]
    assert [found.land, found.water, found.line, found.accent] == [colors[each] for each in names]


def test_the_picture_holds_no_style_and_no_script() -> None:
    picture = render_svg(Frame(CHICAGO, 25), LIGHT)

    assert not re.search(r"style|script|href|on\w+=", picture)
