import pytest

from directory.geo.gazetteer import (
    cities_named,
    city_key,
    find_area,
    find_city,
    find_zip_row,
    zip_codes,
)
from directory.geo.points import Point, miles_between
from directory.geo.states import STATES


def test_the_file_holds_the_zip_codes_of_every_state_and_territory():
    states = {row.state for row in map(find_zip_row, zip_codes()) if row}

    assert len(zip_codes()) > 41_000
    assert states == set(STATES)


@pytest.mark.parametrize(
    ("zip_code", "near", "miles"),
    [
        ("44195", Point(41.503, -81.621), 3),  # Cleveland Clinic; GeoNames says Lake Erie
        ("27710", Point(36.007, -78.937), 3),  # Duke University Hospital
        ("65212", Point(38.938, -92.328), 1),  # University of Missouri Hospital
        ("60601", Point(41.886, -87.622), 1),
        ("99501", Point(61.218, -149.87), 2),
        ("99503", Point(61.190, -149.89), 2),  # The Census file is 280 miles off here
        ("99701", Point(64.838, -147.72), 2),  # and 180 here.
        ("96813", Point(21.307, -157.86), 2),
        ("00901", Point(18.466, -66.11), 1),
        ("20001", Point(38.910, -77.02), 1),
    ],
)
def test_a_zip_code_is_where_it_should_be(zip_code, near, miles):
    row = find_zip_row(zip_code)

    assert row is not None
    assert miles_between(row.point, near) < miles


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("St. Louis", "Saint Louis"),
        ("Ft Worth", "Fort Worth"),
        ("Mc Lean", "McLean"),
        ("O'Fallon", "O Fallon"),
        ("Winston-Salem", "winston salem"),
        ("Peñasco", "penasco"),
    ],
)
def test_spellings_of_one_name_have_one_key(one, other):
    assert city_key(one) == city_key(other)


def test_the_city_with_most_zip_codes_comes_first():
    sizes = [len(city.zip_codes) for city in cities_named("Portland")]

    assert cities_named("Portland")[0].label == "Portland, OR"
    assert sizes == sorted(sizes, reverse=True)


def test_a_city_is_where_its_people_are():
    city = find_city("Honolulu", "HI")

    assert city is not None
    assert miles_between(city.point, Point(21.307, -157.858)) < 3


def test_an_area_is_the_mean_of_its_main_state():
    area = find_area("967")

    assert area is not None
    assert area[1] == "HI"
    assert area[0].latitude == pytest.approx(20.8, abs=0.3)


def test_an_unknown_area_is_nowhere():
    assert find_area("000") is None
