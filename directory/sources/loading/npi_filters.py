"""Sets of NPIs, and filters that keep the rows of known providers."""

from datetime import date

import numpy as np
import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.providers.models import PracticeLocation, ProcedureVolume, Provider
from directory.sources.loading.importer import Run
from directory.sources.reading import columns

_LOWEST_NPI = 1_000_000_000  # the lowest possible NPI


class NPISet:
    """A bit set of all possible NPIs without the check digit: always 25 MB."""

    def __init__(self) -> None:
        self._bits = np.zeros(200_000_000 // 8, dtype=np.uint8)

    def add(self, npis: pl.Series) -> pl.Series:
        """Add the NPIs; return for each whether it was new."""
        places, bits = _places_of(npis.to_numpy())
        is_first = (self._bits[places] & bits) == 0
        np.bitwise_or.at(self._bits, places, bits)
        return pl.Series(is_first) & npis.is_first_distinct()

    def missing(self, npis: np.ndarray) -> pl.Series:
        """Return those of the NPIs that are not in the set."""
        places, bits = _places_of(npis)
        return pl.Series("npi", npis[(self._bits[places] & bits) == 0], dtype=pl.Int64)


def loaded_npis(session: Session) -> np.ndarray:
    """Return the NPIs in the database, sorted, eight bytes each."""
    number = sa.type_coerce(Provider.npi, sa.BigInteger)
    statement = sa.select(number).order_by(Provider.npi).execution_options(yield_per=100_000)
    return np.fromiter(session.scalars(statement), dtype=np.int64)


def is_in_sorted(npis: pl.Series, known: np.ndarray) -> pl.Series:
    """Return for each NPI whether it is in the sorted array."""
    if not len(known):
        return pl.Series([False], dtype=pl.Boolean).new_from_index(0, npis.len())
    numbers = npis.to_numpy()
    places = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    return pl.Series(known[places] == numbers)


def changed_npis(
    session: Session,
    model: type[PracticeLocation | ProcedureVolume],
    *,
    of: sa.ColumnElement[bool],
    on: date,
) -> pl.Series:
    """Return the NPIs of facts that the release of this day added, changed or removed."""
    statement = sa.select(sa.type_coerce(model.npi, sa.BigInteger)).where(
        of, sa.or_(model.as_of == on, model.gone_on == on)
    )
    return pl.Series(np.fromiter(session.scalars(statement), dtype=np.int64)).unique()


def _places_of(npis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    numbers = (npis - _LOWEST_NPI) // 10
    return numbers >> 3, np.left_shift(1, numbers & 7).astype(np.uint8)


OUTDATED = "a newer release is loaded: nothing to do"


def with_npis(run: Run, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with a numeric NPI; rows without a valid one are bad."""
    frame = frame.with_columns(columns.npi_number("npi"))
    reason = "the NPI is not ten digits with a right check digit"
    return run.without(frame, pl.col("npi").is_null(), reason)


def first_of_each(run: Run, frame: pl.DataFrame, named: NPISet) -> pl.DataFrame:
    """Return the first row of each NPI, for files with one row per NPI."""
    frame = frame.with_columns(named.add(frame["npi"]).alias("_first"))
    return run.without(frame, ~pl.col("_first"), "the NPI is in the file twice")


def of_loaded(run: Run, frame: pl.DataFrame, loaded: np.ndarray) -> pl.DataFrame:
    """Return the rows about loaded providers; the others are valid but not needed."""
    frame = frame.with_columns(is_in_sorted(frame["npi"], loaded).alias("_loaded"))
    reason = "nobody loaded here has this NPI"
    return run.without(frame, ~pl.col("_loaded"), reason, is_bad=False)
