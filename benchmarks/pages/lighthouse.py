"""Lighthouse on the pages that patients meet first, as on a phone: ``make lighthouse``.

The site runs as an operator starts it, with one difference that is said in the output: it is
filled with the demo's invented people, yet not marked as a demo. A demo asks not to be found, which
Lighthouse would count against it; what it counts here is what an operator's own site gets.
"""

import argparse
import html
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade

from benchmarks.pages.lighthouse_scores import (
    CATEGORIES,
    PageFigures,
    Run,
    figures_of,
    rows_of,
    run_of,
)
from benchmarks.search.figures import aligned
from directory import create_app
from directory.config import PROJECT_FOLDER, Settings
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.demo.load import load_demo
from directory.providers.models import ImportRun, Release, Source
from tests.chromium import find_chromium
from tests.site import running_site

RESULTS = Path(__file__).resolve().parent / "lighthouse.json"
PROGRAM = PROJECT_FOLDER / ".venv/lighthouse/node_modules/lighthouse"
RUNS = 3
_TRIES = 3
_RESULTS_PAGE = "/search?near=Evanston%2C+IL"  # of the kind that is found by others
_FLAGS = "--headless=new --no-sandbox --disable-quic --disable-background-networking"
_NOTE = (
    "The site holds the demo's invented people and is not marked as a demo: a demo asks not to be\n"
    "found, and Lighthouse would count that. The inquiry is never indexed and has no SEO figure."
)


def main(words: Sequence[str] | None = None) -> int:
    """Look at each page several times, print the medians, keep them, and say if any is too low."""
    given = _parse(words)
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("Chromium is missing; install it with: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="directory-lighthouse-") as name:
        folder = Path(name)
        _fill(folder)
        with running_site(folder) as site:
            pages = [
                _look_at(site.url, page, path, given.runs, chromium)
                for page, path in _paths(site.url).items()
            ]
    print(f"\n{aligned(rows_of(pages))}\n\n{_NOTE}")
    if (load := _load()) > 1:
        print(f"Others keep this machine busy ({load:.1f} a core), so performance reads too low.")
    for page in pages:
        for complaint in page.complaints:
            print(f"{page.name}: {complaint}")
    RESULTS.write_text(json.dumps(_kept(pages, given.runs), indent=1) + "\n", encoding="utf-8")
    return 1 if any(page.missed for page in pages) else 0


def _parse(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pages.lighthouse", description=__doc__
    )
    parser.add_argument("--runs", type=int, default=RUNS, help="how often each page is looked at")
    return parser.parse_args(words)


def _fill(folder: Path) -> None:
    """Create the database of a site with invented people marked as real."""
    app = create_app(Settings.from_environ({"INSTANCE_FOLDER": str(folder)}))
    with app.app_context():
        upgrade()
        with writing() as session:
            load_demo(session, PROJECT_FOLDER / "seeds/demo", utc_now())
            for model in (Release, ImportRun):
                session.execute(sa.delete(model).where(model.source == Source.DEMO))
        db.session.remove()
        db.engine.dispose()
        app.extensions["row_keys"].close()


def _paths(url: str) -> dict[str, str]:
    """Return the pages: who is looked at and written to is found among the results."""
    with urllib.request.urlopen(url + _RESULTS_PAGE, timeout=30) as answer:  # noqa: S310 - our own
        text = html.unescape(answer.read().decode())
    return {
        "home": "/",
        "results": _RESULTS_PAGE,
        "professional": _first(r'href="(/providers/\d{10}\?[^"]*)"', text),
        "inquiry": _first(r'href="(/inquiry/new\?[^"]*)"', text),
    }


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise SystemExit(f"The page of results has no link like {pattern}")
    return found[1]


def _look_at(url: str, page: str, path: str, runs: int, chromium: str) -> PageFigures:
    categories = [each for each in CATEGORIES if page != "inquiry" or each != "seo"]
    found = []
    for number in range(1, runs + 1):
        run = _run(url + path, categories, chromium)
        print(f"{page}, {number} of {runs}: {run.scores}", flush=True)
        found.append(run)
    return figures_of(page, path, found)


def _run(url: str, categories: list[str], chromium: str) -> Run:
    node = shutil.which("node")
    if node is None:
        raise SystemExit("Node is missing; install it with: apt-get install nodejs npm")
    command = [node, str(PROGRAM / "cli/index.js"), url, "--quiet", "--output=json"]
    command += [f"--only-categories={','.join(categories)}", f"--chrome-flags={_FLAGS}"]
    environ = {**os.environ, "CHROME_PATH": chromium}
    # On a busy machine the browser may not answer in time; Lighthouse then asks to be run again.
    for _ in range(_TRIES):
        done = subprocess.run(command, env=environ, capture_output=True, check=False)
        if done.returncode == 0:
            return run_of(json.loads(done.stdout))
    raise SystemExit(done.stderr.decode()[-2000:])


def _load() -> float:
    """Return how many processes waited for each core in the last quarter of an hour."""
    return os.getloadavg()[2] / (os.cpu_count() or 1)


def _kept(pages: Sequence[PageFigures], runs: int) -> dict[str, Any]:
    program = json.loads((PROGRAM / "package.json").read_text(encoding="utf-8"))
    return {
        "measured_on": str(datetime.now(UTC).date()),
        "machine": f"{os.cpu_count()} cores, {platform.system()}",
        "load_a_core": round(_load(), 1),
        "versions": {"Lighthouse": program["version"]},
        "command": f"python -m benchmarks.pages.lighthouse --runs {runs}",
        "note": _NOTE.replace("\n", " "),
        "pages": [asdict(page) for page in pages],
    }


if __name__ == "__main__":
    sys.exit(main())
