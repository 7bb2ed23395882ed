"""The names of taxonomies, from the operator's own download of the NUCC code set.

The code set is copyrighted. Its definitions and notes are not read, and none of its text is part
of this project.
"""

import re
from datetime import date

import polars as pl
import sqlalchemy as sa

from directory.providers.models import Source, Taxonomy
from directory.sources.loading.importer import Column, Importer, Run
from directory.sources.reading import columns

_NAME = re.compile(r"nucc_taxonomy_([0-9]{2})([01])(?![0-9])", re.IGNORECASE)
_FIRST_MONTHS = {"0": 1, "1": 7}  # version 25.0 is effective from January, 25.1 from July
_MAX_NAME_LENGTH = 200


class TaxonomyLoad:
    """Loads one version of the code set."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def take(self, frame: pl.DataFrame) -> None:
        """Stage the code and the name of each row."""
        run = self._run
        if run.is_outdated:
            return
        names = [each for each in ("display", "special", "general") if each in frame.columns]
        frame = frame.with_columns(
            pl.col("code").str.strip_chars(),
            pl.coalesce(*(columns.cleaned(each) for each in names)).alias("name"),
        )
        is_code = pl.col("code").str.contains(r"^[A-Za-z0-9]{10}$")
        reason = pl.coalesce(
            pl.when(~is_code).then(
                pl.format(
                    "the code '{}' is not ten letters and digits", pl.col("code").str.head(20)
                )
            ),
            pl.when(pl.col("name").is_null()).then(pl.lit("there is no name")),
            pl.when(pl.col("name").str.len_chars() > _MAX_NAME_LENGTH).then(
                pl.lit(f"the name is longer than {_MAX_NAME_LENGTH} characters")
            ),
            pl.when(~pl.col("code").is_first_distinct()).then(
                pl.lit("the code is in the file twice")
            ),
        )
        frame = run.without(frame, reason.is_not_null(), reason)
        run.store.stage(Taxonomy, frame.select("code", "name", "line"))

    def finish(self) -> None:
        """Update the names to this version."""
        run = self._run
        if run.is_outdated:
            run.tally.notes["a newer release is loaded: nothing to do"] += 1
            return
        run.tally.add(run.store.merge(Taxonomy, of=sa.true() if run.is_full else None))


def _release_in_name(name: str) -> date | None:
    """Return the day from which a version is effective.

    >>> _release_in_name("nucc_taxonomy_251.csv")
    datetime.date(2025, 7, 1)
    """
    match = _NAME.search(name)
    return date(2000 + int(match[1]), _FIRST_MONTHS[match[2]], 1) if match else None


NUCC = Importer(
    name="nucc",
    source=Source.NUCC,
    title="NUCC, the names of taxonomies",
    pattern="nucc_taxonomy_*.csv",
    columns=(
        Column("code", ("Code",)),
        Column("display", ("Display Name",), is_required=False),
        Column("special", ("Specialization",)),
        Column("general", ("Classification",)),
    ),
    begin=TaxonomyLoad,
    find_release=_release_in_name,
    is_full=lambda name: _NAME.search(name) is not None,
    days_between=200,
)
