"""Sessions are read-only outside of `writing`."""

import sqlite3
import threading
from contextlib import closing

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError

from directory.core.clock import utc_now
from directory.core.db.database import WRITING, WriteOutsideWritingError, db, writing
from directory.privacy.audit import record
from directory.privacy.models import AuditEvent


def test_a_read_only_session_refuses_to_write(app: Flask) -> None:
    with pytest.raises(WriteOutsideWritingError):
        record(db.session(), actor="x", action="y", subject="z", now=utc_now())


def test_a_read_only_transaction_refuses_plain_statements(app: Flask) -> None:
    with pytest.raises(WriteOutsideWritingError):
        db.session().execute(sa.delete(AuditEvent))


def test_writing_commits_once_and_rolls_back_on_an_error(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), writing() as session:
        record(session, actor="x", action="lost", subject="z", now=utc_now())
        session.flush()
        raise ZeroDivisionError
    with writing() as session:
        record(session, actor="x", action="kept", subject="z", now=utc_now())
    assert db.session().scalars(sa.select(AuditEvent.action)).all() == ["kept"]


def test_times_are_loaded_aware_and_in_utc(app: Flask) -> None:
    now = utc_now()
    with writing() as session:
        record(session, actor="x", action="y", subject="z", now=now)
    db.session().expire_all()
    assert db.session().scalars(sa.select(AuditEvent.at)).one() == now


def test_no_write_is_lost_among_four_writers(app: Flask) -> None:
    with writing() as session:
        record(session, actor="0", action="count", subject="z", now=utc_now())

    def add_fifty() -> None:
        with app.app_context():
            for _ in range(50):
                with writing() as session:
                    event = session.scalars(sa.select(AuditEvent).with_for_update()).one()
                    event.actor = str(int(event.actor) + 1)
            db.session.remove()

    threads = [threading.Thread(target=add_fifty) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session().expire_all()
    assert db.session().scalars(sa.select(AuditEvent.actor)).one() == "200"


def test_a_read_only_transaction_sees_one_snapshot(app: Flask) -> None:
    session = db.session()
    counted = sa.select(sa.func.count()).select_from(AuditEvent)
    assert session.scalar(counted) == 0

    with db.engine.connect().execution_options(**{WRITING: True}) as other, other.begin():
        other.execute(
            sa.insert(AuditEvent).values(
                at=utc_now(), actor="x", action="x", subject="x", details={}
            )
        )

    assert session.scalar(counted) == 0
    session.rollback()
    assert session.scalar(counted) == 1


def test_a_writer_that_times_out_gets_an_error_and_can_retry(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("there a writer waits for a row, and not for all others")
    session = db.session()
    session.execute(sa.text("PRAGMA busy_timeout = 30"))
    with closing(sqlite3.connect(db.engine.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"), writing():
            pass
        other.execute("ROLLBACK")
    with writing() as session:
        assert session.scalar(sa.text("PRAGMA busy_timeout")) == 30


@pytest.mark.parametrize("high_priority", [False, True])
def test_a_writer_with_high_priority_retries_more_often(
    app: Flask, monkeypatch: pytest.MonkeyPatch, high_priority: bool
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("there a writer waits for a row, and not for all others")
    pauses: list[float] = []
    with closing(sqlite3.connect(db.engine.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                other.execute("ROLLBACK")

        monkeypatch.setattr("directory.core.db.database.time.sleep", pause)
        with writing(high_priority=high_priority):
            pass
    assert pauses == [0.0001 if high_priority else 0.001] * 3
