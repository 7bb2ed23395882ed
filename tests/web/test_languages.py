"""The language of a page: of its address, and on the home page of the browser."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.inquiries.patient import open_browser

SPANISH = {"Accept-Language": "es-US,es;q=0.9,en;q=0.5"}
ENGLISH = {"Accept-Language": "en-US,en;q=0.9,es;q=0.5"}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return open_browser(app)


def language_of(page: str) -> str:
    found = re.search(r'<html lang="(\w+)">', page)
    assert found
    return found[1]


def links_of(page: str) -> set[str]:
    """Return a page's links within this site, except the one to the other language."""
    own = set(re.findall(r'<a [^>]*href="(/[^"]*)"', page))
    return own - set(re.findall(r'<a href="([^"]*)" lang="en" hreflang="en">', page))


@pytest.mark.parametrize("path", ["/", "/treatment", "/data", "/privacy", "/accessibility"])
def test_every_link_of_a_spanish_page_stays_in_spanish(client: FlaskClient, path: str) -> None:
    page = client.get(f"/es{path}").text
    assert language_of(page) == "es"
    assert len(links_of(page)) > 4
    assert [link for link in links_of(page) if not link.startswith("/es/")] == []


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("/treatment", "/es/treatment"),
        ("/es/treatment", "/treatment"),
        ("/search?near=60201", "/es/search?near=60201"),
        ("/es/search?near=60201", "/search?near=60201"),
        ("/es/", "/?language=en"),
    ],
)
def test_a_page_links_to_itself_in_the_other_language(
    client: FlaskClient, path: str, other: str
) -> None:
    page = client.get(path).text
    assert f'<link rel="alternate" hreflang="{"en" if "/es" in path else "es"}"' in page
    assert f'<a href="{other}" lang=' in page


def test_the_home_page_answers_in_the_language_of_the_browser(client: FlaskClient) -> None:
    answer = client.get("/", headers=SPANISH)
    assert language_of(answer.text) == "es"
    assert "Accept-Language" in answer.headers["Vary"]
    assert [link for link in links_of(answer.text) if not link.startswith("/es/")] == []
    assert language_of(client.get("/", headers=ENGLISH).text) == "en"


def test_whose_browser_is_spanish_can_have_the_home_page_in_english(client: FlaskClient) -> None:
    assert language_of(client.get("/?language=en", headers=SPANISH).text) == "en"


def test_any_other_page_is_in_the_language_of_its_address(client: FlaskClient) -> None:
    assert language_of(client.get("/treatment", headers=SPANISH).text) == "en"
    assert language_of(client.get("/es/treatment", headers=ENGLISH).text) == "es"


def test_an_address_of_no_page_is_answered_in_its_language(client: FlaskClient) -> None:
    answer = client.get("/es/nothing-here")
    assert answer.status_code == 404
    assert language_of(answer.text) == "es"
    assert "Esta página no está aquí" in answer.text


@pytest.mark.parametrize("path", ["/treatment", "/search?near=60201", "/nothing-here"])
def test_an_answer_says_its_language_in_its_header_too(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers=SPANISH).headers["Content-Language"] == "en"
    assert client.get(f"/es{path}", headers=ENGLISH).headers["Content-Language"] == "es"


def test_the_home_page_says_in_its_header_which_language_was_chosen(client: FlaskClient) -> None:
    assert client.get("/", headers=SPANISH).headers["Content-Language"] == "es"


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("near=%C3%91&within=50", "near=%C3%91&amp;within=50"),
        ("near=Pe\xf1a", "near=Pe%F1a"),
        ('near="><b', "near=%22%3E%3Cb"),
    ],
)
def test_the_other_language_keeps_every_query(client: FlaskClient, query: str, kept: str) -> None:
    answer = client.get("/treatment", environ_overrides={"QUERY_STRING": query})
    assert answer.status_code == 200
    assert f'<a href="/es/treatment?{kept}" lang="es" hreflang="es">' in answer.text


def test_the_answer_to_a_form_leads_to_the_form_in_the_other_language(client: FlaskClient) -> None:
    assert 'href="/es/self-check" lang="es"' in client.post("/self-check").text
