import math

import pytest

from directory.core.errors import DirectoryError
from directory.geo.points import (
    EARTH_RADIUS_MILES,
    Point,
    PointError,
    middle_of,
    miles_between,
    nearest_index,
    rounded,
    unit_vector,
)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(90.1, 0), (-91, 0), (0, 180.5), (0, -181), (math.nan, 0), (0, math.nan), (math.inf, 0)],
)
def test_a_point_off_the_earth_is_refused(latitude, longitude):
    with pytest.raises(PointError, match="is not a place") as raised:
        Point(latitude, longitude)

    assert isinstance(raised.value, DirectoryError)


def test_miles_agree_with_the_radius_of_the_earth():
    quarter = miles_between(Point(0, 0), Point(90, 0))

    assert quarter == pytest.approx(EARTH_RADIUS_MILES * math.pi / 2)


def test_chicago_is_about_twelve_miles_from_evanston():
    assert miles_between(Point(41.8781, -87.6298), Point(42.0451, -87.6877)) == pytest.approx(
        11.9, abs=0.2
    )


def test_a_unit_vector_is_one_long():
    assert math.hypot(*unit_vector(Point(42.04, -87.68))) == pytest.approx(1)


def test_rounding_keeps_two_decimals():
    assert rounded(Point(42.04512, -87.68771)) == Point(42.05, -87.69)


def test_the_nearest_point_may_lie_beyond_the_date_line():
    assert nearest_index([Point(52, -170), Point(52, 179)], Point(52, -179.5)) == 1


def test_one_point_far_off_does_not_move_the_middle():
    town = [Point(61.1, -149.9), Point(61.2, -149.8), Point(61.2, -149.9), Point(70, -149)]

    assert middle_of(town) == Point(61.2, -149.9)
