"""Imports public files: fills the next generation of facts, then switches to it atomically.

Readers see the old data or the new, never a mixture; a refused file or a killed process leaves
the old data.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.db.fact_generations import NextFacts, next_facts
from directory.providers.actions import delete_demo_facts
from directory.providers.models import Release, Source
from directory.providers.queries import latest_full_releases
from directory.search.index.listings import (
    changed_meanwhile,
    rebuild_listings,
    refresh_imported,
    refresh_listings,
    settle_changes,
)
from directory.sources.hooks import first_real_load
from directory.sources.loading.fact_store import FactStore
from directory.sources.loading.import_runs import (
    fail_run,
    finish_run,
    has_real_providers,
    holds_demo,
    start_run,
)
from directory.sources.loading.importer import Importer, Run, Tally
from directory.sources.loading.open_table import opened_table
from directory.sources.loading.practice_locations import apply_positions_since, mark_duplicates
from directory.sources.loading.progress import Progress, no_progress
from directory.sources.reading.errors import SourceFileError
from directory.sources.reading.prefetch import prefetch

Value = TypeVar("Value")

_MAX_SHRINK_SHARE = 0.10
# Stored with every release: raise it when rows are read differently, to compare all rows again.
_READER_VERSION = f"3/{pl.__version__}"


@dataclass(frozen=True)
class LoadOptions:
    """The options of an import."""

    keep_all: bool = False
    is_dry_run: bool = False
    released_on: date | None = None
    is_full: bool = False
    accepts_shrink: bool = False
    part: str = ""  # the state of a license file


def load(
    importer: Importer,
    path: Path,
    options: LoadOptions,
    *,
    progress: Progress = no_progress,
) -> Tally:
    """Load one file and return its counts; an error leaves the old data."""
    return load_all((importer,), path, options, progress=progress)[0]


def load_all(
    importers: Sequence[Importer],
    path: Path,
    options: LoadOptions,
    *,
    progress: Progress = no_progress,
    count: Callable[[int], None] = lambda _rows: None,
    digest: str = "",
) -> list[Tally]:
    """Load a file with these importers, atomically.

    `count` is called with the number of rows read so far; `digest` is `digest_of` the file,
    if already known.
    """
    digest = digest or digest_of(path)
    run_id = None if options.is_dry_run else _start(importers[0], path, digest)
    try:
        return _FileImport(path, digest, options, progress, count, run_id).load(importers)
    except BaseException as error:
        if run_id is not None:
            with writing() as session:
                message = str(error) or type(error).__name__
                fail_run(session, run_id, message=message, now=utc_now())
        raise


def digest_of(path: Path) -> str:
    """Return the BLAKE2 digest of the file in hex, 64 characters."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=32)).hexdigest()


def _start(importer: Importer, path: Path, digest: str) -> int:
    with writing() as session:
        return start_run(
            session,
            source=importer.source,
            file_name=path.name,
            file_digest=digest,
            now=utc_now(),
        )


