"""Everything that the site renders, to be compared before and after a change.

`make rendered OUT=folder` takes the walk through all pages and the lives of inquiries, and keeps
each page as the server sent it, each email, and each answer for programs. Each recording begins
at the same moment, and what is random is replaced by names: two recordings of the same code are
equal. `python -m tests.face.rendered --compare BEFORE AFTER` shows what differs.
"""

import argparse
import difflib
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.chromium import find_chromium
from tests.face.recording import record_lives, record_real, record_walk
from tests.face.visitor import LANGUAGES

# No federal holiday is near, and nobody on the walk types a time of this hour.
_BEGIN = datetime(2027, 3, 2, 17, 40, tzinfo=UTC)
_LONGEST_SECONDS = 19 * 60  # then the hour is over, and its times are not recognized
_CLOCK = Path(__file__).parent / "fixed_clock"
_PARTS = (*(f"walk-{each}" for each in LANGUAGES), "lives", "real")
_AT_ONCE = 2
Processes = dict[str, subprocess.Popen[bytes]]


def record(folder: Path) -> None:
    """Record all parts, two at a time, each with a clock of its own; replace what is there."""
    if find_chromium() is None:
        sys.exit("Chromium is missing; install it with: apt-get install chromium")
    if folder.exists() and not {each.name for each in folder.iterdir()} <= set(_PARTS):
        sys.exit(f"{folder} holds something else; name another folder.")
    shutil.rmtree(folder, ignore_errors=True)
    running: Processes = {}
    try:
        for part in _PARTS:
            _wait(running, fewer_than=_AT_ONCE)
            running[part] = _start(part, folder / part)
        _wait(running, fewer_than=1)
    finally:
        for process in running.values():
            process.send_signal(signal.SIGINT)  # it ends its site
            process.wait()
    _count(folder)


def record_part(part: str, folder: Path) -> None:
    """Record one part; the clock of this process has been shifted already."""
    began = time.monotonic()
    kind, _, language = part.partition("-")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-quic"]
        )
        if kind == "walk":
            record_walk(folder, browser, language)
        elif kind == "lives":
            record_lives(folder, browser)
        else:
            record_real(folder)
        browser.close()
    seconds = time.monotonic() - began
    print(f"{part}: {seconds:.0f} s")
    assert seconds < _LONGEST_SECONDS, "This took too long; record on a quieter machine."


def compare(before: Path, after: Path) -> bool:
    """Print what differs, and how many files there are; return whether all are the same."""
    names = sorted({each.relative_to(top) for top in (before, after) for each in _files(top)})
    differing = [each for each in names if _lines(before / each) != _lines(after / each)]
    for name in differing:
        one, other = _lines(before / name) or [], _lines(after / name) or []
        sys.stdout.writelines(difflib.unified_diff(one, other, f"before/{name}", f"after/{name}"))
    print(f"{len(names)} files compared, {len(differing)} differ")
    return bool(names) and not differing


def _start(part: str, folder: Path) -> subprocess.Popen[bytes]:
    shift = _BEGIN.timestamp() - time.time()
    environ = {**os.environ, "PYTHONPATH": str(_CLOCK), "CLOCK_SHIFT": str(shift)}
    command = [sys.executable, "-m", "tests.face.rendered", "--part", part, str(folder)]
    return subprocess.Popen(command, env=environ)


def _wait(running: Processes, *, fewer_than: int) -> None:
    """Wait until fewer are running; end when one has failed."""
    while len(running) >= fewer_than:
        for part, process in list(running.items()):
            if process.poll() is not None:
                del running[part]
                if process.returncode:
                    sys.exit(f"{part} failed")
        time.sleep(0.2)


def _count(folder: Path) -> None:
    for kind in ("pages", "mail", "answers"):
        number = sum(kind in each.parts for each in _files(folder))
        print(f"{number} {kind}")


def _files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]


def _lines(file: Path) -> list[str] | None:
    return file.read_text(encoding="utf-8").splitlines(keepends=True) if file.exists() else None


def main() -> None:
    """Record into a folder, or compare two."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--compare", action="store_true", help="compare two folders")
    parser.add_argument("--part", choices=_PARTS, help=argparse.SUPPRESS)
    parser.add_argument("folders", nargs="+", type=Path)
    given = parser.parse_args()
    if given.compare:
        before, after = given.folders
        sys.exit(not compare(before, after))
    [folder] = given.folders
    if given.part:
        record_part(given.part, folder)
    else:
        record(folder)


if __name__ == "__main__":
    main()
