import math

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from directory.geo.points import (
    EARTH_RADIUS_MILES,
    Circle,
    Point,
    RadiusError,
    lat_band,
    miles_between,
    unit_vector,
)

ANYWHERE = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
EDGES = [
    Point(90, 0),
    Point(-90, 12),
    Point(89.99, -100),
    Point(40, 180),
    Point(40, -180),
    Point(51.9, 179.1),  # the Aleutians
    Point(71.29, -156.79),  # Utqiagvik
    Point(21.31, -157.86),  # Honolulu
    Point(18.47, -66.11),  # San Juan
    Point(0, 0),
]
CENTERS = st.one_of(ANYWHERE, st.sampled_from(EDGES))
RADII = st.one_of(st.floats(0, 500), st.sampled_from([0.0, 10.0, 25.0, 6000.0, 13000.0]))


def _seen_from(center: Point, bearing: float, miles: float) -> Point:
    """Return the point that many miles away in that direction."""
    angle, latitude = miles / EARTH_RADIUS_MILES, math.radians(center.latitude)
    sine = math.sin(latitude) * math.cos(angle)
    sine += math.cos(latitude) * math.sin(angle) * math.cos(bearing)
    sine = max(-1.0, min(1.0, sine))
    east = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(latitude),
        math.cos(angle) - math.sin(latitude) * sine,
    )
    longitude = (center.longitude + math.degrees(east) + 180) % 360 - 180
    return Point(math.degrees(math.asin(sine)), longitude)


def _is_boxed(circle: Circle, point: Point) -> bool:
    return lat_band(point.latitude) in circle.lat_bands and any(
        west <= point.longitude <= east for west, east in circle.longitude_ranges
    )


def _is_within_chord(circle: Circle, point: Point) -> bool:
    pairs = zip(unit_vector(point), circle.unit_vector, strict=True)
    return sum((a - b) ** 2 for a, b in pairs) <= circle.chord_squared


@given(CENTERS, RADII, st.floats(0, 2 * math.pi), st.floats(0, 1))
@example(Point(40, 180), 25.0, math.pi / 2, 1.0)
@example(Point(90, 0), 25.0, math.pi, 1.0)
@example(Point(89.8, 0), 25.0, 0.0, 1.0)
def test_every_point_inside_the_circle_is_in_a_band_and_a_range(center, radius, bearing, part):
    point = _seen_from(center, bearing, min(radius, 12400.0) * part)
    assume(miles_between(center, point) <= radius)

    assert _is_boxed(Circle(center, radius), point)


@given(CENTERS, ANYWHERE)
def test_the_box_misses_nothing_anywhere_on_earth(center, point):
    radius = miles_between(center, point) * (1 + 1e-12)

    assert _is_boxed(Circle(center, radius), point)


@given(CENTERS, st.floats(0.01, 6000), st.floats(0, 2 * math.pi), st.floats(0.5, 1.5))
def test_the_chord_says_the_same_as_the_miles(center, radius, bearing, part):
    point = _seen_from(center, bearing, radius * part)
    miles = miles_between(center, point)
    assume(abs(miles - radius) > 1e-9 * radius + 1e-5)

    assert _is_within_chord(Circle(center, radius), point) == (miles <= radius)


@given(CENTERS, RADII)
def test_the_center_is_always_inside(center, radius):
    circle = Circle(center, radius)

    assert _is_boxed(circle, center)
    assert _is_within_chord(circle, center)


@given(CENTERS, RADII)
def test_ranges_lie_on_the_map_and_bands_between_the_poles(center, radius):
    circle = Circle(center, radius)

    assert all(-180 <= west <= east <= 180 for west, east in circle.longitude_ranges)
    assert lat_band(-90) <= circle.lat_bands[0] <= circle.lat_bands[-1] <= lat_band(90)


@pytest.mark.parametrize(
    ("circle", "ranges"),
    [
        (Circle(Point(42, -87.7), 25), 1),
        (Circle(Point(51.9, 179.9), 25), 2),
        (Circle(Point(89.9, 20), 25), 1),
    ],
)
def test_a_circle_over_the_date_line_has_two_ranges(circle, ranges):
    assert len(circle.longitude_ranges) == ranges


def test_a_circle_with_a_pole_holds_all_longitudes():
    assert Circle(Point(-89.9, 20), 25).longitude_ranges == [(-180.0, 180.0)]


def test_a_usual_search_needs_few_bands():
    assert len(Circle(Point(42, -87.7), 25).lat_bands) <= 7


@pytest.mark.parametrize("radius", [-1, math.nan, math.inf])
def test_a_radius_is_a_number_of_miles(radius):
    with pytest.raises(RadiusError, match="is not a radius"):
        Circle(Point(0, 0), radius)
