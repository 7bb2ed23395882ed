"""What patients notice of an import: searches and writes by other processes meanwhile."""

import multiprocessing
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from directory import create_app
from directory.config import Settings
from directory.core.clock import utc_now
from directory.core.db.database import writing
from directory.privacy.audit import record

PROJECT = Path(__file__).resolve().parents[2]
_PLACES = ("60601", "10001", "78701", "90012", "59801", "33101")
_EVERY_SECONDS = 0.02


@dataclass(frozen=True)
class ConcurrentFigures:
    """Milliseconds of searches and writes during an import."""

    writes: int
    write_p50: float
    write_p99: float
    write_max: float
    searches: int
    search_p50: float
    search_p99: float
    search_max: float
    errors: int

    def lines(self) -> Sequence[str]:
        """Return the figures for people."""
        return (
            f"meanwhile {self.writes:,} writes: p50 {self.write_p50} ms, p99 {self.write_p99} ms, "
            f"max {self.write_max} ms",
            f"and {self.searches:,} searches over HTTP: p50 {self.search_p50} ms, "
            f"p99 {self.search_p99} ms, max {self.search_max} ms; {self.errors} errors",
        )


class Watching:
    """Two processes that write and search until stopped."""

    def __init__(self, environ: dict[str, str], port: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._is_over = context.Event()
        self._results: Any = context.Queue()
        arguments = (self._is_over, self._results)
        self._processes = [
            context.Process(target=_write, args=(environ, *arguments)),
            context.Process(target=_search, args=(port, *arguments)),
        ]
        self._figures: dict[str, tuple[list[float], int]] = {}

    def start(self) -> None:
        """Begin."""
        for process in self._processes:
            process.start()

    def stop(self) -> None:
        """End, and gather what was measured."""
        self._is_over.set()
        for _ in self._processes:
            name, took, errors = self._results.get(timeout=60)
            self._figures[name] = (took, errors)
        for process in self._processes:
            process.join()

    def figures(self) -> ConcurrentFigures:
        """Return what was measured."""
        writes, write_errors = self._figures["write"]
        searches, search_errors = self._figures["search"]
        return ConcurrentFigures(
            len(writes),
            *_percentiles(writes),
            len(searches),
            *_percentiles(searches),
            write_errors + search_errors,
        )


@contextmanager
def concurrent_load(environ: dict[str, str]) -> Iterator[Watching]:
    """Serve the site, and search and write while the block runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "-w", "2", "--threads", "2"]
    command += ["--no-control-socket", "--log-level", "warning", "-b", f"127.0.0.1:{port}"]
    web = subprocess.Popen(command, cwd=PROJECT, env=environ)
    try:
        _wait(port)
        watching = Watching(environ, port)
        watching.start()
        try:
            yield watching
        finally:
            watching.stop()
    finally:
        web.terminate()
        web.wait()


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server did not start")


def _write(environ: dict[str, str], is_over: Event, results: Any) -> None:
    """Write as the product does, fifty times a second."""
    took, errors = [], 0
    os.environ.update(environ)
    with create_app(Settings.from_environ(environ)).app_context():
        while not is_over.is_set():
            began = time.perf_counter()
            try:
                with writing() as session:
                    record(session, actor="bench", action="write", subject="x", now=utc_now())
            except (sqlite3.Error, OSError, RuntimeError):
                errors += 1
            took.append((time.perf_counter() - began) * 1000)
            time.sleep(_EVERY_SECONDS)
    results.put(("write", took, errors))


def _search(port: int, is_over: Event, results: Any) -> None:
    took, errors, turn = [], 0, 0
    while not is_over.is_set():
        place = _PLACES[turn % len(_PLACES)]
        turn += 1
        began = time.perf_counter()
        try:
            address = f"http://127.0.0.1:{port}/search?near={place}&within=25"
            with urllib.request.urlopen(address, timeout=30) as answer:
                answer.read()
        except (urllib.error.URLError, OSError):
            errors += 1
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(_EVERY_SECONDS)
    results.put(("search", took, errors))


def _percentiles(milliseconds: list[float]) -> tuple[float, float, float]:
    ordered = sorted(milliseconds) or [0.0]
    last = len(ordered) - 1
    return (
        round(ordered[last // 2], 1),
        round(ordered[round(last * 0.99)], 1),
        round(ordered[last], 1),
    )
