"""The audit trail reveals changes, and stays one chain under concurrent writers."""

import logging
import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.core.db.database import db, writing
from directory.privacy.audit import note_newest, record, verify_chain
from directory.privacy.models import AuditEvent

NOW = datetime.fromisoformat("2026-11-02T10:00:00.123456+00:00")
at = AuditEvent


@pytest.fixture
def trail(app: Flask) -> list[int]:
    """Commit a trail of six events; return their ids."""
    for number in range(6):
        with writing() as session:
            add(session, number)
    return list(db.session().scalars(sa.select(at.id).order_by(at.id)))


def add(session: Session, number: int) -> None:
    moment = NOW + timedelta(seconds=number)
    record(session, actor="clinic", action=f"step {number}", subject="one", now=moment, n="1")


def change(statement: sa.Executable) -> None:
    with writing() as session:
        session.execute(statement, execution_options={"synchronize_session": False})


def broken_at(*, anchor: str | None = None) -> int | None:
    db.session().rollback()
    return verify_chain(db.session(), anchor=anchor).broken_at


def test_an_unchanged_trail_is_valid(trail: list[int]) -> None:
    verdict = verify_chain(db.session())
    newest = db.session().scalar(sa.select(at.digest).where(at.id == trail[-1]))
    assert (verdict.events, verdict.broken_at, verdict.newest) == (6, None, newest)


def test_an_empty_trail_is_valid(app: Flask) -> None:
    verdict = verify_chain(db.session(), anchor="0" * 64)
    assert (verdict.events, verdict.broken_at, verdict.has_anchor) == (0, None, True)


@pytest.mark.parametrize(
    "changed",
    [
        {"at": NOW},
        {"actor": "patient"},
        {"action": "nothing"},
        {"subject": "other"},
        {"details": {"n": "2"}},
        {"details": {}},
        {"digest": "f" * 64},
        {"digest": None},
    ],
)
def test_an_edited_event_is_detected(trail: list[int], changed: dict[str, object]) -> None:
    change(sa.update(at).where(at.id == trail[2]).values(changed))
    assert broken_at() == trail[2]


@pytest.mark.parametrize("number", [0, 3])
def test_a_removed_event_is_detected_at_the_next_one(trail: list[int], number: int) -> None:
    change(sa.delete(at).where(at.id == trail[number]))
    assert broken_at() == trail[number + 1]


@pytest.mark.parametrize("number", [0, 3])
@pytest.mark.parametrize("digest", [None, "f" * 64])
def test_an_inserted_event_is_detected(trail: list[int], number: int, digest: str | None) -> None:
    for event_id in reversed(trail[number:]):
        change(sa.update(at).where(at.id == event_id).values(id=event_id + 1))
    values = {"at": NOW, "actor": "a", "action": "b", "subject": "c", "details": {}}
    change(sa.insert(at).values(id=trail[number], digest=digest, **values))
    assert broken_at() is not None


def test_reordered_events_are_detected(trail: list[int]) -> None:
    change(sa.update(at).where(at.id == trail[2]).values(id=1_000_000))
    change(sa.update(at).where(at.id == trail[3]).values(id=trail[2]))
    change(sa.update(at).where(at.id == 1_000_000).values(id=trail[3]))
    assert broken_at() == trail[2]


def test_events_removed_from_the_end_are_detected_with_an_anchor(trail: list[int]) -> None:
    anchor = verify_chain(db.session()).newest
    change(sa.delete(at).where(at.id >= trail[4]))
    verdict = verify_chain(db.session(), anchor=anchor)
    assert (verdict.events, verdict.broken_at, verdict.has_anchor) == (4, None, False)
    assert verify_chain(db.session()).has_anchor


def test_a_longer_trail_still_contains_an_earlier_anchor(trail: list[int]) -> None:
    anchor = verify_chain(db.session()).newest
    with writing() as session:
        add(session, 7)
    verdict = verify_chain(db.session(), anchor=anchor)
    assert (verdict.broken_at, verdict.has_anchor) == (None, True)


def test_events_older_than_the_chain_are_covered_by_its_first_event(app: Flask) -> None:
    old = {"at": NOW, "actor": "a", "action": "b", "subject": "c", "details": {}, "digest": None}
    change(sa.insert(at).values([old, {**old, "subject": "d"}]))
    with writing() as session:
        add(session, 1)
    assert broken_at() is None
    change(sa.update(at).where(at.subject == "c").values(subject="x"))
    assert broken_at() == db.session().scalar(sa.select(sa.func.max(at.id)))


def test_a_rolled_back_event_leaves_no_gap(trail: list[int]) -> None:
    with pytest.raises(RuntimeError):
        with writing() as session:
            add(session, 7)
            raise RuntimeError
    with writing() as session:
        add(session, 8)
    assert broken_at() is None


def test_concurrent_writers_keep_one_chain(app: Flask) -> None:
    start = threading.Barrier(6)

    def write() -> None:
        with app.app_context():
            start.wait()
            for number in range(10):
                with writing() as session:
                    add(session, number)
            db.session.remove()

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    verdict = verify_chain(db.session())
    assert (verdict.events, verdict.broken_at) == (60, None)


def test_the_newest_digest_is_logged(
    trail: list[int], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("directory"), "propagate", True)
    with caplog.at_level(logging.INFO, logger="directory"):
        note_newest(db.session(), NOW)
    assert vars(caplog.records[-1])["digest"] == verify_chain(db.session()).newest
