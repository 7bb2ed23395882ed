"""Loading a public file: read all of it, then change everything in one transaction.

Readers see the old data or the new, never a mixture; a file that is refused, and a process
that is killed, leave the old.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from directory.core.clock import utc_now
from directory.core.database import db, writing
from directory.sources.errors import SourceFileError
from directory.sources.hooks import first_real_load
from directory.sources.importing import Importer, SetAside
from directory.sources.opening import opened
from directory.sources.reading import Reader
from directory.sources.runs import fail_run, finish_run, holds_demo, start_run
from directory.sources.spool import Spool

Record = TypeVar("Record")

# One bad row is never too many; more than one in a hundred is. Judged now and then, so that a
# wrong file ends early although bad rows may come in clusters, and at the end.
_MOST_BAD = 0.01
_JUDGED_EVERY = 10_000


# Shows how far a step is: called with its label and length, gives what to call as it advances.
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@contextmanager
def no_progress(_label: str, _length: int) -> Iterator[Callable[[int], None]]:
    """Show nothing."""
    yield lambda _advance: None


@dataclass(frozen=True)
class LoadOptions:
    """What the operator asks of a loading."""

    keep_all: bool = False
    is_dry_run: bool = False
    released_on: date | None = None


@dataclass
class Tally:
    """What was read and what became of it."""

    file: str
    released_on: date
    counts: Counter[str] = field(default_factory=lambda: Counter(read=0))
    set_aside: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    first_lines: dict[str, int] = field(default_factory=dict)  # by reason of setting aside
    seconds: float = 0
    bad: int = 0
    first_bad: tuple[int, str] = (0, "")

    def put_aside(self, line: int, why: SetAside) -> None:
        """Count a row that is not loaded."""
        self.set_aside[why.reason] += 1
        self.first_lines.setdefault(why.reason, line)
        if why.is_bad:
            self.first_bad = self.first_bad if self.bad else (line, why.reason)
            self.bad += 1

    def refuse_if_bad(self) -> None:
        """Raise if more rows are bad than a good file may have."""
        read = self.counts["read"]
        if self.bad > max(1, read * _MOST_BAD) or 0 < self.bad == read:
            line, reason = self.first_bad
            found = f"{self.bad:,} bad rows of {read:,}, here the first ({reason})"
            raise SourceFileError(self.file, line, found, "at most one in a hundred")


class _DryRunEnd(Exception):  # noqa: N818 - not an error: it takes the transaction back
    pass


def load(
    importer: Importer[Record],
    path: Path,
    options: LoadOptions,
    *,
    progress: Progress = no_progress,
) -> Tally:
    """Load a file and return what became of its rows; an error leaves the old data."""
    began = time.monotonic()
    run_id = None if options.is_dry_run else _start(importer, path)
    try:
        with Spool[Record]() as spool:
            tally = _stage(importer, path, options, spool, progress)
            _switch(importer, spool, tally, run_id, progress)
    except BaseException as error:
        if run_id is not None:
            with writing() as session:
                message = str(error) or type(error).__name__
                fail_run(session, run_id, message=message, now=utc_now())
        raise
    tally.seconds = time.monotonic() - began
    return tally


def _start(importer: Importer[Record], path: Path) -> int:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=32)).hexdigest()
    with writing() as session:
        return start_run(
            session,
            source=importer.source,
            file_name=path.name,
            file_digest=digest,
            now=utc_now(),
        )


def _stage(
    importer: Importer[Record],
    path: Path,
    options: LoadOptions,
    spool: Spool[Record],
    progress: Progress,
) -> Tally:
    """Read and check the whole file. The database is only read."""
    with opened(path, importer.pattern) as file, progress("Reading", file.size) as advance:
        released_on = options.released_on or importer.find_release(file.name) or utc_now().date()
        tally = Tally(file.name, released_on)
        reader = Reader(file, delimiter=importer.delimiter, progress=advance)
        session = db.session()
        parser = importer.parser(session, reader.columns, options.keep_all)
        session.rollback()  # no transaction stays open while a large file is read
        parse, add, read = parser.parse, spool.add, 0
        for line, row in reader.rows():
            read += 1
            record = parse(row)
            if isinstance(record, SetAside):
                tally.put_aside(line, record)
            else:
                add(record)
            if read % _JUDGED_EVERY == 0:
                tally.counts["read"] = read
                tally.refuse_if_bad()
        tally.counts["read"] = read
        tally.refuse_if_bad()
        tally.notes = parser.notes
    return tally


def _switch(
    importer: Importer[Record],
    spool: Spool[Record],
    tally: Tally,
    run_id: int | None,
    progress: Progress,
) -> None:
    """Merge what was read in one transaction; a dry run takes it back."""
    try:
        with writing() as session, progress("Storing", spool.length) as advance:
            _merge(session, importer, spool, tally, advance)
            if run_id is None:
                raise _DryRunEnd
            finish_run(
                session,
                run_id,
                released_on=tally.released_on,
                counts=tally.counts + tally.notes,
                set_aside=tally.set_aside,
                now=utc_now(),
            )
    except _DryRunEnd:
        return


def _merge(
    session: Session,
    importer: Importer[Record],
    spool: Spool[Record],
    tally: Tally,
    advance: Callable[[int], None],
) -> None:
    if holds_demo(session):
        first_real_load(session)
    for batch in spool.batches():
        merged = importer.merge(session, batch, tally.released_on)
        tally.counts.update(merged.counts)
        tally.set_aside.update(merged.set_aside)
        advance(len(batch))
    tally.set_aside = +tally.set_aside
