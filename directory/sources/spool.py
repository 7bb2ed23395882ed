"""Records on their way from the file to the database, kept outside both.

A file is read to its end before the first change, so that a bad one changes nothing.
"""

import pickle
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

Record = TypeVar("Record")

# What one merge gets: below the 999 parameters that old SQLite builds allow.
BATCH = 400


class Spool(Generic[Record]):
    """A temporary file of records, written once and then read once."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._pending: list[Record] = []
        self.length = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, record: Record) -> None:
        """Append a record."""
        self._pending.append(record)
        self.length += 1
        if len(self._pending) == BATCH:
            self._write()

    def batches(self) -> Iterator[list[Record]]:
        """Yield all records in the order they came, some hundred at a time."""
        if self._pending:
            self._write()
        end = self._file.tell()
        self._file.seek(0)
        while self._file.tell() < end:
            yield pickle.load(self._file)  # noqa: S301 - our own file, which no one else can open

    def _write(self) -> None:
        pickle.dump(self._pending, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._pending = []
