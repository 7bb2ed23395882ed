"""The commands of the demo."""

import os
import signal
import subprocess
import sys
import time

import pytest

from directory.config import PROJECT_FOLDER
from directory.core.db.database import db, writing
from directory.demo.load import has_demo
from tests.demo.test_mailbox import free_port, wait_for
from tests.factories import make_provider


def run(app, *words):
    return app.test_cli_runner().invoke(args=["demo", *words])


def test_load_and_remove_say_what_they_did(app):
    assert "3,644 invented professionals loaded." in run(app, "load").output
    assert has_demo(db.session())

    assert "removed" in run(app, "remove").output
    db.session().rollback()
    assert not has_demo(db.session())


def test_load_if_empty_is_silent_when_somebody_is_there(app):
    with writing() as session:
        make_provider(session)

    result = run(app, "load", "--if-empty")

    assert (result.exit_code, result.output) == (0, "")


def test_load_says_why_not(app):
    with writing() as session:
        make_provider(session)

    result = run(app, "load")

    assert result.exit_code == 1
    assert "empty database" in result.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_mailbox_runs_until_it_is_told_to_stop(tmp_path, number):
    port = free_port()
    environ = {**os.environ, "INSTANCE_FOLDER": str(tmp_path), "MAILBOX_PORT": str(port)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "mailbox"]
    process = subprocess.Popen(command, env=environ, cwd=PROJECT_FOLDER, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        time.sleep(0.1)
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()
