import time

import pytest

from directory.geo.gazetteer import find_zip_row, zip_codes
from directory.geo.places import Resolution, resolve, zip_place, zip_position
from directory.geo.points import Point, Precision


def labels(places):
    return [place.label for place in places]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("60201", "Evanston, IL 60201"),
        ("60201-1234", "Evanston, IL 60201"),
        ("602011234", "Evanston, IL 60201"),
        (" 60201 ", "Evanston, IL 60201"),
        ("６０２０１", "Evanston, IL 60201"),  # noqa: RUF001
        ("Evanston, IL 60201", "Evanston, IL 60201"),
        ("60201 Evanston IL", "Evanston, IL 60201"),
        ("Evanston, IL", "Evanston, IL"),
        ("evanston il", "Evanston, IL"),
        ("Evanston Illinois", "Evanston, IL"),
        ("Evanston, Ill., USA", "Evanston, IL"),
        ("St. Louis, MO", "Saint Louis, MO"),
        ("Saint Louis MO", "Saint Louis, MO"),
        ("Ft Worth TX", "Fort Worth, TX"),
        ("Fort Worth", "Fort Worth, TX"),
        ("NYC", "New York, NY"),
        ("New York City", "New York, NY"),
        ("new york", "New York, NY"),
        ("Manhattan, NY", "New York, NY"),
        ("Washington DC", "Washington, DC"),
        ("Washington, D.C.", "Washington, DC"),
        ("San Juan PR", "San Juan, PR"),
        ("Winston-Salem NC", "Winston-Salem, NC"),
        ("Coeur d'Alene", "Coeur d'Alene, ID"),
        ("Peñasco NM", "Penasco, NM"),
        ("Otis, CO", "Otis, CO"),
        ("Port Washington NY", "Port Washington, NY"),
        ("L.A.", "Los Angeles, CA"),
        ("IL", "Illinois"),
        ("Illinois", "Illinois"),
        ("Virginia", "Virginia"),
        ("PR", "Puerto Rico"),
        ("DC", "District of Columbia"),
        ("Guam", "Guam"),
        ("🏥 Chicago", "Chicago, IL"),
    ],
)
def test_a_text_means_the_place_people_expect(text, label):
    place = resolve(text).place

    assert place is not None
    assert place.label == label


def test_a_city_has_its_state_and_its_size():
    place = resolve("Evanston, IL").place

    assert place is not None
    assert (place.precision, place.state, place.zip_code) == (Precision.CITY, "IL", None)
    assert place.zip_count >= 3


def test_a_name_of_several_cities_offers_the_others():
    found = resolve("Springfield")

    assert found.place is not None
    assert {"Springfield, MA", "Springfield, MO"} <= set(labels(found.choices))
    assert len(found.choices) <= 8


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("New York", "New York State"),
        ("Washington", "Washington State"),
        ("LA", "Louisiana"),
        ("Indiana", "Indiana, PA"),
        ("Manhattan", "Manhattan, KS"),
        ("Boston, MA 60201", "Boston, MA"),
    ],
)
def test_the_other_meaning_is_offered(text, choice):
    assert choice in labels(resolve(text).choices)


def test_a_state_offered_as_a_choice_leads_back_to_the_state():
    place = resolve("Washington State").place

    assert place is not None
    assert (place.precision, place.state) == (Precision.STATE, "WA")


def test_every_query_leads_back_to_its_place():
    rows = [row for row in map(find_zip_row, zip_codes()[::80]) if row]
    for text in [f"{row.city}, {row.state}" for row in rows]:
        place = resolve(text).place
        assert place is not None, text
        assert resolve(place.query).place == place


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("Evanstn, IL", "Evanston, IL"),
        ("Chcago", "Chicago, IL"),
        ("Filadelfia", "Philadelphia, PA"),
        ("Evanston Ilinois", "Evanston, IL"),
        ("Evanston, TX", "Evanston, IL"),
        ("Cincinatti, OH", "Cincinnati, OH"),
        ("Ilinois", "Illinois"),
        ("tuscon", "Tucson, AZ"),
        ("1600 Main St, Evanstn, IL", "Evanston, IL"),
    ],
)
def test_a_typing_mistake_gets_the_right_suggestion_first(text, suggestion):
    found = resolve(text)

    assert found.place is None
    assert found.suggestions[0] == suggestion


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("1600 Main St, Evanston, IL 60201", "Evanston, IL 60201"),
        ("1600 Main St, Evanston, IL", "Evanston, IL"),
        ("12345 Main St, Boston MA", "Boston, MA"),
        ("1 Foo St, Chicago", "Chicago, IL"),
        ("350 5th Ave New York", "New York, NY"),
        ("N6W23001 Bluemound Rd, Waukesha WI", "Waukesha, WI"),
    ],
)
def test_a_street_address_falls_back_to_its_zip_code_or_city(text, label):
    found = resolve(text)

    assert found.place is not None
    assert found.place.label == label
    assert found.needs_street_geocoder


@pytest.mark.parametrize("text", ["60201", "Evanston, IL", "60201 Evanston IL", "29 Palms, CA"])
def test_other_places_need_no_street_geocoder(text):
    assert not resolve(text).needs_street_geocoder


def test_coordinates_are_rounded_to_half_a_mile():
    place = resolve("42.0412345, -87.6").place

    assert place is not None
    assert place.label == place.query == "42.04, -87.60"
    assert (place.point, place.precision) == (Point(42.04, -87.6), Precision.COORDINATES)


def test_an_unknown_zip_code_is_near_its_neighbors():
    place = zip_place("60299")

    assert place is not None
    assert (place.label, place.precision) == ("IL 60299", Precision.AREA)


def test_a_city_is_better_than_an_unknown_zip_code():
    place = resolve("Evanston, IL 60299").place

    assert place is not None
    assert place.label == "Evanston, IL"


def test_a_hospital_zip_code_that_only_its_town_is_known_of_says_so():
    place = zip_place("44195")

    assert place is not None
    assert (place.label, place.precision) == ("Cleveland, OH 44195", Precision.CITY)


@pytest.mark.parametrize("text", ["60201", "60201-1234", "602011234"])
def test_the_position_of_a_zip_code_of_five_or_nine_digits(text):
    assert zip_position(text) == (Point(42.0547, -87.6924), Precision.ZIP)


@pytest.mark.parametrize("text", ["", "1001", "123456", "00012", "09012", "abcde", "٦٠٢٠١"])
def test_no_position_is_guessed(text):
    assert zip_position(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " , ",
        "x" * 10_000,
        "1 " * 99,
        "ﷺ" * 200,
        "\x00\x1b[31m\x7f",
        "🏥🏥🏥",
        "'; DROP TABLE listing; --",
        "<script>alert(1)</script>",
        "95.1,-87.6",
        "42.04,-187",
        "United States",
    ],
)
def test_what_means_nothing_quickly_gives_nothing(text):
    resolve("warm up, IL")
    started = time.perf_counter()

    assert resolve(text) == Resolution()
    assert time.perf_counter() - started < 0.1
