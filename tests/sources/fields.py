"""Reference parsers of single values, to compare the column expressions with."""

import re
from datetime import date, datetime
from functools import lru_cache

from directory.core.text import squeezed

_US_DATE = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}")
PLACEHOLDERS = frozenset({"<UNAVAIL>", "N/A", "NONE", "NULL"})


class FieldError(ValueError):
    """A value is invalid for its column; the row is bad."""


def text_or_none(value: str, *, longest: int, name: str) -> str | None:
    """Return the text with single blanks, or None for nothing and for a placeholder.

    Files fill what they do not know with ``<UNAVAIL>``, ``=========``, ``$$$$$$$$$``, ``--``.
    """
    if not value:
        return None
    if not value.isalnum():
        value = squeezed(value)
        if not any(map(str.isalnum, value)):
            return None
    if value.upper() in PLACEHOLDERS:
        return None
    if len(value) > longest:
        raise FieldError(f"the {name} is longer than {longest} characters")
    return value


def us_date(value: str, name: str) -> date | None:
    """Return the day of an exact ``MM/DD/YYYY``, or None for nothing."""
    if not (value := value.strip()):
        return None
    day = _us_date(value)
    if day is None:
        raise FieldError(f"the {name} {value[:20]!r} is not a day written MM/DD/YYYY")
    return day


@lru_cache(1 << 16)
def _us_date(value: str) -> date | None:
    if not _US_DATE.fullmatch(value):
        return None
    try:
        return datetime.strptime(value, "%m/%d/%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def us_zip_code(value: str) -> str | None:
    """Return the five digits of a ZIP code of five or nine, with or without a hyphen."""
    number = value.strip().replace("-", "")
    if len(number) not in {5, 9} or not (number.isascii() and number.isdigit()):
        return None
    return number[:5]
