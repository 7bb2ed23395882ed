"""Nothing that somebody types to find a professional ever reaches a log."""

import socket
import sqlite3
import urllib.error
import urllib.request
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.conftest import missing
from tests.postgres import find_postgres, running_postgres
from tests.site import Site, running_site

pytestmark = pytest.mark.xdist_group("browser")

MARK = "Markedword"
# The last of a street is a city that is known, so that the search goes on to the database.
STREET = f"7 {MARK} Ave, Evanston, IL"
QUESTIONS = [
    *(("/search", {"near": near}) for near in (MARK, STREET)),
    *(("/search", {"near": STREET, name: MARK}) for name in ("name", "within", MARK)),
    *(("/api/v1/listings", {"near": near}) for near in (MARK, STREET)),
    *(("/api/v1/listings", {"near": STREET, name: MARK}) for name in ("name", "sort", MARK)),
    *(("/suggest", {name: MARK}) for name in ("place", "name", MARK)),
    *((f"/{page}/{MARK}", {"near": STREET}) for page in ("search", "api/v1", "providers")),
]


def statuses(site: Site, *, every_method: bool = False) -> set[int]:
    """Ask everything and return how it was answered."""
    found = set()
    for path, query in QUESTIONS:
        for method in ("GET", "HEAD", "POST", "OPTIONS") if every_method else ("GET",):
            request = urllib.request.Request(
                f"{site.url}{path}?{urlencode(query)}", method=method, headers={"Referer": MARK}
            )
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    found.add(answer.status)
            except urllib.error.HTTPError as error:
                found.add(error.code)
                error.close()
    return found


def log(site: Site) -> str:
    """Return all that the site has printed, to either stream."""
    return (site.folder / "serve.log").read_text(encoding="utf-8")


def test_answers_and_refusals_leave_no_word(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        assert {200, 400, 404, 405, 422} <= statuses(site, every_method=True)
        assert MARK.lower() not in log(site).lower()


def test_a_request_that_is_none_leaves_no_word(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        host, port = urlsplit(site.url).netloc.split(":")
        for start in (
            f"GET /search?near={MARK} Ave HTTP/1.1",
            MARK,
            f"GET /{MARK}%zz\xff HTTP/1.1",
        ):
            with socket.create_connection((host, int(port)), timeout=10) as connection:
                connection.sendall(f"{start}\r\nHost: x\r\n\r\n".encode("latin-1"))
                assert b"400" in connection.recv(100)
        assert "A request failed: unreadable" in log(site)
        assert MARK.lower() not in log(site).lower()


def test_an_unexpected_error_leaves_no_word(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        [facts] = tmp_path.glob("*.facts-*.db")
        with closing(sqlite3.connect(facts)) as connection, connection:
            for table in ("listing_cell", "listing_name"):
                connection.execute(f"UPDATE {table} SET records = x'00'")
        assert 500 in statuses(site)
        assert "unexpected error" in log(site)
        assert MARK.lower() not in log(site).lower()


def test_a_database_that_is_down_leaves_no_word(tmp_path: Path) -> None:
    programs = find_postgres()
    if programs is None:
        missing("PostgreSQL", "apt-get install postgresql")
    assert programs is not None
    with ExitStack() as server, ExitStack() as rest:
        url = server.enter_context(running_postgres(programs))
        site = rest.enter_context(running_site(tmp_path, DATABASE_URL=url))
        assert 200 in statuses(site)
        server.close()
        assert 503 in statuses(site)
        assert "database error" in log(site)
        assert MARK.lower() not in log(site).lower()
