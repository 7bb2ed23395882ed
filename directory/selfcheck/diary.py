"""One month of a headache diary, to be printed."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from directory.core.errors import NotFoundError

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_YEARS = range(2000, 2100)


class MonthNotFoundError(NotFoundError):
    """What was asked for is not a month of this century."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text[:10]!r} is not a month such as 2026-12.")


@dataclass(frozen=True)
class Month:
    """A month, known by its first day."""

    first: date

    @property
    def slug(self) -> str:
        """Return the month as it stands in an address, such as 2026-12."""
        return f"{self.first:%Y-%m}"

    @property
    def days(self) -> list[date]:
        """Return all days of the month."""
        count = calendar.monthrange(self.first.year, self.first.month)[1]
        return [self.first.replace(day=number) for number in range(1, count + 1)]

    def moved(self, months: int) -> "Month | None":
        """Return the month so many later, or None beyond this century."""
        years, month = divmod(self.first.month - 1 + months, 12)
        year = self.first.year + years
        if year not in _YEARS:
            return None
        return Month(date(year, month + 1, 1))


def month_of(text: str | None, *, today: date) -> Month:
    """Return the month that the address asks for; without one, the present month."""
    if text is None:
        return Month(today.replace(day=1))
    found = _MONTH.fullmatch(text)
    if not found:
        raise MonthNotFoundError(text)
    return Month(date(int(found[1]), int(found[2]), 1))
