"""The monthly list of all deactivated NPIs, one Excel workbook in a zip."""

import re
from datetime import date, datetime

import numpy as np
import polars as pl
import sqlalchemy as sa

from directory.providers.models import Deactivation, Provider, Source
from directory.sources.loading.importer import Column, Format, Importer, Run
from directory.sources.loading.npi_filters import (
    OUTDATED,
    NPISet,
    first_of_each,
    is_in_sorted,
    loaded_npis,
    with_npis,
)
from directory.sources.reading import columns

_COLUMN = "NPPES Deactivation Date"
# The zip is named with MMDDYY, the workbook within it with YYYYMMDD.
_NAME = re.compile(r"Deactivated[ _]NPI[ _]Report[ _]([0-9]{8}|[0-9]{6})(?![0-9])", re.IGNORECASE)


class DeactivationLoad:
    """Loads one list. Unknown NPIs are kept as well: an older file may still name them."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._named_npis = NPISet()
        self._newer = _stated_after(run)
        main = run.full_releases.get(Source.NPPES, date.min)
        self._reason = ""
        if main > run.released_on:
            self._reason = "a newer full release of NPPES is loaded: nothing to do"
        if run.is_outdated:
            self._reason = OUTDATED

    def take(self, frame: pl.DataFrame) -> None:
        """Stage the rows, except those contradicted by a newer row of NPPES."""
        run = self._run
        if self._reason:
            return
        # A numeric cell is read with a decimal.
        number = pl.col("npi").str.strip_chars().str.strip_suffix(".0")
        frame = with_npis(run, frame.with_columns(number, _day().alias("_day")))
        given = pl.col("deactivated").str.strip_chars().str.head(20)
        no_day = pl.format(f"the {_COLUMN} '{{}}' is not a day written MM/DD/YYYY", given)
        frame = run.without(frame, pl.col("_day").is_null(), no_day)
        frame = first_of_each(run, frame, self._named_npis)
        is_older = is_in_sorted(frame["npi"], self._newer)
        run.tally.counts["older"] += int(is_older.sum())
        day = columns.iso(pl.col("_day")).alias("deactivated_on")
        run.store.stage(Deactivation, frame.filter(~is_older).select("npi", day, "line"))

    def finish(self) -> None:
        """Deactivate the listed NPIs; those missing from a full list are active again."""
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
        run.touched.append(changed.filter(is_in_sorted(changed, loaded_npis(run.session))))

    def _end_stubs(self) -> int:
        """End deactivations stated by an earlier main file and missing from a full list.

        Both files state the same fact, so the newer one counts. A statement of the same day is
        kept: better to hide a provider than to list one who may not practice.
        """
        run = self._run
        earlier = _in_force(
            run, Deactivation.source == Source.NPPES, Deactivation.as_of < run.released_on
        )
        ended = self._named_npis.missing(earlier)
        scope = run.store.set_scope(ended)
        run.session.execute(
            sa.update(Deactivation)
            .where(Deactivation.npi.in_(scope))
            .values(gone_on=run.released_on)
            .execution_options(synchronize_session=False)
        )
        return ended.len()


def _day() -> pl.Expr:
    """Return the day of a text MM/DD/YYYY, or of a cell that holds a date."""
    plain = pl.col("deactivated").str.strip_chars().str.strip_suffix(" 00:00:00")
    return pl.coalesce(
        columns.day("deactivated"),
        pl.when(plain.str.len_bytes() == 10).then(plain).str.to_date("%Y-%m-%d", strict=False),
    )


def _in_force(run: Run, *conditions: sa.ColumnElement[bool]) -> np.ndarray:
    """Return the NPIs with a deactivation in force."""
    statement = sa.select(sa.type_coerce(Deactivation.npi, sa.BigInteger)).where(
        Deactivation.gone_on.is_(None), *conditions
    )
    options = {"yield_per": 100_000}
    return np.fromiter(run.session.scalars(statement.execution_options(**options)), dtype=np.int64)


def _stated_after(run: Run) -> np.ndarray:
    """Return the sorted NPIs with a complete row newer than this list."""
    statement = sa.select(sa.type_coerce(Provider.npi, sa.BigInteger)).where(
        Provider.as_of > run.released_on
    )
    return np.fromiter(run.session.scalars(statement.order_by(Provider.npi)), dtype=np.int64)


def _release_in_name(name: str) -> date | None:
    """Return the release date in the name of the zip or of the workbook.

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
