"""Where on the map a place lies."""

import math

from geopy.distance import great_circle
from hypothesis import given
from hypothesis import strategies as st

from directory.geo.points import Point, miles_between
from directory.search.map.frame import HEIGHT, RADIUS, WIDTH, Frame
from tests.factories import CHICAGO
from tests.search.map.places import ADAK, frames


@given(frames, st.floats(0, 360), st.floats(0, 1))
def test_distances_from_the_middle_are_true_in_every_direction(
    frame: Frame, bearing: float, part: float
) -> None:
    start = (frame.center.latitude, frame.center.longitude)
    there = great_circle(miles=part * frame.within_miles).destination(start, bearing)
    point = Point(there.latitude, there.longitude)

    drawn = math.dist(frame.place(point), (WIDTH / 2, HEIGHT / 2))

    miles = drawn / RADIUS * frame.within_miles
    assert math.isclose(miles, miles_between(frame.center, point), rel_tol=0.02, abs_tol=0.01)


def test_north_is_up_and_east_is_right() -> None:
    frame = Frame(CHICAGO, 25)

    x, y = frame.place(Point(CHICAGO.latitude + 0.1, CHICAGO.longitude + 0.1))

    assert x > WIDTH / 2
    assert y < HEIGHT / 2


def test_the_last_islands_are_near_each_other_across_180_degrees() -> None:
    x, _ = Frame(ADAK, 250).place(Point(52.0, 179.5))

    assert 0 < x < WIDTH / 2
