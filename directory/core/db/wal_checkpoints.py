"""Keeps SQLite's write-ahead log short, beside those who write.

SQLite would do it itself at the end of a commit, once the log has 1,000 pages. But it can begin the
log anew only at a moment when nobody reads from it. While pages are asked for all the time there
is no such moment, the log grows, and from then on every commit copies and syncs two files instead
of one, with the only write lock there is in its hands. So one thread of the delivery worker does
it, and waits for that moment.
"""

import logging
import sqlite3
import threading
from pathlib import Path

# Of 4 KB. From here on readers are waited for; before, copying is enough.
LONG_PAGES = 4_000
# Where no worker runs, commits do it after all.
LONGEST_PAGES = 20_000
_EVERY_SECONDS = 1.0
# Who waits for the readers keeps all others from writing.
_PATIENCE_SECONDS = 0.05

log = logging.getLogger(__name__)


class Checkpoints:
    """A thread that copies the log of this file into it every second, while it is entered."""

    def __init__(self, file: Path | None, *, every: float = _EVERY_SECONDS) -> None:
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
                self._shorten_until_stopped()
            except sqlite3.Error:
                # Nobody's commit depends on it: the log is longer until the next time.
                log.exception("the write-ahead log was not shortened")

    def _shorten_until_stopped(self) -> None:
        assert self._file is not None
        connection = connected(self._file)
        try:
            shorten_log(connection)
            while not self._stopping.wait(self._every):
                shorten_log(connection)
        finally:
            connection.close()


def connected(file: Path) -> sqlite3.Connection:
    """Return a connection for `shorten_log`; a file that is lost is not made anew."""
    connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=_PATIENCE_SECONDS,
        isolation_level=None,
    )
    # The log is on disk before the file changes, and the file before the log begins anew.
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def shorten_log(connection: sqlite3.Connection, *, long_pages: int = LONG_PAGES) -> int:
    """Copy what can be copied, begin a long log anew if that is possible; return its pages."""
    _, pages, _ = connection.execute("PRAGMA main.wal_checkpoint(PASSIVE)").fetchone()
    if pages > long_pages:
        connection.execute("PRAGMA main.wal_checkpoint(RESTART)").fetchone()
    return int(pages)
