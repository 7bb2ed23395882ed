"""Row keys are on disk before their rows, and permanently gone once deleted."""

import multiprocessing
import sqlite3
import threading
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.errors import SettingsError
from directory.inquiries.lifecycle.retention import delete_answers
from directory.inquiries.models import Inquiry, inquiry_key
from directory.privacy.encryption import Keyring, UnreadableError, keyring
from directory.privacy.rowkeys import Rewrapped, RowKeys, row_keys
from tests.conftest import make_app
from tests.factories import make_clinic, make_inquiry
from tests.privacy.conftest import ring

NOW = datetime.fromisoformat("2026-11-02T10:00:00+00:00")


def test_another_process_finds_the_same_key(keys: RowKeys, keys_url: URL) -> None:
    keys.make(["inquiry:a", "inquiry:b"], now=NOW)
    again = RowKeys(keys_url, keys._wrapping)
    found = again.find("inquiry:a")
    again.close()
    assert found == keys.find("inquiry:a") != keys.find("inquiry:b")
    assert keys.find("inquiry:c") is None


def test_an_existing_key_is_not_replaced(keys: RowKeys) -> None:
    keys.make(["inquiry:a"], now=NOW)
    before = keys.find("inquiry:a")
    keys.make(["inquiry:a", "inquiry:b"], now=NOW)
    keys.make([], now=NOW)
    assert keys.find("inquiry:a") == before
    assert keys.names() == {"inquiry:a", "inquiry:b"}


def test_deleting_removes_the_named_keys_and_counts_them(keys: RowKeys) -> None:
    names = [f"inquiry:{number}" for number in range(1200)]
    keys.make(names, now=NOW)
    assert keys.delete([*names[1:], "inquiry:never"]) == 1199
    assert keys.names() == {"inquiry:0"}


def test_a_cached_key_is_looked_up_once_and_gone_when_deleted(keys: RowKeys, keys_url: URL) -> None:
    keys.make(["inquiry:a"], now=NOW)
    other = RowKeys(keys_url, keys._wrapping)
    with keys.cached():
        found = keys.find("inquiry:a")
        other.delete(["inquiry:a"])
        assert keys.find("inquiry:a") is found
        assert keys.find("inquiry:b") is None
        keys.make(["inquiry:b"], now=NOW)
        assert keys.find("inquiry:b") is not None
        keys.delete_unsynced(["inquiry:b"])
        assert keys.find("inquiry:b") is None
    assert keys.find("inquiry:a") is None
    other.close()


def test_keys_deleted_unsynced_are_not_found(keys: RowKeys, keys_url: URL) -> None:
    keys.make(["inquiry_draft:a", "inquiry_draft:b"], now=NOW)
    keys.delete_unsynced(["inquiry_draft:a"])
    assert keys.find("inquiry_draft:a") is None
    assert run(keys_url, "SELECT name FROM row_key") == [("inquiry_draft:b",)]


def test_old_keys_are_deleted_by_kind_and_age(keys: RowKeys) -> None:
    keys.make(["inquiry:old", "inquiry_draft:old"], now=NOW)
    keys.make(["inquiry_draft:new"], now=NOW + timedelta(days=1))
    assert keys.delete_old("inquiry_draft:", before=NOW + timedelta(hours=1)) == 1
    assert keys.names() == {"inquiry:old", "inquiry_draft:new"}


def test_the_key_store_alone_opens_nothing(keys: RowKeys, keys_url: URL) -> None:
    keys.make(["inquiry:a"], now=NOW)
    thief = RowKeys(keys_url, ring("one"))
    with pytest.raises(UnreadableError):
        thief.find("inquiry:a")
    thief.close()


def test_a_key_moved_to_another_name_does_not_open(keys: RowKeys, keys_url: URL) -> None:
    keys.make(["inquiry:a", "inquiry:b"], now=NOW)
    run(keys_url, "DELETE FROM row_key WHERE name = 'inquiry:b'")
    run(keys_url, "UPDATE row_key SET name = 'inquiry:b'")
    with pytest.raises(UnreadableError):
        keys.find("inquiry:b")


def test_rewrapped_keys_open_with_the_new_key_alone(keys_url: URL) -> None:
    old, new = ring("old"), ring("new")
    names = [f"inquiry:{number}" for number in range(1100)]
    with closing(RowKeys(keys_url, old)) as before:
        before.make(names, now=NOW)
        key = before.find("inquiry:7")
    with closing(RowKeys(keys_url, Keyring((*new.keys, *old.keys)))) as both:
        assert both.rewrap() == Rewrapped(keys=1100, unreadable=0)
        assert both.rewrap() == Rewrapped(keys=0, unreadable=0)
    with closing(RowKeys(keys_url, new)) as after:
        assert after.find("inquiry:7") == key


def test_a_key_that_cannot_be_rewrapped_is_counted_and_unchanged(keys_url: URL) -> None:
    lost, new = ring("lost"), ring("new")
    with closing(RowKeys(keys_url, lost)) as before:
        before.make(["inquiry:a"], now=NOW)
    with closing(RowKeys(keys_url, new)) as after:
        after.make(["inquiry:b"], now=NOW)
        assert after.rewrap() == Rewrapped(keys=0, unreadable=1)
        assert after.names() == {"inquiry:a", "inquiry:b"}


