"""The one shape of all importers: read a row, make a record, merge records."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, Protocol, TypeVar

from sqlalchemy.orm import Session

from directory.providers.models import Source
from directory.sources.reading import Columns, Row

Record = TypeVar("Record")
RecordOut = TypeVar("RecordOut", covariant=True)


@dataclass(frozen=True)
class SetAside:
    """Why a row is not loaded. Too many bad ones stop the run; the others are as expected."""

    reason: str
    is_bad: bool = True


class RowParser(Protocol[RecordOut]):
    """Makes records of the rows of one file."""

    @property
    def notes(self) -> Counter[str]:
        """What could not be used of rows that are loaded, counted."""

    def parse(self, row: Row) -> RecordOut | SetAside:
        """Return the record of a row, or why there is none."""


@dataclass
class Merged:
    """What became of a batch of records: `counts` of each kind, and those set aside."""

    counts: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Importer(Generic[Record]):
    """How one kind of public file is loaded.

    `parser` is made once a file; it may read the database to know which rows matter, and
    raises `SourceFileError` for a missing column. `merge` gets small batches, all within
    one transaction, and what it is given twice it must store once.
    """

    name: str  # as in `flask sources load NAME`
    source: Source
    title: str  # for people
    pattern: str  # the published name of the CSV, within the zip
    find_release: Callable[[str], date | None]
    parser: Callable[[Session, Columns, bool], RowParser[Record]]
    merge: Callable[[Session, Sequence[Record], date], Merged]
    delimiter: str = ","
