"""``flask serve``: all processes of a site on one machine, started and stopped together."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from directory.config import PROJECT_FOLDER, Settings
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.demo.load import has_providers, load_demo
from directory.privacy.rowkeys import row_keys
from directory.search.cli import make_listings_if_missing
from directory.web.health import check_schema

_READY_SECONDS = 30.0
_STOP_SECONDS = 10.0
_PAUSE_SECONDS = 0.2
_PR_SET_PDEATHSIG = 1


@dataclass
class _Part:
    """A process of the site."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0

    def start(self) -> None:
        self.started_at = time.monotonic()
        # A separate session: Ctrl-C reaches only this program, which then stops the parts.
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            self.command, cwd=PROJECT_FOLDER, start_new_session=True, preexec_fn=die_with_parent
        )

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


class _StopRequested(Exception):  # noqa: N818 - not an error
    """A signal asks the site to stop."""


@click.command("serve")
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--threads", default=2, show_default=True, help="Threads of each.")
@click.option(
    "--senders", default=1, show_default=True, type=click.IntRange(1), help="Delivery workers."
)
@with_appcontext
def serve(workers: int, threads: int, senders: int) -> None:
    """Bring the database up to date, then run web server, delivery worker and demo mailbox."""
    settings: Settings = current_app.config["SETTINGS"]
    _check_port(settings.host, settings.port, "PORT")
    parts = _parts(settings, workers, threads, senders)
    if _has_mailbox(settings):
        _check_port("127.0.0.1", settings.mailbox_port, "MAILBOX_PORT")
    _prepare(settings)
    db.session.remove()
    db.engine.dispose()
    row_keys().close()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        for part in parts:
            part.start()
        _wait_until_ready(settings, parts[0])
        click.echo(f"\n  {settings.site_name} is ready: {settings.public_base_url}/")
        if _has_mailbox(settings):
            click.echo(f"  Its mail goes to:  {settings.public_base_url}/demo/mailbox")
        click.echo("  End it with Ctrl-C.\n")
        _supervise(parts)
    except _StopRequested:
        click.echo("Ending.")
    finally:
        _stop(parts)


def _prepare(settings: Settings) -> None:
    """Run the migrations; in development fill an empty database with invented people."""
    upgrade()
    check_schema()
    row_keys().check()
    make_listings_if_missing()
    if settings.is_production or has_providers(db.session()):
        return
    click.echo("Loading invented people and clinics ...")
    with writing() as session:
        load_demo(session, PROJECT_FOLDER / "seeds/demo", utc_now())


def _has_mailbox(settings: Settings) -> bool:
    return not settings.is_production and settings.mail_server == settings.demo_mailbox


def _parts(settings: Settings, workers: int, threads: int, senders: int) -> list[_Part]:
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    web = [sys.executable, "-m", "gunicorn", "wsgi:app", "-w", str(workers)]
    web += ["--threads", str(threads), "--no-control-socket", "--log-level", "warning"]
    web += ["-b", f"{settings.host}:{settings.port}"]
    parts = [_Part("web server", web)]
    parts += [_Part("delivery worker", [*flask, "outbox", "work"]) for _ in range(senders)]
    if _has_mailbox(settings):
        parts.append(_Part("demo mailbox", [*flask, "demo", "mailbox"]))
    return parts


def _check_port(host: str, port: int, setting: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} of {host} cannot be used ({error.strerror}). "
                f"Choose another: {setting}={port + 1} make run"
            ) from error


def _wait_until_ready(settings: Settings, web: _Part) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if web.has_ended():
            raise click.ClickException("The web server did not start; its message is above.")
        try:
            with socket.create_connection((host, settings.port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise click.ClickException(f"The web server did not answer within {_READY_SECONDS:.0f} s.")


def _supervise(parts: list[_Part]) -> None:
    """Restart processes that exit, at most once a second each."""
    while True:
        for part in parts:
            if part.has_ended() and time.monotonic() - part.started_at > 1:
                click.echo(f"The {part.name} ended; starting it again.", err=True)
                part.start()
        time.sleep(_PAUSE_SECONDS)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise _StopRequested


def _stop(parts: list[_Part]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    running = [part.process for part in parts if part.process and not part.has_ended()]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def die_with_parent() -> None:
    """Have Linux stop the process if this program is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
