"""The benchmark of the search runs, small: every engine is built, checked and timed."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.search.data import make_listings, peer_rows, query_places
from benchmarks.search.engines import SIX_SPECIALTIES as SIX
from benchmarks.search.engines import BruteForce, WrongAnswerError, check
from benchmarks.search.http import RefusedError, Serving, find_wrk, loads_in_turn
from benchmarks.search.packages import has_postgis
from benchmarks.search.speed import main
from benchmarks.search.sqlite import BandPeer
from tests.conftest import missing

SMALL = ["--sizes", "2000", "4000", "--places", "4", "--only"]


class QuietServer(ThreadingHTTPServer):
    """Says nothing of connections that the load generator cuts off at its end."""

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def refusing_site() -> Iterator[str]:
    """Serve errors only: this handler knows no method."""
    with QuietServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def measured(tmp_path, capsys):
    def run(*words: str) -> tuple[dict[str, object], str]:
        file = tmp_path / "figures.json"
        assert main([*SMALL, *words, "--results", str(file)]) == 0
        return json.loads(file.read_text()), capsys.readouterr().out

    return run


def test_on_sqlite_all_engines_answer_rightly_and_are_timed(measured):
    results, printed = measured("search", "--engines", "sqlite")

    assert set(results["sizes"]) == {"2000", "4000", "operator 2000"}
    assert "R*Tree" in results["sizes"]["4000"]["searches"]
    assert {figure["number"] for figure in results["figures"]} == {
        *("1", "3", "4"),
    }
    assert "times faster than R*Tree" in printed


def test_on_postgresql_all_engines_answer_rightly_and_are_timed(measured):
    if not has_postgis():
        missing("PostGIS", "python -m benchmarks.search.packages")

    results, _ = measured("search", "--engines", "postgresql")

    assert "PostGIS" in results["sizes"]["4000"]["searches"]
    assert {figure["number"] for figure in results["figures"]} >= {"2", "3", "4"}


def test_over_http_pages_and_statements_are_measured(measured):
    if find_wrk() is None:
        missing("wrk", "python -m benchmarks.search.packages")

    results, _ = measured(
        *("http", "--engines", "sqlite", "--http-rows", "300", "600", "--seconds", "1")
    )

    found = results["http"]["SQLite"]
    loads = found["loads"]
    assert {"page", "constant page", "page, unchanged", "JSON", "constant JSON"} < set(loads)
    assert all(load["requests_per_second"] > 0 for load in loads.values())
    assert {"page", "JSON"} < set(found["shares"])
    assert found["places"]["page, more places than are kept"] > found["places"]["page"]
    assert {figure["number"] for figure in results["figures"]} == {"5", "6", "7"}


def test_a_site_that_answers_with_errors_is_not_timed(tmp_path):
    if find_wrk() is None:
        missing("wrk", "python -m benchmarks.search.packages")
    serving = Serving(rows=0, rows_for_json=0, seconds=1, places=1, many_places=1, seed=1)

    with refusing_site() as site, pytest.raises(RefusedError):
        loads_in_turn(site, {"page": ["/search"]}, serving, tmp_path)


def test_an_engine_that_answers_wrongly_is_not_timed(tmp_path):
    rows = peer_rows(make_listings(2_000, is_operator=True))
    near = query_places(20)
    peer = BandPeer(tmp_path, rows.head(1_000))

    with pytest.raises(WrongAnswerError):
        check(peer, BruteForce(rows), [SIX], near, is_collapsed=False)
    peer.close()
