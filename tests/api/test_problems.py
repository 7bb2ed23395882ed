"""Problem details of API errors."""

import sqlite3
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from directory.core.db.database import db
from directory.core.errors import TooManyError
from directory.search.query.request import PARAMETERS
from tests.api.v1.reading import LISTINGS, PROBLEM, ask, read
from tests.inquiries.patient import open_browser


@pytest.mark.parametrize(
    ("query", "parameter", "reason"),
    [
        ("", "near", "missing"),
        ("near=", "near", "missing"),
        ("near=%20%20&name=%20", "near", "missing"),
        ("near=Evanstn", "near", "place-not-found"),
        ("near=99999999", "near", "place-not-found"),
        ("near=" + "x" * 201, "near", "too-long"),
        ("near=60201&near=60201", "near", "repeated"),
        ("near=60201&page=1&page=2", "page", "repeated"),
        ("near=60201&name=" + "x" * 101, "name", "too-long"),
        ("near=60201&name=.", "name", "invalid"),
        ("near=60201&within=7", "within", "invalid"),
        ("near=60201&within=-5", "within", "invalid"),
        ("near=60201&within=%C2%B2", "within", "invalid"),
        ("near=60201&within=25.0", "within", "invalid"),
        ("near=60201&evidence=rumor", "evidence", "invalid"),
        ("near=60201&evidence=confirmed,documented", "evidence", "invalid"),
        ("near=60201&specialty=dentist", "specialty", "invalid"),
        ("near=60201&sex=Q", "sex", "invalid"),
        ("near=60201&language=xx", "language", "invalid"),
        ("near=60201&telehealth=1", "telehealth", "invalid"),
        ("near=60201&accepting=maybe", "accepting", "invalid"),
        ("near=60201&inquiries=true", "inquiries", "invalid"),
        ("near=60201&sort=paid", "sort", "invalid"),
        ("near=60201&widen=never", "widen", "invalid"),
        ("near=60201&page=0", "page", "invalid"),
        ("near=60201&page=" + "9" * 30, "page", "invalid"),
        ("near=60201&version=latest", "version", "invalid"),
        ("near=60201&Within=25", "Within", "unknown"),
        ("near=60201&radius=25", "radius", "unknown"),
        ("near=60201&=5", "", "unknown"),
        ("near=60201&" + "y" * 300 + "=5", "y" * 50, "unknown"),
    ],
)
def test_a_wrong_parameter_is_named_with_the_reason(
    app: Flask, query: str, parameter: str, reason: str
) -> None:
    answer = ask(app, query)
    assert (answer.status_code, answer.content_type) == (400, PROBLEM)
    content = answer.get_json(force=True)
    assert (content["parameter"], content["reason"]) == (parameter, reason)
    assert (content["type"], content["title"]) == ("about:blank", "Bad Request")
    assert content["status"] == 400
    assert content["detail"].endswith(".")


def test_every_parameter_of_the_results_page_is_understood(app: Flask) -> None:
    # Empty, as a browser sends a form that was not filled in.
    query = "&".join(f"{name}=" for name in PARAMETERS if name != "near")
    assert read(app, f"near=60201&{query}")["total"] == 0


def test_an_unknown_place_comes_with_suggestions(app: Flask) -> None:
    assert "Evanston, IL" in ask(app, "near=Evanstn").get_json(force=True)["suggestions"]


@pytest.mark.parametrize("typed", ["<script>", "a\x00b", "'; --", "%"])
def test_whatever_is_typed_is_no_failure_and_is_not_repeated(app: Flask, typed: str) -> None:
    answer = open_browser(app).get(LISTINGS, query_string={"near": typed})
    assert answer.status_code == 400
    assert typed not in answer.get_json(force=True)["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/", 404),
        ("GET", f"{LISTINGS}/", 404),
        ("POST", LISTINGS, 405),
        ("DELETE", f"{LISTINGS}?near=60201", 405),
        ("GET", "/api/v1/broken", 500),
        ("GET", "/api/v1/busy", 429),
    ],
)
def test_every_error_is_one_that_programs_read(
    app: Flask, method: str, path: str, status: int
) -> None:
    app.add_url_rule("/api/v1/broken", view_func=lambda: _raise(RuntimeError("MARKEDANSWER")),
                     endpoint="broken")  # fmt: skip
    app.add_url_rule("/api/v1/busy", view_func=lambda: _raise(TooManyError("Later.")),
                     endpoint="busy")  # fmt: skip
    answer = open_browser(app, csrf=True).open(path, method=method)
    assert (answer.status_code, answer.content_type) == (status, PROBLEM)
    assert answer.get_json(force=True)["status"] == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "MARKEDANSWER" not in answer.text
    if status == 405:
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    if status == 429:
        assert int(answer.headers["Retry-After"]) > 0


@pytest.fixture
def database_away(app: Flask) -> Iterator[None]:
    """Let every statement fail as if the database had gone."""

    def fail(*_given) -> None:
        raise sa.exc.OperationalError("MARKEDANSWER", {}, sqlite3.OperationalError("disk is gone"))

    engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", fail)
    yield
    sa.event.remove(engine, "before_cursor_execute", fail)


def test_a_database_that_is_away_can_be_asked_again(app: Flask, database_away: None) -> None:
    answer = ask(app, "near=60201")
    assert (answer.status_code, answer.content_type) == (503, PROBLEM)
    assert int(answer.headers["Retry-After"]) > 0
    assert "MARKEDANSWER" not in answer.text


def test_people_still_get_a_page(app: Flask) -> None:
    answer = open_browser(app).get("/apiary")
    assert answer.status_code == 404
    assert "<h1>" in answer.text


def _raise(error: Exception) -> str:
    raise error
