"""The monthly list of all deactivated NPIs, a zip holding one Excel workbook."""

import re
from datetime import date, datetime

import numpy as np
import polars as pl
import sqlalchemy as sa

from directory.providers.models import Deactivation, Provider, Source
from directory.sources.loading.importer import Column, Format, Importer, Run
from directory.sources.loading.npi_filters import (
    OUTDATED,
    SeenNPIs,
    first_of_each,
    is_among,
    loaded_npis,
    with_npis,
)
from directory.sources.reading import columns as ex

_COLUMN = "NPPES Deactivation Date"
# The zip is named with MMDDYY, the workbook within it with YYYYMMDD.
_NAME = re.compile(r"Deactivated[ _]NPI[ _]Report[ _]([0-9]{8}|[0-9]{6})(?![0-9])", re.IGNORECASE)


class DeactivationLoad:
    """Loads one list. Those nobody knows are kept too: an older file may still name them."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._seen = SeenNPIs()
        self._newer = _stated_after(run)
        main = run.full_releases.get(Source.NPPES, date.min)
        self._reason = ""
        if main > run.released_on:
            self._reason = "a newer full release of NPPES is loaded: nothing to do"
        if run.is_outdated:
            self._reason = OUTDATED

    def take(self, frame: pl.DataFrame) -> None:
        """Keep the rows, but for those that a newer row of NPPES speaks against."""
        run = self._run
        if self._reason:
            return
        # A cell that holds a number, not text, reads as one with a decimal.
        number = pl.col("npi").str.strip_chars().str.strip_suffix(".0")
        frame = with_npis(run, frame.with_columns(number, _day().alias("_day")))
        given = pl.col("deactivated").str.strip_chars().str.head(20)
        no_day = pl.format(f"the {_COLUMN} '{{}}' is not a day written MM/DD/YYYY", given)
        frame = run.without(frame, pl.col("_day").is_null(), no_day)
        frame = first_of_each(run, frame, self._seen)
        is_older = is_among(frame["npi"], self._newer)
        run.tally.counts["older"] += int(is_older.sum())
        day = ex.iso(pl.col("_day")).alias("deactivated_on")
        run.store.stage(Deactivation, frame.filter(~is_older).select("npi", day, "line"))

    def finish(self) -> None:
        """Stop those who are listed; whom a full list no longer has is active again."""
        run = self._run
        if self._reason:
            run.tally.notes[self._reason] += 1
            return
        before = _in_force(run)
        merged = run.store.merge(Deactivation, of=sa.true() if run.is_full else None)
        if run.is_full:
            merged.gone += self._end_stubs()
        run.tally.add(merged)
        changed = pl.Series(np.setxor1d(before, _in_force(run), assume_unique=True))
        run.touched.append(changed.filter(is_among(changed, loaded_npis(run.session))))

    def _end_stubs(self) -> int:
        """End what the main file stated earlier and the list of everybody no longer has.

        It is one and the same fact, so the newer of the two counts. A statement of the same
        day stays: better one provider too few than one who may not practice.
        """
        run, at = self._run, Deactivation
        earlier = _in_force(run, at.source == Source.NPPES, at.as_of < run.released_on)
        ended = self._seen.missing(earlier)
        scope = run.store.set_scope(ended)
        run.session.execute(
            sa.update(at)
            .where(at.npi.in_(scope))
            .values(gone_on=run.released_on)
            .execution_options(synchronize_session=False)
        )
        return ended.len()


def _day() -> pl.Expr:
    """Return the day of a text MM/DD/YYYY, or of a cell that holds a date."""
    plain = pl.col("deactivated").str.strip_chars().str.strip_suffix(" 00:00:00")
    return pl.coalesce(
        ex.day("deactivated"),
        pl.when(plain.str.len_bytes() == 10).then(plain).str.to_date("%Y-%m-%d", strict=False),
    )


def _in_force(run: Run, *conditions: sa.ColumnElement[bool]) -> np.ndarray:
    """Return whose deactivation is in force."""
    at = Deactivation
    statement = sa.select(sa.type_coerce(at.npi, sa.BigInteger)).where(
        at.gone_on.is_(None), *conditions
    )
    options = {"yield_per": 100_000}
    return np.fromiter(run.session.scalars(statement.execution_options(**options)), dtype=np.int64)


def _stated_after(run: Run) -> np.ndarray:
    """Return those of whom a complete row is loaded that is newer than this list, in order."""
    at = Provider
    statement = sa.select(sa.type_coerce(at.npi, sa.BigInteger)).where(at.as_of > run.released_on)
    return np.fromiter(run.session.scalars(statement.order_by(at.npi)), dtype=np.int64)


def _release_in_name(name: str) -> date | None:
    """Return the day in the published name, of the zip or of the workbook.

    >>> _release_in_name("NPPES_Deactivated_NPI_Report_091426_V2.zip")
    datetime.date(2026, 9, 14)
    """
    match = _NAME.search(name)
    if match is None:
        return None
    layout = "%m%d%y" if len(match[1]) == 6 else "%Y%m%d"
    try:
        return datetime.strptime(match[1], layout).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


NPPES_DEACTIVATED = Importer(
    name="nppes-deactivated",
    source=Source.NPPES_DEACTIVATED,
    title="NPPES, the list of deactivated NPIs",
    pattern="*.xlsx",
    columns=(
        Column("npi", ("NPI",)),
        Column("deactivated", (_COLUMN, "NPI Deactivation Date")),
    ),
    begin=DeactivationLoad,
    find_release=_release_in_name,
    is_full=lambda name: _NAME.search(name) is not None,
    format=Format.WORKBOOK,
    archive="NPPES_Deactivated_NPI_Report_*.zip",
    days_between=38,
)
