"""Every error has a page that says what to do, and every response has the safe headers."""

import sqlite3
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from directory.core.db.database import db
from tests.inquiries.patient import FORM, form_url, open_browser, open_clinic

HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def check_headers(answer: TestResponse) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


@pytest.fixture
def database_away(app: Flask) -> Iterator[None]:
    """Let every statement fail as if the database had gone."""

    def fail(connection, cursor, statement, parameters, context, many) -> None:
        raise sa.exc.OperationalError("MARKEDANSWER", {}, sqlite3.OperationalError("disk is gone"))

    event = "before_cursor_execute"
    engine = db.engine
    sa.event.listen(engine, event, fail)
    yield
    sa.event.remove(engine, event, fail)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/search", 200),
        ("GET", "/static/site.css", 200),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/search?near=60201&within=7", 400),
        ("GET", "/nothing-here", 404),
        ("GET", "/clinic/link/x", 404),
        ("GET", "/providers/1", 404),
        ("POST", "/search", 405),
        ("DELETE", "/", 405),
        ("GET", "/clinics/confirm/x", 410),
        ("GET", "/search?near=Evanstn", 422),
    ],
)
def test_every_response_has_the_headers(app: Flask, method: str, path: str, status: int) -> None:
    answer = open_browser(app).open(path, method=method)
    assert answer.status_code == status
    check_headers(answer)
    if status >= 400:
        assert "<h1>" in answer.text
    answer.close()


@pytest.mark.parametrize("csrf", [True, False])
def test_a_body_that_is_too_large_is_refused(app: Flask, csrf: bool) -> None:
    clinic = open_clinic()
    form = {**FORM, "message": "x" * (256 * 1024)}
    answer = open_browser(app, csrf=csrf).post(form_url(clinic), data=form)
    assert answer.status_code == 413
    assert "your text should still be there" in answer.text
    check_headers(answer)


def test_a_database_that_is_away_is_said_and_can_be_tried_again(
    app: Flask, database_away: None
) -> None:
    answer = open_browser(app).get("/search?near=60201")
    assert answer.status_code == 503
    assert "safe to try again" in answer.text
    assert "MARKEDANSWER" not in answer.text
    check_headers(answer)


@pytest.mark.parametrize("path", ["/search?near=60201", "/es/search?near=60201"])
def test_what_may_work_in_a_minute_can_be_tried_again_with_one_press(
    app: Flask, database_away: None, path: str
) -> None:
    assert f'<a class="button" href="{path}">' in open_browser(app).get(path).text


def test_what_was_sent_is_not_sent_again_by_a_link(app: Flask, database_away: None) -> None:
    answer = open_browser(app, csrf=False).post("/providers/1234567893/report", data={})
    assert "Try again</a>" not in answer.text


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/healthz", 200), ("/readyz", 503)])
def test_what_needs_no_database_answers_without_it(
    app: Flask, database_away: None, path: str, status: int
) -> None:
    assert open_browser(app).get(path).status_code == status


def test_an_unexpected_error_has_a_page_without_its_text(app: Flask) -> None:
    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("MARKEDANSWER")

    answer = open_browser(app).get("/broken")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "MARKEDANSWER" not in answer.text
    check_headers(answer)
