"""The pages of the search: results, unclear places, wrong parameters, reports."""

import pytest
from flask import Flask

from directory.core.db.database import db, writing
from directory.providers.models import Report, WrongFact
from directory.search.index.listings import refresh_listings
from tests.factories import make_location, make_provider
from tests.inquiries.patient import open_browser, stored
from tests.search.index.test_listings import deactivate, exclude, hide

NAME = "Quillfeather"


def listed(**facts: object) -> str:
    with writing() as session:
        provider = make_provider(session, last_name=NAME, **facts)
        return make_location(session, provider).npi


def test_results_show_who_is_near(app: Flask) -> None:
    npi = listed(treatments=61)
    page = open_browser(app).get("/search?near=60201")
    assert page.status_code == 200
    assert "1 professional within" in page.text
    assert NAME in page.text
    assert f"/providers/{npi}" in page.text


def test_nobody_found_is_said(app: Flask) -> None:
    page = open_browser(app).get("/search?near=60201&within=5")
    assert page.status_code == 200
    assert "Nobody found within" in page.text


def test_no_place_asks_for_one(app: Flask) -> None:
    page = open_browser(app).get("/search")
    assert page.status_code == 200
    assert "Where should we look?" in page.text


def test_an_unknown_place_comes_with_suggestions(app: Flask) -> None:
    page = open_browser(app).get("/search?near=Evanstn")
    assert page.status_code == 422
    assert "Did you mean" in page.text
    assert "Evanston, IL" in page.text


def test_a_name_of_many_places_offers_the_others(app: Flask) -> None:
    page = open_browser(app).get("/search?near=Springfield")
    assert page.status_code == 200
    assert "Or did you mean:" in page.text
    assert "Springfield, MA" in page.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("within", "7"),
        ("within", "-5"),
        ("page", "0"),
        ("page", "two"),
        ("evidence", "rumor"),
        ("specialty", "dentist"),
        ("sex", "Q"),
        ("accepting", "maybe"),
        ("inquiries", "1"),
        ("telehealth", "maybe"),
        ("language", "xx"),
        ("widen", "never"),
        ("version", "latest"),
        ("sort", "paid"),
    ],
)
def test_a_wrong_parameter_is_named(app: Flask, name: str, value: str) -> None:
    page = open_browser(app).get(f"/search?near=60201&{name}={value}")
    assert page.status_code == 400
    assert f"{name} must be" in page.text


@pytest.mark.parametrize(
    ("name", "value"),
    [("within", "000025" + "9" * 9), ("page", "000000001" + "9" * 20)],
)
def test_a_number_of_many_digits_is_a_wrong_parameter(app: Flask, name: str, value: str) -> None:
    page = open_browser(app).get(f"/search?near=60201&{name}={value}")
    assert page.status_code == 400


def test_every_filter_at_once_is_answered(app: Flask) -> None:
    listed()
    query = "near=60201&within=50&evidence=documented&specialty=neurology&specialty=pain&sex=F"
    query += "&language=es&language=zh&telehealth=yes&accepting=yes&inquiries=yes"
    page = open_browser(app).get(f"/search?{query}&name=smith&sort=distance&widen=no")
    assert page.status_code == 200
    assert NAME not in page.text


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", "a\x00b", "'; --", "x" * 5000])
def test_whatever_is_typed_is_shown_as_text(app: Flask, typed: str) -> None:
    page = open_browser(app).get("/search", query_string={"near": typed})
    assert page.status_code == 422
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("step", [exclude, hide, deactivate])
def test_who_may_not_be_found_is_in_no_result(app: Flask, step) -> None:
    npi = listed(treatments=61)
    with writing() as session:
        step(session, npi)
        refresh_listings(session, [npi])
    browser = open_browser(app)
    for query in ("", "&specialty=all", "&evidence=documented", "&within=250&sort=documented"):
        assert NAME not in browser.get(f"/search?near=60201{query}").text
    assert browser.get(f"/providers/{npi}").status_code == 200


def test_the_page_of_an_excluded_professional_says_so(app: Flask) -> None:
    npi = listed()
    with writing() as session:
        exclude(session, npi)
    page = open_browser(app).get(f"/providers/{npi}").text
    assert "On the federal exclusion list" in page
    assert "/inquiry/new" not in page


def test_a_profile_shows_the_distance_from_where_one_searched(app: Flask) -> None:
    npi = listed(treatments=61)
    page = open_browser(app).get(f"/providers/{npi}?near=60601")
    assert page.status_code == 200
    assert "61 treatments" in page.text
    assert "Back to results" in page.text


@pytest.mark.parametrize("npi", ["1234567890", "1234567893", "abc", "9" * 40, "²" * 10])
@pytest.mark.parametrize("ending", ["", "/report", "/report/sent"])
def test_a_profile_of_nobody_is_not_found(app: Flask, npi: str, ending: str) -> None:
    page = open_browser(app).get(f"/providers/{npi}{ending}")
    assert page.status_code == 404
    assert "no professional with this number" in page.text


def test_a_wrong_fact_is_reported(app: Flask) -> None:
    npi, browser = listed(), open_browser(app)
    assert NAME in browser.get(f"/providers/{npi}/report").text
    form = {"fact": "phone", "message": " It is 555-0199. "}
    answer = browser.post(f"/providers/{npi}/report", data=form)
    assert answer.location == f"/providers/{npi}/report/sent"
    assert browser.get(answer.location).status_code == 200
    [report] = stored(Report)
    assert (report.npi, report.fact) == (npi, WrongFact.PHONE)
    assert report.message == "It is 555-0199."


@pytest.mark.parametrize(
    "form",
    [{"fact": "phone", "message": " "}, {"fact": "x", "message": "y"}, {"message": "y" * 1001}],
)
def test_an_empty_report_is_refused(app: Flask, form: dict[str, str]) -> None:
    answer = open_browser(app).post(f"/providers/{listed()}/report", data=form)
    assert answer.status_code == 422
    assert stored(Report) == []


def test_a_zero_byte_is_taken_out_of_a_report(app: Flask) -> None:
    form = {"fact": "phone", "message": "a\x00b"}
    open_browser(app).post(f"/providers/{listed()}/report", data=form)
    assert [report.message for report in stored(Report)] == ["ab"]


def test_a_report_without_the_forms_token_is_refused(app: Flask) -> None:
    form = {"fact": "phone", "message": "It is 555-0199."}
    answer = open_browser(app, csrf=True).post(f"/providers/{listed()}/report", data=form)
    assert answer.status_code == 400
    assert db.session().query(Report).count() == 0
