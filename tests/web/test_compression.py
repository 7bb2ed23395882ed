"""What is public comes compressed; what holds a secret never does; files are kept."""

import gzip
import re

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.web import assets


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


ASKS = {"Accept-Encoding": "gzip, deflate, br, zstd"}
PUBLIC = ["/", "/treatment", "/data", "/search?near=60201", "/static/site.css"]
SECRET = ["/self-check", "/inquiry", "/clinics/confirm/no-such-link", "/demo/mailbox"]


def _get(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    return client.get(path, headers={**ASKS, **headers}, follow_redirects=True, buffered=True)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_answer_is_compressed(client: FlaskClient, path: str) -> None:
    plain, squeezed = client.get(path, buffered=True), _get(client, path)
    assert "Content-Encoding" not in plain.headers
    assert squeezed.headers["Content-Encoding"] in {"br", "gzip"}
    assert _unpacked(squeezed) == plain.data
    assert int(squeezed.headers["Content-Length"]) == len(squeezed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in squeezed.headers["Vary"]


@pytest.mark.parametrize("path", PUBLIC)
def test_a_browser_that_knows_only_gzip_gets_it(client: FlaskClient, path: str) -> None:
    squeezed = client.get(path, headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert gzip.decompress(squeezed.data) == client.get(path, buffered=True).data


@pytest.mark.parametrize("path", SECRET)
def test_an_answer_with_a_secret_is_not(client: FlaskClient, path: str) -> None:
    assert "Content-Encoding" not in _get(client, path).headers


@pytest.mark.parametrize("path", ["/search?near=60201", "/static/site.css"])
def test_what_is_known_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = _get(client, path)
    again = _get(client, path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_part_of_a_file_is_given_as_it_lies(client: FlaskClient) -> None:
    part = _get(client, "/static/site.css", Range="bytes=0-9")
    assert part.status_code == 206
    assert "Content-Encoding" not in part.headers
    assert len(part.data) == 10


def test_a_file_is_kept_for_as_long_as_its_address_lasts(client: FlaskClient) -> None:
    address = re.search(r'href="(/static/site\.css\?v=\w+)"', client.get("/").text)
    assert address
    assert "immutable" in client.get(address[1], buffered=True).headers["Cache-Control"]


@pytest.mark.parametrize("asked", ["", "?v=", "?v=0123456789ab"])
def test_a_file_of_another_address_is_not(client: FlaskClient, asked: str) -> None:
    answer = client.get(f"/static/site.css{asked}", buffered=True)
    assert "immutable" not in answer.headers["Cache-Control"]


def test_a_file_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert client.get("/static/nothing.css?v=1").status_code == 404


def test_the_digest_of_a_changed_file_is_another(app: Flask) -> None:
    digest = assets.Assets(app).digest
    assert digest("site.css") != digest("site.js")


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip", "gzip;q=0, br", "*"])
def test_a_page_from_memory_is_the_page(client: FlaskClient, accepted: str) -> None:
    path = "/search?near=60201"
    pages = [client.get(path, headers={"Accept-Encoding": accepted}) for _ in range(2)]
    if "q=0" in accepted:
        assert {page.headers.get("Content-Encoding") for page in pages} == {"br"}
    unpacked = [_unpacked(page) for page in pages]
    assert unpacked[0] == unpacked[1] == client.get(path).data


def _unpacked(answer: TestResponse) -> bytes:
    match answer.headers.get("Content-Encoding"):
        case "gzip":
            return gzip.decompress(answer.data)
        case "br":
            return brotli.decompress(answer.data)
        case other:
            assert other is None
            return answer.data
