"""Which NPIs a file has named so far, and which are loaded: compact enough for all of them."""

import numpy as np
import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.providers.models import Provider

_FIRST = 1_000_000_000  # NPIs begin with 1 or 2


class SeenNPIs:
    """A bit for each possible NPI, the check digit left out: 25 MB however many there are."""

    def __init__(self) -> None:
        self._bits = np.zeros(200_000_000 // 8, dtype=np.uint8)

    def add(self, npis: pl.Series) -> pl.Series:
        """Remember the NPIs; tell of each whether it is the first time."""
        places, bits = _places_of(npis.to_numpy())
        is_first = (self._bits[places] & bits) == 0
        np.bitwise_or.at(self._bits, places, bits)
        return pl.Series(is_first) & npis.is_first_distinct()

    def missing(self, npis: np.ndarray) -> pl.Series:  # type: ignore[type-arg]
        """Return those of the NPIs that were never named."""
        places, bits = _places_of(npis)
        return pl.Series("npi", npis[(self._bits[places] & bits) == 0], dtype=pl.Int64)


def loaded_npis(session: Session) -> np.ndarray:  # type: ignore[type-arg]
    """Return the NPIs of the database in order, eight bytes each."""
    number = sa.type_coerce(Provider.npi, sa.BigInteger)
    statement = sa.select(number).order_by(Provider.npi).execution_options(yield_per=100_000)
    return np.fromiter(session.scalars(statement), dtype=np.int64)


def _places_of(npis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    numbers = (npis - _FIRST) // 10
    return numbers >> 3, np.left_shift(1, numbers & 7).astype(np.uint8)
