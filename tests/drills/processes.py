"""The site as separate processes that can be killed: the web server and the delivery worker."""

import http.client
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from directory.config import PROJECT_FOLDER
from tests.conftest import TEST_ENVIRON
from tests.site import free_port

WEB_PROCESSES = 2
_PATIENCE_SECONDS = 30.0


class Program:
    """A part of the site, with its children."""

    def __init__(self, command: list[str], environ: Mapping[str, str], log: Path) -> None:
        self._command = [sys.executable, "-m", *command]
        self._environ = {"PATH": os.environ["PATH"], **environ}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            # Not `die_with_parent`: Linux counts the thread as the parent, and the killer restarts
            # processes from a thread that ends before they do.
            self._process = subprocess.Popen(
                self._command,
                cwd=PROJECT_FOLDER,
                env=self._environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill it and all of its children at once, as a machine that stops does."""
        self._end(signal.SIGKILL)

    def kill_child(self, chance: random.Random) -> bool:
        """Kill one of its children; return False while it has none."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if not children:
            return False
        os.kill(int(chance.choice(children)), signal.SIGKILL)
        return True

    def stop(self) -> None:
        """Stop it gracefully, or kill what does not stop."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def cpu_seconds(self) -> float:
        """Return the processor time that it and its children have used."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(_cpu_seconds(each) for each in (str(pid), *children))

    def _end(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)
        self._process.wait(_PATIENCE_SECONDS)


@dataclass(frozen=True)
class Site:
    """A running site."""

    port: int
    log: Path
    web: Program
    workers: tuple[Program, ...]

    def wait_until_ready(self) -> None:
        """Wait until the site responds, or fail with its output."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                if self._asks("/readyz") == 200:
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
        raise RuntimeError(self.log.read_text(encoding="utf-8")[-3000:])

    def _asks(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()


@contextmanager
def running_site(
    database_url: str, folder: Path, smtp_url: str, *, workers: int = 1, lease: float = 120
) -> Iterator[Site]:
    """Start web server and delivery workers on a migrated database; end them all."""
    port, log = free_port(), folder / "site.log"
    environ = site_environ(database_url, folder, smtp_url)
    web = ["gunicorn", "wsgi:app", "-w", str(WEB_PROCESSES), "--threads", "2"]
    web += ["--no-control-socket", "--log-level", "warning", "-b", f"127.0.0.1:{port}"]
    worker = ["flask", "--app", "wsgi", "outbox", "work", "--lease", str(lease)]
    programs = [
        Program(web, environ, log),
        *(Program(worker, environ, log) for _ in range(workers)),
    ]
    site = Site(port, log, programs[0], tuple(programs[1:]))
    for program in programs:
        program.start()
    try:
        site.wait_until_ready()
        yield site
    finally:
        for program in programs:
            program.stop()


def site_environ(database_url: str, folder: Path, smtp_url: str) -> dict[str, str]:
    """Return the settings of a site that takes whatever a drill sends."""
    return {
        **TEST_ENVIRON,
        "DATABASE_URL": database_url,
        "INSTANCE_FOLDER": str(folder),
        "SMTP_URL": smtp_url,
        "INQUIRIES_PER_HOUR": str(10**9),
        "INQUIRIES_PER_DAY": str(10**9),
        "FORM_SECONDS": "0",
    }


def _cpu_seconds(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
