"""Cities by the beginning of their name."""

import pytest

from directory.geo.places import resolve
from directory.geo.suggestions import (
    MOST_SUGGESTED,
    cities_that_begin,
    labels_that_begin,
    larger_cities_that_begin,
)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("evanst", "Evanston, IL"),
        ("EVANSV", "Evansville, IN"),
        ("st lou", "St Louis, MO"),
        ("St. Lou", "St. Louis, MO"),
        ("saint lou", "Saint Louis, MO"),
        ("mclea", "Mclean, VA"),
        ("n. holly", "N. Hollywood, CA"),
        ("sterl", "Sterling Heights, MI"),
        ("fort wo", "Fort Worth, TX"),
        ("ft wo", "Ft Worth, TX"),
        ("new y", "New York, NY"),
        ("springf, mass", "Springfield, MA"),
        ("springf, MA", "Springfield, MA"),
        ("springf ma", "Springfield, MA"),
        ("evanston, i", "Evanston, IL"),
    ],
)
def test_the_largest_city_that_begins_so_comes_first(typed: str, expected: str) -> None:
    assert cities_that_begin(typed)[0] == expected


def test_smaller_ones_follow() -> None:
    found = cities_that_begin("evans")
    assert found[:2] == ("Evansville, IN", "Evanston, IL")
    assert len(found) == MOST_SUGGESTED
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("typed", ["", "e", "6", "60201", "zzzz", ",", ", il", "x" * 500, "é"])
def test_what_begins_no_city_suggests_nothing(typed: str) -> None:
    assert cities_that_begin(typed) == ()


@pytest.mark.parametrize(
    "typed", ["evans", "st", "St. Lou", "ft w", "san", "mclea", "mc le", "n. h", "evanston, i"]
)
def test_every_suggestion_leads_to_its_place(typed: str) -> None:
    for suggested, label in zip(cities_that_begin(typed), labels_that_begin(typed), strict=True):
        place = resolve(suggested).place
        assert place is not None
        assert place.label == label


def test_a_beginning_that_is_sent_leads_to_the_cities_it_begins() -> None:
    resolution = resolve("evanst")
    assert resolution.place is None
    assert resolution.suggestions[:2] == ("Evanston, IL", "Evanston, WY")


@pytest.mark.parametrize("typed", ["st lou", "ft wo", "mclea", "o'fal", "n. holly", "EVANS"])
def test_a_suggestion_begins_as_it_is_typed_because_browsers_show_no_other(typed: str) -> None:
    found = cities_that_begin(typed)
    assert found
    assert all(each.lower().startswith(typed.lower()) for each in found)


@pytest.mark.parametrize(
    ("typed", "label", "expected"),
    [
        ("spring", "Spring, TX", ("Springfield, IL", "Springfield, MA", "Springfield, MO")),
        ("Chicago", "Chicago, IL", ()),
        ("Georgia", "Georgia", ()),
        ("60201", "Evanston, IL 60201", ()),
        ("Spring, TX", "Spring, TX", ()),
    ],
)
def test_a_small_city_may_be_meant_as_the_beginning_of_a_larger_one(
    typed: str, label: str, expected: tuple[str, ...]
) -> None:
    assert larger_cities_that_begin(typed, label) == expected
