"""Keeps SQLite's write-ahead log short, in a thread separate from the writers.

SQLite checkpoints by default at the end of a commit, once the log has 1,000 pages. But it can
restart the log only while there are no readers. Under constant load there is no such moment: the
log grows, and from then on every commit copies and syncs two files instead of one while holding
the write lock. So a thread of the delivery worker runs the checkpoints, and waits for readers.
"""

import logging
import sqlite3
import threading
from pathlib import Path

# Of 4 KB. From this length on readers are waited for; below, a passive checkpoint is enough.
LONG_PAGES = 4_000
# Without a running worker, commits checkpoint at this length.
LONGEST_PAGES = 20_000
_INTERVAL_SECONDS = 1.0
# A checkpoint that waits for readers blocks all writers.
_BUSY_SECONDS = 0.05

log = logging.getLogger(__name__)


class Checkpoints:
    """A context manager whose thread checkpoints this file every second."""

    def __init__(self, file: Path | None, *, every: float = _INTERVAL_SECONDS) -> None:
        """Without a file, as on PostgreSQL, there is nothing to do."""
        self._file, self._every = file, every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)

    def __enter__(self) -> "Checkpoints":
        if self._file is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self._checkpoint_until_stopped()
            except sqlite3.Error:
                # No commit depends on it: the log stays longer until the next run.
                log.exception("the write-ahead log was not shortened")

    def _checkpoint_until_stopped(self) -> None:
        assert self._file is not None
        connection = connect_for_checkpoints(self._file)
        try:
            shorten_log(connection)
            while not self._stopping.wait(self._every):
                shorten_log(connection)
        finally:
            connection.close()


def connect_for_checkpoints(file: Path) -> sqlite3.Connection:
    """Return a connection for `shorten_log`; a missing file is not created."""
    connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
    )
    # Syncs the log before the file changes, and the file before the log restarts.
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def shorten_log(connection: sqlite3.Connection, *, long_pages: int = LONG_PAGES) -> int:
    """Checkpoint, restart a long log if possible; return the pages of the log."""
    _, pages, _ = connection.execute("PRAGMA main.wal_checkpoint(PASSIVE)").fetchone()
    if pages > long_pages:
        connection.execute("PRAGMA main.wal_checkpoint(RESTART)").fetchone()
    return int(pages)
