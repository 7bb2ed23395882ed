"""The worker sends everything once, pauses for a broken server, and stops on request."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.outbox.actions import claim_next, settle
from directory.outbox.hooks import every_minute, housekeeping, message_settled
from directory.outbox.models import MessageState, OutboxMessage, Phase
from directory.outbox.outcomes import DeliveryOutcome, OutcomeKind
from directory.outbox.queries import count_by_state
from directory.outbox.worker import Breaker, PeriodicTasks, deliver, drain, run_worker
from directory.privacy.encryption import parse_keyring
from tests.mail_server import DOT, FaultServer
from tests.outbox.sample_messages import (
    CONTENT,
    committed_message,
    deliver_next,
    make_message,
    reloaded,
)

NO_SERVER = DeliveryOutcome(OutcomeKind.MISCONFIGURED, Phase.CONNECT, "Nothing answers.")
TAKEN = DeliveryOutcome(OutcomeKind.HANDED_OFF, Phase.DOT, "Taken.")


class Records(logging.Handler):
    """Collects log records."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(record)

    @property
    def texts(self) -> list[str]:
        return [record.getMessage() for record in self.kept]


@pytest.fixture
def worker_log(app: Flask) -> Iterator[Records]:
    """The log records of the worker."""
    logger, records = logging.getLogger("directory.outbox.worker"), Records()
    logger.setLevel(logging.INFO)
    logger.addHandler(records)
    yield records
    logger.removeHandler(records)


def test_two_workers_send_each_of_100_messages_once(
    app: Flask, mail_goes_to: Callable[..., None]
) -> None:
    with writing() as session:
        posted = {make_message(session).message_id for _ in range(100)}
    sent = [0, 0]

    def work(number: int) -> None:
        with app.app_context():
            while deliver_next():
                sent[number] += 1
            db.session.remove()

    with FaultServer() as server:
        mail_goes_to(server)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(server.accepted) == 100
    assert {kept.message_id for kept in server.accepted} == posted
    assert sum(sent) == 100
    assert min(sent) > 0
    assert count_by_state(db.session())[MessageState.HANDED_OFF] == 100


def test_no_transaction_is_open_during_the_smtp_conversation(
    app: Flask, mail_goes_to: Callable[..., None]
) -> None:
    seen = []

    def look() -> None:
        # A second writer gets through, so the worker holds no lock.
        with app.app_context():
            with writing() as session:
                seen.append(session.scalars(sa.select(OutboxMessage.state)).one())
            db.session.remove()

    committed_message()
    with FaultServer(before_answer=look) as server:
        mail_goes_to(server)
        deliver_next()
        assert not db.session().in_transaction()
    assert seen == [MessageState.SENDING]


def test_a_worker_whose_lease_expired_leaves_the_row_alone(
    app: Flask, mail_goes_to: Callable[..., None], heard: list
) -> None:
    posted = committed_message()

    def overtake() -> None:
        with app.app_context():
            with writing() as session:
                later = utc_now() + timedelta(minutes=3)
                claim = claim_next(session, now=later, lease=timedelta(minutes=2))
            assert claim is not None
            with writing() as session:
                settle(session, claim, TAKEN, later)
            db.session.remove()

    with FaultServer(before_answer=overtake, at={DOT: "550 no"}) as server:
        mail_goes_to(server)
        deliver_next()
    message = reloaded(posted)
    assert (message.state, message.attempt) == (MessageState.HANDED_OFF, 2)
    assert heard == [(posted.public_id, MessageState.HANDED_OFF)]


def test_mail_is_sent_once_the_server_is_repaired(
    app: Flask, mail_goes_to: Callable[..., None]
) -> None:
    posted = [committed_message() for _ in range(3)]
    trouble = drain()
    assert trouble is not None
    assert trouble.blames_server
    assert [reloaded(message).attempt for message in posted] == [1, 0, 0]

    with FaultServer() as server:
        mail_goes_to(server)
        later = utc_now() + timedelta(seconds=20)
        while deliver_next(clock=lambda: later):
            pass
    assert len(server.accepted) == 3


def test_a_busy_worker_reuses_its_connection_and_closes_it_when_done(
    app: Flask, mail_goes_to: Callable[..., None]
) -> None:
    for _ in range(5):
        committed_message()
    with FaultServer() as server:
        mail_goes_to(server)
        drain()
        assert server.commands.count("QUIT") == 1
    assert (len(server.accepted), server.commands.count("EHLO")) == (5, 1)


def test_the_breaker_backs_off_and_resets() -> None:
    breaker = Breaker()
    assert [breaker.pause_after(NO_SERVER) for _ in range(4)] == [15, 30, 60, 60]
    assert breaker.pause_after(TAKEN) == 0
    assert breaker.pause_after(NO_SERVER) == 15


def test_a_failing_listener_does_not_cause_a_second_email(
    app: Flask, mail_goes_to: Callable[..., None]
) -> None:
    def broken(_session: Session, _message: OutboxMessage, _now: datetime) -> None:
        raise KeyError("listener")

    message_settled.register(app, broken)
    posted = committed_message()
    with FaultServer() as server:
        mail_goes_to(server)
        with pytest.raises(KeyError):
            deliver_next()
    assert reloaded(posted).state is MessageState.HANDED_OFF
    assert deliver_next(clock=lambda: utc_now() + timedelta(days=1)) is None


