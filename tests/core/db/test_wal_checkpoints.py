"""SQLite's log stays short under constant reads, and that of the control does not."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from directory.core.db.wal_checkpoints import Checkpoints, shorten_log
from tests.replicated import wait_for

LONG = 50  # pages


@pytest.fixture
def file(tmp_path) -> Iterator[Path]:
    path = tmp_path / "main.db"
    with opened(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE kept (text TEXT)")
        yield path


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=0.05, isolation_level=None)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    try:
        yield connection
    finally:
        connection.close()


def write_pages(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO kept VALUES (?)", ("x" * 4096 * LONG * 2,))


def size_of_log(path: Path) -> int:
    return path.with_name(f"{path.name}-wal").stat().st_size


def begin_reading(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM kept").fetchone()


def sizes_beside_readers(path: Path, *, shortens: bool) -> list[int]:
    """Return the length of the log after each write, with overlapping readers."""
    sizes = []
    with opened(path) as writer, opened(path) as own, opened(path) as one, opened(path) as two:
        begin_reading(two)
        for reader, other in [(one, two), (two, one)] * 3:
            write_pages(writer)
            begin_reading(reader)
            other.execute("COMMIT")
            own.execute("PRAGMA wal_checkpoint(PASSIVE)")
            if shortens:
                # The moment that it waits for: the reader has done, and the next comes after it.
                reader.execute("COMMIT")
                shorten_log(own, long_pages=LONG)
                begin_reading(reader)
            sizes.append(size_of_log(path))
    return sizes


def test_a_long_log_is_restarted(file):
    assert len(set(sizes_beside_readers(file, shortens=True))) == 1


def test_control_passive_checkpoints_let_the_log_grow(file):
    sizes = sizes_beside_readers(file, shortens=False)
    assert all(before < after for before, after in pairwise(sizes))


def test_the_wait_for_a_long_reader_is_bounded(file):
    with opened(file) as writer, opened(file) as own, opened(file) as reader:
        write_pages(writer)
        begin_reading(reader)
        pages = shorten_log(own, long_pages=LONG)
        write_pages(writer)  # nobody holds the lock
        assert pages > LONG
        assert reader.execute("SELECT count(*) FROM kept").fetchone() == (1,)


def test_the_thread_runs_until_the_context_ends(file):
    with opened(file) as writer:
        write_pages(writer)
        before = file.stat().st_size
        with Checkpoints(file, every=0.01):
            wait_for(lambda: file.stat().st_size > before)


def test_a_missing_file_is_not_created(tmp_path, caplog):
    path = tmp_path / "lost.db"
    with Checkpoints(path, every=0.01):
        wait_for(lambda: "was not shortened" in caplog.text)
    assert not path.exists()


def test_without_a_file_nothing_happens():
    with Checkpoints(None):
        pass
