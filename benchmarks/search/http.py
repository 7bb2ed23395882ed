"""The site under gunicorn, asked by wrk for the results around many places."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.imports.nppes_file import write_nppes
from benchmarks.search.control import CONSTANT_JSON, CONSTANT_PAGE
from benchmarks.search.data import query_places
from benchmarks.search.ours import close_app
from directory import create_app
from directory.config import Settings
from directory.geo.gazetteer import find_zip_row, zip_codes
from directory.geo.points import unit_vector

PROJECT = Path(__file__).resolve().parents[2]
RESULTS_PATH = "/search"
JSON_PATH = "/api/v1/listings"
# Ten or twenty people are that near to most places.
_NEAR_AND_SPECIALTY = {"within": "100", "specialty": "neurology"}
_CONNECTIONS = 8
_ROUNDS = 2
_WEIGHED = 101
_DRAWS_A_PLACE = 4
# Requests are written once, when wrk knows whom it asks.
_SCRIPT = """
local lines, number = {}, 0
function init(arguments)
  for line in io.lines(os.getenv("PATHS")) do
    local path, tag = line:match("^(%S+)%s*(.*)$")
    local headers = {["Host"] = wrk.headers["Host"]}
    if tag ~= "" then headers["If-None-Match"] = tag end
    lines[#lines + 1] = wrk.format("GET", path, headers)
  end
  number = math.random(#lines)
end
function request()
  number = number % #lines + 1
  return lines[number]
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("FIGURES %d %d %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(95), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
"""


@dataclass(frozen=True)
class Load:
    """What wrk counted in some seconds."""

    requests_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    errors: int


@dataclass(frozen=True)
class Serving:
    """How to measure: rows of the registry, seconds for each page, places to ask around.

    Many places are more than a process keeps pages of.
    """

    rows: int
    rows_for_json: int
    seconds: int
    places: int
    many_places: int
    seed: int


class RefusedError(Exception):
    """A site that answers with errors is not worth timing."""


def find_wrk() -> str | None:
    """Return the program that makes the load, or None when it is not installed."""
    return shutil.which("wrk")


def measure_http(
    serving: Serving, folder: Path, url: str, say: Callable[[str], None]
) -> dict[str, Any]:
    """Fill a database with real rows, serve it, and ask for pages and JSON."""
    environ = fill(folder, url, serving.rows, say)
    pages, listings = _paths(serving, RESULTS_PATH), _paths(serving, JSON_PATH)
    typical = {"page": _typical(environ, pages), "JSON": _typical(environ, listings)}
    with serving_site(folder, environ, typical) as (site, web):
        asked = {
            "page": pages,
            "page, more places than are kept": _paths(serving, RESULTS_PATH, has_many=True),
            "constant page": [CONSTANT_PAGE],
            "page, unchanged": with_tags(site, pages),
            "JSON": listings,
            "JSON, more places than are kept": _paths(serving, JSON_PATH, has_many=True),
            "constant JSON": [CONSTANT_JSON],
            "JSON, unchanged": with_tags(site, listings),
        }
        loads = loads_in_turn(site, asked, serving, folder)
        megabytes = _megabytes(web.pid)
    rates = {name: load.requests_per_second for name, load in loads.items()}
    return {
        "places": {name: len(paths) for name, paths in asked.items()},
        "loads": {name: asdict(load) for name, load in loads.items()},
        "shares": {
            each: rates[each] / rates[f"constant {name}"]
            for name in ("page", "JSON")
            for each in (name, f"{name}, more places than are kept")
        },
        "megabytes_of_server": megabytes,
    }


def measure_json(
    serving: Serving, folder: Path, url: str, say: Callable[[str], None]
) -> dict[str, Any]:
    """Ask for one page of people near a place with one specialty, as JSON."""
    environ = fill(folder, url, serving.rows_for_json, say)
    paths = _paths(serving, JSON_PATH, _NEAR_AND_SPECIALTY)
    typical = {"page": _paths(serving, RESULTS_PATH)[0], "JSON": paths[0]}
    with serving_site(folder, environ, typical) as (site, _):
        people = [_people(site, path) for path in paths[:_WEIGHED]]
        load = loads_in_turn(site, {"JSON": paths}, serving, folder)["JSON"]
    return {**asdict(load), "people": sum(people) / len(people)}


def _typical(environ: Mapping[str, str], paths: Sequence[str]) -> str:
    """Return the path whose answer is neither long nor short, so that its constant is fair."""
    app = create_app(Settings.from_environ(environ))
    client, sizes = app.test_client(), []
    for path in paths[:_WEIGHED]:
        answer = client.get(path)
        if answer.status_code != 200:
            raise RefusedError(path, answer.status_code)
        sizes.append((len(answer.data), path))
    close_app(app)
    return sorted(sizes)[len(sizes) // 2][1]


def fill(folder: Path, url: str, rows: int, say: Callable[[str], None]) -> dict[str, str]:
    """Load those who matter of a registry of this many rows; return the site's environment."""
    folder.mkdir(parents=True, exist_ok=True)
    environ = {**os.environ, "DATABASE_URL": url, "INSTANCE_FOLDER": str(folder)}
    file = registry(folder.parent / f"registry-{rows}", rows)
    began = time.perf_counter()
    for words in (("db", "upgrade"), ("sources", "load", "nppes", str(file))):
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=PROJECT,
            env=environ,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    say(f"loaded a registry of {rows:,} rows in {time.perf_counter() - began:.0f} s")
    return environ


def registry(folder: Path, rows: int) -> Path:
    """Return a registry of this many rows, written once for both databases."""
    return next(folder.glob("*.zip"), None) or write_nppes(folder, rows)


@contextmanager
def serving_site(
    folder: Path, environ: Mapping[str, str], typical: Mapping[str, str]
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve the site with its constant pages on a free port; give its address and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "benchmarks.search.control:make_site()"]
    command += ["-w", "2", "--threads", "2", "--no-control-socket", "--log-level", "warning"]
    constants = {f"CONSTANT_FROM_{name.upper()}": path for name, path in typical.items()}
    with (folder / "gunicorn.log").open("ab") as log:
        web = subprocess.Popen(
            [*command, "-b", f"127.0.0.1:{port}"],
            cwd=PROJECT,
            env={**environ, **constants},
            stdout=log,
            stderr=log,
        )
    try:
        _wait(web, f"127.0.0.1:{port}/readyz", folder / "gunicorn.log")
        yield f"127.0.0.1:{port}", web
    finally:
        web.terminate()
        web.wait()


def with_tags(site: str, paths: Sequence[str]) -> list[str]:
    """Return the paths each with the ETag that it has now: what a browser sends again."""
    tagged = []
    for path in paths:
        with urllib.request.urlopen(f"http://{site}{path}", timeout=60) as answer:
            tagged.append(f"{path} {answer.headers.get('ETag', '')}")
    return tagged


def loads_in_turn(
    site: str, asked: Mapping[str, Sequence[str]], serving: Serving, folder: Path
) -> dict[str, Load]:
    """Ask for one after the other, and all once more; percentiles are of the slower round."""
    rounds = [
        {name: _load(site, paths, serving, folder) for name, paths in asked.items()}
        for _ in range(_ROUNDS)
    ]
    return {name: _together([each[name] for each in rounds]) for name in asked}


def _together(loads: Sequence[Load]) -> Load:
    rates = [load.requests_per_second for load in loads]
    return Load(
        requests_per_second=round(sum(rates) / len(rates), 1),
        p50_ms=max(load.p50_ms for load in loads),
        p95_ms=max(load.p95_ms for load in loads),
        p99_ms=max(load.p99_ms for load in loads),
        errors=sum(load.errors for load in loads),
    )


def _paths(
    serving: Serving,
    path: str,
    more: Mapping[str, str] | None = None,
    *,
    has_many: bool = False,
) -> list[str]:
    """Return the search around each of many ZIP codes, within 25 miles."""
    count = serving.many_places if has_many else serving.places
    codes = zip_codes_of_people(count, seed=serving.seed)
    queries = ({"near": code, "within": "25", **(more or {})} for code in codes)
    return [f"{path}?{urllib.parse.urlencode(query)}" for query in queries]


@cache
def zip_codes_of_people(count: int, *, seed: int) -> list[str]:
    """Return different ZIP codes, drawn by where people live."""
    rows = [row for code in zip_codes() if (row := find_zip_row(code))]
    vectors = np.array([unit_vector(row.point) for row in rows])
    places = query_places(count * _DRAWS_A_PLACE, seed=seed)
    nearest = [int((vectors @ np.array(unit_vector(place))).argmax()) for place in places]
    return [rows[index].zip_code for index in dict.fromkeys(nearest)][:count]


def _load(site: str, paths: Sequence[str], serving: Serving, folder: Path) -> Load:
    wrk = find_wrk()
    assert wrk is not None
    script, lines = folder / "places.lua", folder / "paths.txt"
    script.write_text(_SCRIPT, encoding="utf-8")
    lines.write_text("\n".join(paths) + "\n", encoding="utf-8")
    for seconds in filter(None, (serving.seconds // 5, serving.seconds)):  # the first to warm up
        command = [wrk, "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "-s", str(script)]
        done = subprocess.run(
            [*command, f"http://{site}"],
            env={**os.environ, "PATHS": str(lines)},
            check=True,
            capture_output=True,
            text=True,
        )
    figures = next(line for line in done.stdout.splitlines() if line.startswith("FIGURES"))
    count, microseconds, p50, p95, p99, broken, refused = map(int, figures.split()[1:])
    if refused:
        raise RefusedError(paths[0], refused)
    return Load(
        requests_per_second=round(count / microseconds * 1e6, 1),
        p50_ms=p50 / 1000,
        p95_ms=p95 / 1000,
        p99_ms=p99 / 1000,
        errors=broken,
    )


def _people(site: str, path: str) -> int:
    with urllib.request.urlopen(f"http://{site}{path}", timeout=60) as answer:
        return len(json.load(answer)["results"])


def _megabytes(process: int) -> float | None:
    """Return the memory of a server and its workers, what they share counted once."""
    children = Path(f"/proc/{process}/task/{process}/children")
    if not children.exists():  # a system other than Linux
        return None
    kilobytes = 0
    for each in (str(process), *children.read_text(encoding="ascii").split()):
        lines = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii").splitlines()
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return round(kilobytes / 1000, 1)


def _status(address: str) -> int:
    try:
        with urllib.request.urlopen(f"http://{address}", timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _wait(web: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _ in range(600):
        if web.poll() is not None:
            break
        try:
            if _status(address) == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError(log.read_text(encoding="utf-8")[-3000:])
