"""Which NPIs a file has named so far, and which are loaded: compact enough for all of them."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.providers.models import Provider


class SeenNPIs:
    """A bit for each possible NPI, the check digit left out: 25 MB however many there are."""

    _FIRST = 100_000_000  # NPIs begin with 1 or 2

    def __init__(self) -> None:
        self._bits = bytearray(200_000_000 // 8)

    def add(self, npi: str) -> bool:
        """Remember the NPI; tell whether it is the first time."""
        place, bit = divmod(int(npi[:9]) - self._FIRST, 8)
        is_first = not self._bits[place] >> bit & 1
        self._bits[place] |= 1 << bit
        return is_first


class LoadedNPIs:
    """The NPIs of the database, eight bytes each."""

    def __init__(self, npis: Iterable[int]) -> None:
        self._npis = array("q", npis)

    @classmethod
    def of(cls, session: Session) -> "LoadedNPIs":
        """Read them all."""
        number = sa.type_coerce(Provider.npi, sa.BigInteger)
        statement = sa.select(number).order_by(Provider.npi)
        return cls(session.scalars(statement.execution_options(yield_per=10_000)))

    def __contains__(self, npi: str) -> bool:
        number = int(npi)
        place = bisect_left(self._npis, number)
        return place < len(self._npis) and self._npis[place] == number
