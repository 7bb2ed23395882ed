"""Pins are at their points, or moved aside where there is no room."""

import math
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from directory.geo.points import Point
from directory.search.map.frame import HEIGHT, RADIUS, WIDTH, Frame
from directory.search.map.free_space import MARK, Rectangle
from directory.search.map.pins import MIN_DISTANCE, Pin, pins_for
from tests.factories import EVANSTON
from tests.search.map.places import frames

MIDDLE = (WIDTH / 2, HEIGHT / 2)


@st.composite
def scattered(draw: st.DrawFn) -> tuple[Frame, list[Point]]:
    """Return a map and up to 20 points within its circle, many of them at one place."""
    frame = draw(frames)
    offsets = draw(st.lists(st.tuples(st.floats(-0.7, 0.7), st.floats(-0.7, 0.7)), min_size=1))
    degrees = RADIUS / frame.units_per_degree
    places = [
        Point(
            frame.center.latitude + down * degrees,
            max(-180, min(180, frame.center.longitude + across * degrees)),
        )
        for across, down in offsets
    ]
    return frame, draw(st.lists(st.sampled_from(places), min_size=1, max_size=20))


def _distance(one: Pin, other: Pin) -> float:
    return math.dist((one.x, one.y), (other.x, other.y))


@given(scattered())
def test_a_pin_says_where_its_place_is(given: tuple[Frame, list[Point]]) -> None:
    frame, points = given

    pins = pins_for(frame, points)

    assert [pin.index for pin in pins] == list(range(len(points)))
    for pin in pins:
        assert math.dist((pin.place_x, pin.place_y), frame.place(points[pin.index])) < 0.1


@given(scattered())
def test_no_pin_is_over_another_or_cut_by_the_edge(given: tuple[Frame, list[Point]]) -> None:
    pins = pins_for(*given)

    for one, other in combinations(pins, 2):
        assert _distance(one, other) >= MIN_DISTANCE
        # A press is meant for one of them.
        assert one.reach + other.reach <= _distance(one, other)
    for pin in pins:
        assert 12 <= pin.x <= WIDTH - 12
        assert 12 <= pin.y <= HEIGHT - 12
        assert 2 * pin.reach >= MIN_DISTANCE - 0.2
        assert math.dist((pin.x, pin.y), MIDDLE) > MARK + 11


def test_a_pin_with_room_stands_at_its_place_and_can_be_pressed_beside_it() -> None:
    frame = Frame(EVANSTON, 25)

    [pin] = pins_for(frame, [Point(42.2, -87.9)])

    assert not pin.is_moved
    assert 2 * pin.reach >= 44


def test_pins_of_one_place_stand_around_it_in_a_ring() -> None:
    frame = Frame(EVANSTON, 25)

    pins = pins_for(frame, [Point(42.2, -87.9)] * 5)

    distances = [math.dist((pin.x, pin.y), (pin.place_x, pin.place_y)) for pin in pins]
    assert all(pin.is_moved for pin in pins)
    assert max(distances) - min(distances) < 0.2


def test_the_name_of_the_middle_is_kept_clear() -> None:
    clear = Rectangle(140, 185, 196, 200)

    pins = pins_for(Frame(EVANSTON, 25), [EVANSTON] * 12, clear)

    assert min(clear.distance((pin.x, pin.y)) for pin in pins) > 13


def test_who_is_beyond_the_map_has_no_pin() -> None:
    pins = pins_for(Frame(EVANSTON, 5), [Point(43.2, -87.9), EVANSTON])

    assert [pin.index for pin in pins] == [1]