def test_threads_that_create_the_same_key_concurrently_share_it(keys: RowKeys) -> None:
    found: list[Keyring | None] = []

    def ask() -> None:
        keys.make(["inquiry_draft:same"], now=NOW)
        found.append(keys.find("inquiry_draft:same"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({repr(each and each.keys) for each in found}) == 1


def test_processes_that_start_concurrently_create_one_key_store(keys_url: URL) -> None:
    text = keys_url.render_as_string(hide_password=False)
    wrapping = ring("one")
    processes = multiprocessing.get_context("spawn")
    with processes.Pool(4) as pool:
        jobs = [(text, wrapping, f"inquiry:{number}") for number in range(8)]
        pool.map(make_one, jobs, chunksize=1)
    with closing(RowKeys(keys_url, wrapping)) as keys:
        assert len(keys.names()) == 8


def make_one(job: tuple[str, Keyring, str]) -> None:
    """Create a key in a separate process."""
    url, wrapping, name = job
    with closing(RowKeys(make_url(url), wrapping)) as keys:
        keys.make([name], now=utc_now())


def test_the_key_store_reconnects(keys: RowKeys, keys_url: URL) -> None:
    if keys_url.get_backend_name() == "sqlite":
        pytest.skip("a file has no server that ends connections")
    keys.make(["inquiry:a"], now=NOW)
    run(
        keys_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = 'keys' AND pid <> pg_backend_pid()",
    )
    assert keys.find("inquiry:a") is not None


def test_the_main_database_is_refused_as_key_store(database_url: str) -> None:
    with closing(RowKeys(make_url(database_url), ring("one"))) as keys:
        with pytest.raises(SettingsError, match="KEYS_URL"):
            keys.make(["inquiry:a"], now=NOW)


def test_a_file_keeps_no_trace_of_a_deleted_key(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with closing(RowKeys(make_url(f"sqlite:///{file}"), ring("one"))) as keys:
        keys.make(["inquiry:kept", "inquiry:gone"], now=NOW)
        with closing(sqlite3.connect(file)) as reader:
            [[wrapped]] = reader.execute("SELECT wrapped FROM row_key WHERE name = 'inquiry:gone'")
        assert wrapped in on_disk(file)
        keys.delete(["inquiry:gone"])
        assert wrapped not in on_disk(file)
        assert b"inquiry:gone" not in on_disk(file)
        assert b"inquiry:kept" in on_disk(file)


def test_keys_left_in_the_log_are_erased_by_the_next_deletion(
    tmp_path: Path,
) -> None:
    file = tmp_path / "store.db"
    with closing(RowKeys(make_url(f"sqlite:///{file}"), ring("one"))) as keys:
        keys.make(["inquiry:gone"], now=NOW)
        with closing(sqlite3.connect(file)) as killed:
            killed.execute("DELETE FROM row_key")
            killed.commit()
            assert b"inquiry:gone" in on_disk(file)
            assert keys.delete([]) == 0
            assert b"inquiry:gone" not in on_disk(file)


def test_the_key_store_file_is_synced(tmp_path: Path) -> None:
    with closing(RowKeys(make_url(f"sqlite:///{tmp_path / 'store.db'}"), ring("one"))) as keys:
        keys.make(["inquiry:a"], now=NOW)
        keys.delete_unsynced(["inquiry:a"])  # that did not wait, but what comes next does
        with keys._connect() as connection:
            asked = ("synchronous", "journal_mode", "secure_delete")
            found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
    assert found == [2, "wal", 1]


def test_the_key_is_committed_before_the_row_is_written(
    app: Flask, keys: RowKeys, keys_url: URL
) -> None:
    app.extensions["row_keys"] = keys
    seen: list[tuple[int, int]] = []

    def look(*arguments: object) -> None:
        if str(arguments[2]).startswith("INSERT INTO inquiry ("):
            seen.append((len(run(keys_url, "SELECT name FROM row_key")), len(seen) + 1))

    with writing() as session:
        clinic = make_clinic(session)
    event.listen(db.engine, "before_cursor_execute", look)
    with writing() as session:
        inquiry = make_inquiry(session, clinic)
    event.remove(db.engine, "before_cursor_execute", look)
    assert seen == [(2, 1)]  # the draft's and its own, seen by another connection
    assert inquiry_key(inquiry.public_id) in keys.names()


def test_a_copy_made_before_the_deletion_cannot_be_opened(app: Flask) -> None:
    with writing() as session:
        inquiry = make_inquiry(session, make_clinic(session))
    copies = [inquiry.sealed_contact, inquiry.sealed_answers]
    with writing() as session:
        delete_answers(session, [inquiry], now=NOW)
        inquiry.sealed_contact, inquiry.sealed_answers = copies
    assert inquiry.contact is inquiry.answers is None
    bound_to = f"inquiry.sealed_answers:{inquiry.public_id}"
    assert copies[1] is not None
    with pytest.raises(UnreadableError):
        keyring().open(copies[1], bound_to=bound_to)


def test_a_backup_reveals_nothing_deleted_after_it(app: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the copy of a file")
    with writing() as session:
        clinic = make_clinic(session)
        gone, kept = make_inquiry(session, clinic), make_inquiry(session, make_clinic(session))
    names = [gone.public_id, kept.public_id]
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(tmp_path / "directory.db")) as source:
        with closing(sqlite3.connect(backup)) as target:
            source.backup(target)
    with writing() as session:
        delete_answers(session, [gone], now=NOW)

    restored = make_app(f"sqlite:///{backup}", tmp_path)
    with restored.app_context():
        found = {each.public_id: each.answers for each in db.session().scalars(sa.select(Inquiry))}
        db.session.remove()
        db.engine.dispose()
        row_keys().close()
    assert found[names[0]] is None
    assert "MARKEDANSWER" in str(found[names[1]])


def run(url: URL, statement: str) -> list[tuple[object, ...]]:
    """Run a statement on a separate connection."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        result = connection.exec_driver_sql(statement)
        rows = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows


def on_disk(file: Path) -> bytes:
    """Return all bytes of the database and of its log."""
    parts = (file, file.with_name(f"{file.name}-wal"))
    return b"".join(part.read_bytes() for part in parts if part.exists())
