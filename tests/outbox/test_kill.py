"""A worker killed after the server's 250 and before its commit loses nothing.

The message goes out again with the same Message-ID, and the row is handed off once. The
judge is outside the program: the ledger of the mail server and the row.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from directory.cli import die_with_parent
from directory.outbox.models import MessageState, OutboxMessage
from tests.conftest import TEST_ENVIRON
from tests.mail_server import FaultServer
from tests.outbox.sample_messages import committed_message, reloaded

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 20
LEASE_SECONDS = 2


class Worker:
    """``flask outbox work`` as a separate process."""

    def __init__(self, database_url: str, folder: Path, smtp_url: str) -> None:
        environ = {
            **TEST_ENVIRON,
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database_url,
            "INSTANCE_FOLDER": str(folder),
            "SMTP_URL": smtp_url,
        }
        command = "--app wsgi outbox work --lease"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flask", *command.split(), str(LEASE_SECONDS)],
            cwd=PROJECT,
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
        )

    def kill(self) -> None:
        self._process.kill()

    def freeze(self) -> None:
        """Return once the worker process has stopped executing."""
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)

    def wait_until_dead(self) -> int:
        return self._process.wait(PATIENCE_SECONDS)

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_SECONDS)


@pytest.fixture
def workers(database_url: str, tmp_path: Path) -> Iterator["Workers"]:
    started = Workers(database_url, tmp_path)
    yield started
    started.kill_all()


class Workers:
    """Starts workers, and kills those still running at the end."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self._database_url, self._folder = database_url, folder
        self.started: list[Worker] = []

    def start(self, server: FaultServer) -> Worker:
        self.started.append(Worker(self._database_url, self._folder, server.url))
        return self.started[-1]

    def kill_all(self) -> None:
        for worker in self.started:
            worker.kill()
            worker.wait_until_dead()


def wait_for(message: OutboxMessage, state: MessageState) -> OutboxMessage:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (row := reloaded(message)).state is not state:
        assert time.monotonic() < deadline, f"still {row.state}: {row.last_error}"
        time.sleep(0.05)
    return row


def test_a_worker_killed_with_the_250_unread_sends_the_same_message_again(
    app: Flask, workers: Workers
) -> None:
    posted = committed_message()

    def before_answer() -> None:
        if len(server.accepted) == 1:
            workers.started[0].freeze()

    def after_answer() -> None:
        if len(server.accepted) == 1:
            workers.started[0].kill()

    with FaultServer(before_answer=before_answer, after_answer=after_answer) as server:
        assert workers.start(server).wait_until_dead() == -signal.SIGKILL
        row = reloaded(posted)
        assert (row.state, row.attempt, len(server.accepted)) == (MessageState.SENDING, 1, 1)
        assert row.content is not None

        second = workers.start(server)
        row = wait_for(posted, MessageState.HANDED_OFF)
        assert second.stop() == 0

    assert [kept.message_id for kept in server.accepted] == [posted.message_id] * 2
    assert server.accepted[0].data == server.accepted[1].data
    assert (row.attempt, row.content) == (2, None)


def test_kills_around_the_250_lose_nothing_and_duplicate_at_most_once_each(
    app: Flask, workers: Workers
) -> None:
    posted = [committed_message() for _ in range(20)]
    kills = []

    def kill_once(moment: str, count: int) -> None:
        if moment not in kills and len(server.accepted) == count:
            kills.append(moment)
            workers.started[-1].kill()

    with FaultServer(
        before_answer=lambda: kill_once("kept, not answered", 3),
        after_answer=lambda: kill_once("answered", 9),
    ) as server:
        for _ in range(2):
            assert workers.start(server).wait_until_dead() == -signal.SIGKILL
        last = workers.start(server)
        rows = [wait_for(message, MessageState.HANDED_OFF) for message in posted]
        assert last.stop() == 0

    sent = [kept.message_id for kept in server.accepted]
    assert kills == ["kept, not answered", "answered"]
    assert set(sent) == {message.message_id for message in posted}
    assert len(posted) < len(sent) <= len(posted) + len(kills)
    # A second attempt was written down before it was made: none is hidden.
    assert sum(row.attempt for row in rows) == len(sent)