class _FileImport:
    """The import of one file."""

    def __init__(
        self,
        path: Path,
        digest: str,
        options: LoadOptions,
        progress: Progress,
        count: Callable[[int], None],
        run_id: int | None,
    ) -> None:
        self._path = path
        self._digest = digest
        self._options = options
        self._progress = progress
        self._count = count
        self._run_id = run_id
        self._began = utc_now()

    def load(self, importers: Sequence[Importer]) -> list[Tally]:
        session = db.session()
        has_demo = holds_demo(session)
        is_rebuild = not has_real_providers(session)
        session.rollback()
        db.session.remove()
        with next_facts(rebuild=is_rebuild) as facts:
            if has_demo:
                delete_demo_facts(facts.session)
            runs = [self._load_one(facts, each, is_rebuild=is_rebuild) for each in importers]
            self._refresh(facts, runs, is_rebuild=is_rebuild)
            if self._run_id is not None:
                self._publish(facts, runs, has_demo=has_demo)
        return [run.tally for run in runs]

    def _load_one(self, facts: NextFacts, importer: Importer, *, is_rebuild: bool) -> Run:
        began = time.monotonic()
        with opened_table(importer, self._path, self._progress) as table:
            run = self._new_run(facts, importer, table.name, is_rebuild=is_rebuild)
            load = importer.begin(run)
            for frame in prefetch(table.frames(importer.wanted(table.columns))):
                run.tally.counts["read"] += frame.height
                self._count(run.tally.counts["read"])
                load.take(frame)
                run.tally.refuse_if_bad(is_whole=False)
                facts.checkpoint()
            run.tally.refuse_if_bad(is_whole=True)
            if run.is_full and not self._options.accepts_shrink:
                _refuse_shrink(run)
            load.finish()
            facts.checkpoint()
        run.tally.set_aside = +run.tally.set_aside
        run.tally.seconds = time.monotonic() - began
        return run

    def _new_run(self, facts: NextFacts, importer: Importer, name: str, *, is_rebuild: bool) -> Run:
        options, session = self._options, facts.session
        names = (name, self._path.name)
        stated_on = options.released_on or _first(importer.find_release, names)
        released_on = stated_on or utc_now().date()
        return Run(
            session=session,
            store=FactStore(session, importer.source, released_on),
            source=importer.source,
            file=name,
            part=options.part or _first(importer.find_part, names) or "",
            released_on=released_on,
            is_dated=stated_on is not None,
            is_full=options.is_full or any(map(importer.is_full, names)),
            keep_all=options.keep_all,
            is_rebuild=is_rebuild and not has_real_providers(session),
            full_releases=latest_full_releases(session),
            part_releases=_part_releases(session, importer),
            trusts_digests=_trusts_digests(session, importer),
            tally=Tally(name, importer.source, released_on),
        )

    def _refresh(self, facts: NextFacts, runs: Sequence[Run], *, is_rebuild: bool) -> None:
        """Rebuild the listings of changed providers."""
        session = facts.session
        facts.analyze()
        with self._progress("Listing", 1) as advance:
            if is_rebuild:
                mark_duplicates(session, None)
                rebuild_listings(session)
            else:
                touched = [npis.cast(pl.Int64) for run in runs for npis in run.touched]
                changed = pl.concat(touched) if touched else pl.Series([], dtype=pl.Int64)
                scope = runs[0].store.set_scope(changed)
                mark_duplicates(session, scope)
                refresh_imported(session, scope)
            facts.checkpoint()
            advance(1)

    def _publish(self, facts: NextFacts, runs: Sequence[Run], *, has_demo: bool) -> None:
        now = utc_now()

        def last(session: Session) -> None:
            for run in runs:
                record_release(session, self._release(run, now))
            # Clinics and others may have changed listings of the current generation in the
            # meantime, and the geocoder may have found positions.
            moved = apply_positions_since(session, self._began)
            refresh_listings(session, {*changed_meanwhile(session), *moved})

        def also(session: Session) -> None:
            if has_demo:
                first_real_load(session)
            assert self._run_id is not None
            finish_run(session, self._run_id, runs=runs, now=now)

        facts.publish(last, also)
        # Again, for changes between that query and the switch.
        with writing() as session:
            settle_changes(session)

    def _release(self, run: Run, now: datetime) -> Release:
        return Release(
            source=run.source,
            part=run.part,
            file_name=run.file[-255:],
            file_digest=self._digest,
            released_on=run.released_on,
            is_full=run.is_full,
            rows=run.tally.counts["read"],
            options=options_text(self._options, run.source),
            loaded_at=now,
        )


def record_release(session: Session, release: Release) -> None:
    """Record the release; for one recorded before, only update the time if others followed."""
    same = (
        *(Release.source == release.source, Release.part == release.part),
        *(Release.file_digest == release.file_digest, Release.file_name == release.file_name),
        *(Release.released_on == release.released_on, Release.options == release.options),
    )
    known = session.scalars(sa.select(Release).where(*same)).first()
    if known is None:
        session.add(release)
        return
    newest = session.scalar(sa.select(sa.func.max(Release.loaded_at)))
    if newest is not None and newest > known.loaded_at:
        known.loaded_at = release.loaded_at


def options_text(options: LoadOptions, source: Source) -> str:
    """Return the options that affect the imported data, as stored with the release."""
    is_all = options.keep_all and source is Source.NPPES
    return f"{'all ' if is_all else ''}{_READER_VERSION}"


def _first(function: Callable[[str], Value], names: Sequence[str]) -> Value | None:
    return next((found for name in names if (found := function(name))), None)


def _refuse_shrink(run: Run) -> None:
    """Raise if a full release is much smaller than the previous one: it may be truncated."""
    before = run.session.scalars(
        sa.select(Release.rows)
        .where(Release.source == run.source, Release.part == run.part, Release.is_full)
        .order_by(Release.released_on.desc(), Release.id.desc())
        .limit(1)
    ).first()
    read = run.tally.counts["read"]
    if before and read < before * (1 - _MAX_SHRINK_SHARE):
        raise SourceFileError(
            run.file,
            read + 1,
            f"the end after {read:,} rows, where the release before had {before:,}",
            "at most 10 % fewer; if this is right, load it with --accept-shrink",
        )


def _part_releases(session: Session, importer: Importer) -> dict[str, date]:
    """Return the day of the latest full release of each part of a source."""
    statement = (
        sa.select(Release.part, sa.func.max(Release.released_on))
        .where(Release.source == importer.source, Release.is_full)
        .group_by(Release.part)
    )
    return dict(session.execute(statement).all())


def _trusts_digests(session: Session, importer: Importer) -> bool:
    """Return whether the stored rows were read by the same version of the reader."""
    last = session.scalars(
        sa.select(Release.options)
        .where(Release.source == importer.source)
        .order_by(Release.id.desc())
        .limit(1)
    ).first()
    return last is not None and last.endswith(_READER_VERSION)
