"""The names on the map."""

from itertools import combinations

import pytest

from directory.geo.places import resolve
from directory.geo.points import Point
from directory.search.map.frame import HEIGHT, WIDTH, Frame
from directory.search.map.label_placement import labels_for
from directory.search.map.map_figure import Figure, figure_of
from tests.search.map.places import random_frames


def _figure(near: str, within: int, *points: Point) -> Figure:
    place = resolve(near).place
    assert place is not None
    figure = figure_of(place, within, points or [place.point])
    assert figure is not None
    return figure


def test_the_place_searched_is_named_under_its_mark() -> None:
    first = _figure("60201", 25).names[0]

    assert first.text == "Evanston"
    assert first.x == WIDTH / 2
    assert first.y > HEIGHT / 2


@pytest.mark.parametrize("near", ["42.05,-87.69", "Illinois"])
def test_where_no_town_was_searched_none_is_named_for_it(near: str) -> None:
    names = _figure(near, 25, resolve("60201").place.point, resolve("61701").place.point).names  # type: ignore[union-attr]

    assert (WIDTH / 2, HEIGHT / 2 + 16) not in [(name.x, name.y) for name in names]


def test_the_largest_towns_are_named() -> None:
    names = {name.text for name in _figure("Milwaukee, WI", 100).names}

    assert {"Milwaukee", "Chicago", "Madison"} <= names


@pytest.mark.parametrize("frame", random_frames(30), ids=str)
def test_no_name_is_over_another_or_cut_by_the_edge(frame: Frame) -> None:
    names = labels_for(frame, None, [])

    assert len({name.text for name in names}) == len(names) <= 9
    assert not any(one.box.overlaps(other.box) for one, other in combinations(names, 2))
    for box in (name.box for name in names):
        assert box.left > 0
        assert box.right < WIDTH
        assert box.top > 0
        assert box.bottom < HEIGHT


def test_no_name_is_under_a_pin() -> None:
    towns = ["Milwaukee, WI", "Racine, WI", "Kenosha, WI", "Waukegan, IL", "Chicago, IL"]
    points = [resolve(town).place.point for town in towns]  # type: ignore[union-attr]
    figure = _figure("Racine, WI", 50, *points * 3)

    assert len(figure.pins) == 15
    for name in figure.names:
        assert all(name.box.distance((pin.x, pin.y)) > figure.pin_radius for pin in figure.pins)
