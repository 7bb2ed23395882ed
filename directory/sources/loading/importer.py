"""The interface of all importers: name the columns, take frames of rows, finish."""

import enum
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import polars as pl
from sqlalchemy.orm import Session

from directory.providers.models import Source
from directory.sources.loading.fact_store import FactStore, Merged
from directory.sources.reading.csv_reader import Columns
from directory.sources.reading.errors import SourceFileError

# One bad row is always accepted; more than one in a hundred is not. Checked after every block,
# so that a wrong file fails early, and at the end.
_MAX_BAD_SHARE = 0.01
_CHECKED_FROM_ROWS = 10_000


class Format(enum.Enum):
    """The format of a file."""

    CSV = enum.auto()
    JSON = enum.auto()
    WORKBOOK = enum.auto()


@dataclass(frozen=True)
class Column:
    """A column to read: our name for it, and its names in releases over the years."""

    key: str
    names: tuple[str, ...]
    is_required: bool = True


@dataclass
class Tally:
    """The counts of rows read from one file, and of what was done with them."""

    file: str
    source: Source
    released_on: date
    counts: Counter[str] = field(default_factory=lambda: Counter(read=0))
    set_aside: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    first_lines: dict[str, int] = field(default_factory=dict)  # by reason
    seconds: float = 0
    bad: int = 0
    first_bad: tuple[int, str] = (0, "")

    def put_aside(self, reason: str, count: int, line: int, *, is_bad: bool) -> None:
        """Count rows that are not loaded; `line` is the first of them."""
        self.set_aside[reason] += count
        self.first_lines.setdefault(reason, line)
        if is_bad:
            if not self.bad or line < self.first_bad[0]:
                self.first_bad = (line, reason)
            self.bad += count

    def refuse_if_bad(self, *, is_whole: bool) -> None:
        """Raise if more rows are bad than an intact file may have."""
        read = self.counts["read"]
        if not is_whole and read < _CHECKED_FROM_ROWS:
            return
        if self.bad > max(1, read * _MAX_BAD_SHARE) or 0 < self.bad == read:
            line, reason = self.first_bad
            found = f"{self.bad:,} bad rows of {read:,}, here the first ({reason})"
            raise SourceFileError(self.file, line, found, "at most one in a hundred")

    def add(self, merged: Merged) -> None:
        """Add the counts of one table."""
        for name, count in vars(merged).items():
            self.counts[name] += count


@dataclass
class Run:
    """The context of importing one file."""

    session: Session
    store: FactStore
    source: Source
    file: str
    part: str
    released_on: date
    is_dated: bool  # by its name or an option; otherwise released today
    is_full: bool
    keep_all: bool
    # There are no providers yet, so everything is new.
    is_rebuild: bool
    # The latest full release of each source, and of each part of this file's own.
    full_releases: Mapping[Source, date]
    part_releases: Mapping[str, date]
    trusts_digests: bool
    tally: Tally
    # The NPIs whose listings have to be rebuilt.
    touched: list[pl.Series] = field(default_factory=list)
    # Positions found by the operator's geocoder, read on first use.
    exact_positions: pl.DataFrame | None = None

    @property
    def is_outdated(self) -> bool:
        """Return whether a newer full release of the same part of the source is loaded."""
        return self.part_releases.get(self.part, date.min) > self.released_on

    def without(
        self, frame: pl.DataFrame, wrong: pl.Expr, reason: str | pl.Expr, *, is_bad: bool = True
    ) -> pl.DataFrame:
        """Return the frame without the wrong rows, which are counted with their reason."""
        because = pl.lit(reason) if isinstance(reason, str) else reason
        marked = frame.with_columns(pl.when(wrong).then(because).alias("_reason"))
        if marked["_reason"].null_count() == marked.height:
            return frame
        aside = marked.filter(pl.col("_reason").is_not_null())
        reasons = aside.group_by("_reason").agg(pl.len(), pl.col("line").min()).sort("line")
        for text, count, line in reasons.iter_rows():
            self.tally.put_aside(text, count, line, is_bad=is_bad)
        return marked.filter(pl.col("_reason").is_null()).drop("_reason")


class Load(Protocol):
    """The import of one file."""

    def take(self, frame: pl.DataFrame) -> None:
        """Take the next rows: the columns by our names as text, and `line`."""

    def finish(self) -> None:
        """Update the tables after all rows have been read."""


@dataclass(frozen=True)
class Importer:
    """How to load one kind of public file."""

    name: str  # the NAME of `flask sources load`
    source: Source
    title: str  # for people
    pattern: str  # the published name of the file, within the zip if it comes in one
    columns: tuple[Column, ...]
    begin: Callable[[Run], Load]
    find_release: Callable[[str], date | None]
    is_full: Callable[[str], bool]
    # The part of the source (a year, a state) in a file name.
    find_part: Callable[[str], str] = lambda _name: ""
    delimiters: str = ","
    format: Format = Format.CSV
    # A name of the archive it is published in, when that differs from the file's.
    archive: str = ""
    # The age after which a release is reported as overdue; None: never.
    days_between: int | None = None

    def wanted(self, columns: Columns) -> dict[str, int]:
        """Return the index of each column, or raise `SourceFileError` if one is missing."""
        found: dict[str, int] = {}
        for column in self.columns:
            place = columns.find(*column.names)
            if place is None and column.is_required:
                place = columns.index(*column.names)
            if place is not None:
                found[column.key] = place
        return found
