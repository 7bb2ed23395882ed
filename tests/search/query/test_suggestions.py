"""What a name may become while it is typed, and what it was meant to be."""

import pytest
from flask import Flask

from directory.core.db.database import db, writing
from directory.search.index.data_versions import current_version
from directory.search.index.listings import refresh_listings
from directory.search.query.suggestions import MOST_SUGGESTIONS, names_alike, names_that_begin
from tests.factories import make_location, make_provider
from tests.inquiries.patient import open_browser
from tests.search.index.test_listings import hide


@pytest.fixture(autouse=True)
def people(app: Flask) -> dict[str, str]:
    """People who are listed: their NPIs by name."""
    names = ["Jane Johnson", "Jane Jones", "Ian Johnson", "Ida Johnson", "Rosa Peña", "Rosa O'Neil"]
    with writing() as session:
        return {name: _listed(session, *name.split()) for name in names}


def _listed(session, first: str, last: str) -> str:  # type: ignore[no-untyped-def]
    return make_location(session, make_provider(session, first_name=first, last_name=last)).npi


def begun(text: str) -> tuple[str, ...]:
    return names_that_begin(db.session(), text, as_of=current_version(db.session()).number)


def alike(text: str) -> tuple[str, ...]:
    return names_alike(db.session(), text, as_of=current_version(db.session()).number)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("jo", ("Johnson", "Jones")),
        ("JOH", ("Johnson",)),
        ("jane jo", ("jane Johnson", "jane Jones")),
        ("Ian Jo", ("Ian Johnson",)),
        ("dr ian jo", ("dr ian Johnson",)),
        ("Johnson, I", ()),  # one letter of the name that is typed
        ("Johnson, Id", ("Johnson, Ida",)),
        ("peñ", ("Peña",)),
        ("o'n", ("O'neil",)),
        ("j", ()),
        ("", ()),
        ("zz", ()),
        ("ian zz", ()),
        ("rosa jo", ()),
        ("%", ()),
    ],
)
def test_typing_completes_the_last_word_to_names_that_are_there(
    typed: str, expected: tuple[str, ...]
) -> None:
    assert begun(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Jonson", ("Johnson", "Jones")),
        ("jane jonson", ("Jane Johnson", "Jane Jones")),
        ("Ian Jonson", ("Ian Johnson",)),
        ("Penya", ("Pena",)),
        ("Zzyzx", ()),
        ("1000000004", ()),
        ("rosa jonson", ()),  # nobody bears both
    ],
)
def test_a_misspelled_name_leads_to_names_that_are_there(
    typed: str, expected: tuple[str, ...]
) -> None:
    assert alike(typed) == expected


def test_who_is_hidden_is_suggested_no_more(people: dict[str, str]) -> None:
    with writing() as session:
        hide(session, people["Rosa Peña"])
        refresh_listings(session, [people["Rosa Peña"]])
    assert begun("pen") == ()
    assert alike("Penna") == ()


def test_there_are_at_most_eight() -> None:
    with writing() as session:
        for number in range(12):
            _listed(session, "Jane", f"Mc{chr(97 + number)}ll")
    assert len(begun("mc")) == MOST_SUGGESTIONS


def test_names_are_sent_as_a_list_and_kept_until_the_data_changes(app: Flask) -> None:
    browser = open_browser(app)
    first = browser.get("/suggest?name=jane jo")
    assert first.json == ["jane Johnson", "jane Jones"]
    assert first.headers["Cache-Control"] == "public, no-cache"
    known = {"If-None-Match": first.headers["ETag"]}
    assert browser.get("/suggest?name=jane jo", headers=known).status_code == 304
    assert browser.get("/suggest?name=jane jon", headers=known).status_code == 200
    with writing() as session:
        _listed(session, "Jane", "Jolly")
    changed = browser.get("/suggest?name=jane jo", headers=known)
    assert "jane Jolly" in (changed.json or [])


def test_places_are_sent_as_a_list_and_kept_for_an_hour(app: Flask) -> None:
    answer = open_browser(app).get("/suggest?place=evanst")
    assert answer.json == ["Evanston, IL", "Evanston, WY", "Evanston, IN"]
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    "query", ["", "near=evans", "place=evans&name=smith", "place=a&place=b&x="]
)
def test_another_parameter_is_refused_in_json(app: Flask, query: str) -> None:
    answer = open_browser(app).get(f"/suggest?{query}")
    assert answer.status_code == 400
    assert answer.json == {"error": "Give one parameter, place or name."}


@pytest.mark.parametrize("typed", ["a\x00b", "x" * 5000, "<script>", "'; --", "é"])
@pytest.mark.parametrize("kind", ["place", "name"])
def test_whatever_is_typed_is_answered(app: Flask, kind: str, typed: str) -> None:
    answer = open_browser(app).get("/suggest", query_string={kind: typed})
    assert answer.status_code == 200
    assert isinstance(answer.json, list)
