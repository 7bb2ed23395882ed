"""A whole site as an operator starts it: `flask serve` with worker and demo mailbox."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from directory.cli import die_with_parent
from directory.config import PROJECT_FOLDER


@dataclass(frozen=True)
class Site:
    """A running site: its URL, its folder, and its supervising process."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_site(folder: Path, *options: str, **environ: str) -> Iterator[Site]:
    """Start a site in the folder, wait until it is ready, and end it as Ctrl-C does."""
    port = free_port()
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FLASK_")},
        "INSTANCE_FOLDER": str(folder),
        "PORT": str(port),
        "MAILBOX_PORT": str(free_port()),
        **environ,
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", *options]
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=PROJECT_FOLDER,
            env=env,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    site = Site(f"http://127.0.0.1:{port}", folder, process)
    try:
        wait_until_ready(site)
        yield site
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until_ready(site: Site, seconds: float = 90) -> None:
    """Wait until the site is ready, or fail with its output."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and site.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{site.url}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError((site.folder / "serve.log").read_text(encoding="utf-8")[-3000:])
