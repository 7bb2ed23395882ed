"""One command starts all processes; one signal stops them."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from directory.config import PROJECT_FOLDER
from tests.site import free_port, running_site, wait_until_ready

pytestmark = pytest.mark.xdist_group("browser")


def _processes_of(folder: Path) -> list[str]:
    """Return the commands of all processes that work in the folder, this one left out."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environ = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if f"INSTANCE_FOLDER={folder}\0".encode() in environ and command:
            found.append(command)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_serve_starts_fills_the_database_stops_and_restarts(tmp_path: Path) -> None:
    for start in (1, 2):
        with running_site(tmp_path) as site:
            with urllib.request.urlopen(f"{site.url}/", timeout=10) as answer:
                assert answer.status == 200
                assert b"every person and clinic here is invented" in answer.read()
            assert len(_processes_of(tmp_path)) >= 4, f"start {start}"
        assert site.process.returncode == 0
        assert _processes_of(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends the children")
def test_no_process_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        os.kill(site.process.pid, signal.SIGKILL)
        site.process.wait()
        for _ in range(100):
            if not _processes_of(tmp_path):
                break
            signal.sigtimedwait([], 0.1)
        assert _processes_of(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_two_delivery_workers_can_run(tmp_path: Path) -> None:
    with running_site(tmp_path, "--senders", "2"):
        running = _processes_of(tmp_path)
    assert sum("outbox work" in each for each in running) == 2
    assert sum("demo mailbox" in each for each in running) == 1
    assert _processes_of(tmp_path) == []


def test_a_process_that_dies_is_restarted(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        found = subprocess.run(
            ["pgrep", "-P", str(site.process.pid)], capture_output=True, text=True, check=True
        )
        web = int(found.stdout.split()[0])
        signal.sigtimedwait([], 1.2)
        os.kill(web, signal.SIGKILL)
        signal.sigtimedwait([], 2.0)
        wait_until_ready(site)


def test_a_busy_port_is_reported_with_a_solution(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        env = {**os.environ, "INSTANCE_FOLDER": str(tmp_path), "PORT": site.url.rsplit(":", 1)[1],
               "MAILBOX_PORT": str(free_port())}  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
            cwd=PROJECT_FOLDER, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "cannot be used" in done.stderr
    assert "PORT=" in done.stderr
