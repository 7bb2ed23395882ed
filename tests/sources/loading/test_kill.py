"""An import killed at any time leaves the old data or the new, and the next one succeeds.

`KILLS=50 SEED=7 pytest tests/sources/loading/test_kill.py -s` says how often which it was.
"""

import multiprocessing
import os
import random
import signal
import time
from datetime import date, timedelta
from pathlib import Path

from directory.core.db.database import db
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.nppes import NPPES
from tests.conftest import TEST_ENVIRON
from tests.sources.dumps import public_dump
from tests.sources.nppes_rows import row, write

KILLS = int(os.environ.get("KILLS", "8"))
SEED = int(os.environ.get("SEED", "20261124"))
PEOPLE = 600


def load_in_child(environ: dict[str, str], path: str) -> None:
    from directory import create_app
    from directory.config import Settings

    with create_app(Settings.from_environ(environ)).app_context():
        load(NPPES, Path(path), LoadOptions())


def release(folder: Path, number: int) -> Path:
    """Write a newer release with changes to every provider."""
    day = date(2026, 9, 7) + timedelta(days=number)
    said = {"updated": f"{day:%m/%d/%Y}", "last": f"NAME{number}", "line1": f"{number} ELM ST"}
    codes = [("2084N0400X", f"L{number}", "TX", "Y")]
    first = 1 + number * 5  # some leave, and others come
    rows = [row(each, taxonomies=codes, **said) for each in range(first, first + PEOPLE)]
    return write(folder, rows, f"npidata_pfile_20050523-{day:%Y%m%d}.csv")


def test_a_kill_at_any_time_leaves_the_old_data_or_the_new(app, database_url, tmp_path):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.sources.loading.test_kill", "directory"])
    environ = {**TEST_ENVIRON, "DATABASE_URL": database_url, "INSTANCE_FOLDER": str(tmp_path)}
    moments = random.Random(SEED)
    load(NPPES, release(tmp_path, 0), LoadOptions())
    timed(context, environ, release(tmp_path, 1))  # starts the server that forks
    seconds = timed(context, environ, release(tmp_path, 2))
    outcomes = {"old": 0, "new": 0}

    for number in range(3, KILLS + 3):
        before = public_dump()
        db.engine.dispose()
        path = release(tmp_path, number)
        # Every other one falls near the switch, which is short.
        earliest = 0.85 * seconds if number % 2 else 0
        kill_after(context, environ, path, moments.uniform(earliest, seconds * 1.1))
        found = public_dump()
        db.engine.dispose()

        load(NPPES, path, LoadOptions())
        after = public_dump()

        # What is there is either untouched, or all that the file says: loading it once more
        # changes nothing. A mixture is neither.
        assert found in (before, after), f"SEED={SEED}, kill {number - 2}"
        assert after != before
        outcomes["old" if found == before else "new"] += 1

    print(f"\n{KILLS} kills (SEED={SEED}, {database_url.split(':')[0]}): {outcomes}")


def timed(context, environ, path: Path) -> float:
    began = time.monotonic()
    child = context.Process(target=load_in_child, args=(environ, str(path)))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    return time.monotonic() - began


def kill_after(context, environ, path: Path, seconds: float) -> None:
    child = context.Process(target=load_in_child, args=(environ, str(path)))
    child.start()
    child.join(seconds)
    if child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
    child.join(60)
    assert child.exitcode in {0, -signal.SIGKILL}
