"""Reading again what has not changed, and reading from other sites."""

import pytest
from flask import Flask

from directory.core.db.database import writing
from directory.search.index.listings import refresh_listings
from tests.api.v1.reading import add_people, ask
from tests.factories import make_location, make_provider
from tests.search.index.test_listings import hide


def test_what_has_not_changed_is_not_sent_again(app: Flask) -> None:
    add_people(1)
    first = ask(app, "near=60201")
    again = ask(app, "near=60201", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Cache-Control"] == "public, no-cache"


def test_new_data_is_sent(app: Flask) -> None:
    add_people(1)
    first = ask(app, "near=60201")
    with writing() as session:
        make_location(session, make_provider(session))
    again = ask(app, "near=60201", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert again.get_json()["total"] == first.get_json()["total"] + 1


def test_head_says_what_get_would(app: Flask) -> None:
    add_people(1)
    whole, head = ask(app, "near=60201"), ask(app, "near=60201", method="HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)
    assert head.content_type == "application/json"


def test_a_browser_of_another_site_may_ask_and_read(app: Flask) -> None:
    headers = {"Origin": "https://other.example.org", "Access-Control-Request-Method": "GET"}
    answer = ask(app, method="OPTIONS", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "If-None-Match"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "ETag" in ask(app, "near=60201").headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize("query", ["near=60201", "near=", "radius=5"])
def test_no_cookie_is_set_and_none_changes_the_answer(app: Flask, method: str, query: str) -> None:
    answer = ask(app, query, method=method)
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_what_was_answered_before_is_answered_the_same_until_the_data_changes(app: Flask) -> None:
    npi = add_people(1)[0]
    query = f"name={npi}"
    first = ask(app, query)
    assert first.get_json()["total"] == 1
    assert ask(app, query).data == first.data
    with writing() as session:
        hide(session, npi)
        refresh_listings(session, [npi])
    assert ask(app, query).get_json()["total"] == 0