def test_a_message_whose_key_is_missing_waits_without_blocking_others(
    app: Flask, mail_goes_to: Callable[..., None]
) -> None:
    unreadable = committed_message()
    keys = app.extensions["keyring"]
    app.extensions["keyring"] = parse_keyring("other:" + "B" * 43 + "=")
    readable = committed_message()
    with FaultServer() as server:
        mail_goes_to(server)
        assert drain() is None
    assert reloaded(unreadable).state is MessageState.WAITING
    assert "DATA_KEYS" in (reloaded(unreadable).last_error or "")
    assert reloaded(readable).state is MessageState.HANDED_OFF
    app.extensions["keyring"] = keys


def test_a_message_that_cannot_be_composed_fails_immediately(app: Flask, heard: list) -> None:
    posted = committed_message(to="josé@clinic.example")
    deliver_next()
    assert reloaded(posted).state is MessageState.FAILED
    assert heard == [(posted.public_id, MessageState.FAILED)]


def test_logs_hold_no_recipient_and_no_content(
    app: Flask, mail_goes_to: Callable[..., None], worker_log: Records
) -> None:
    with FaultServer(unknown="gone@clinic.example") as server:
        mail_goes_to(server)
        committed_message()
        committed_message(to="gone@clinic.example")
        drain()
    assert worker_log.texts == ["message handed off", "message permanently refused"]
    written = " ".join(str(vars(record)) for record in worker_log.kept)
    for secret in ("carol", "gone", CONTENT.subject, "Hello"):
        assert secret not in written


def test_the_loop_continues_after_an_error_and_stops_on_request(
    app: Flask, mail_goes_to: Callable[..., None], worker_log: Records
) -> None:
    stop = threading.Event()
    calls = []

    def broken_once(_session: Session, _message: OutboxMessage, _now: datetime) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise KeyError("listener")
        stop.set()

    message_settled.register(app, broken_once)
    for _ in range(2):
        committed_message()
    committed_message(now=utc_now() + timedelta(hours=1))
    with FaultServer() as server:
        mail_goes_to(server)
        run_worker(stop, poll=0.01)
    assert len(server.accepted) == 2
    assert "a delivery step failed" in worker_log.texts


def test_a_stopped_worker_does_not_start_another_message(
    app: Flask, mail_goes_to: Callable[..., None]
) -> None:
    stop = threading.Event()
    for _ in range(3):
        committed_message()
    with FaultServer(before_answer=stop.set) as server:
        mail_goes_to(server)
        run_worker(stop, poll=0.01)
    assert len(server.accepted) == 1
    assert count_by_state(db.session())[MessageState.HANDED_OFF] == 1


def test_a_slow_server_cannot_outlast_the_lease(
    app: Flask, mail_goes_to: Callable[..., None]
) -> None:
    lease = timedelta(seconds=0.4)
    stopped = threading.Event()
    posted = committed_message()
    with FaultServer(before_answer=lambda: stopped.wait(5) and None) as server:
        mail_goes_to(server)
        with writing() as session:
            claim = claim_next(session, now=utc_now(), lease=lease)
        assert claim is not None
        outcome = deliver(claim, lease=lease)
        stopped.set()
    assert outcome.kind is OutcomeKind.UNCERTAIN
    assert reloaded(posted).state is MessageState.WAITING


NOON = utc_now().replace(hour=12)


def tasks_run(app: Flask, *minutes: int) -> list[str]:
    """Run the periodic tasks at these minutes; return which ones ran."""
    done: list[str] = []
    every_minute.register(app, lambda _session, _now: done.append("minute"))
    housekeeping.register(app, lambda _session, _now: done.append("hour"))
    tasks = PeriodicTasks()
    for minute in minutes:
        for _ in range(3):
            tasks.run_one(NOON + timedelta(minutes=minute))
    return done


def test_periodic_tasks_run_immediately_and_then_on_schedule(app: Flask) -> None:
    assert tasks_run(app, 0) == ["minute", "hour"]


@pytest.mark.parametrize(("minute", "expected"), [(1, ["minute"]), (60, ["minute", "hour"])])
def test_a_periodic_task_runs_again_when_due(app: Flask, minute: int, expected: list[str]) -> None:
    assert tasks_run(app, 0, minute)[2:] == expected


def test_a_failing_task_is_rolled_back_and_does_not_stop_the_others(app: Flask) -> None:
    def broken(session: Session, _now: datetime) -> None:
        make_message(session)
        raise KeyError("task")

    done: list[str] = []
    every_minute.register(app, broken)
    housekeeping.register(app, lambda _session, _now: done.append("hour"))
    tasks = PeriodicTasks()
    with pytest.raises(KeyError):
        tasks.run_one(NOON)
    for _ in range(2):
        tasks.run_one(NOON)
    assert done == ["hour"]
    assert sum(count_by_state(db.session()).values()) == 0


def test_mail_is_sent_although_a_task_fails(
    app: Flask, mail_goes_to: Callable[..., None], worker_log: Records
) -> None:
    def broken(_session: Session, _now: datetime) -> None:
        raise KeyError("task")

    stop = threading.Event()
    every_minute.register(app, broken)
    message_settled.register(app, lambda *_: stop.set())
    committed_message()
    with FaultServer() as server:
        mail_goes_to(server)
        run_worker(stop, poll=0.01)
    assert len(server.accepted) == 1
    assert "a delivery step failed" in worker_log.texts


def test_list_reports_within_minutes_that_mail_cannot_be_sent(
    app: Flask, worker_log: Records
) -> None:
    committed_message()
    drain()
    [record] = worker_log.kept
    assert (record.levelname, record.getMessage()) == ("ERROR", "mail cannot be sent")
    # Tried, and so logged, once a minute at least while it lasts.
    breaker = Breaker()
    assert max(breaker.pause_after(NO_SERVER) for _ in range(100)) == 60
