"""Parses the release date from the published names of NPPES files."""

import re
from collections.abc import Iterator
from datetime import date, datetime

_MEMBER = re.compile(r"_pfile_[0-9]{8}-([0-9]{8})", re.IGNORECASE)
# NPIs have been issued since that day.
_FULL = re.compile(r"_pfile_20050523-[0-9]{8}", re.IGNORECASE)
_WEEKLY = re.compile(r"_[0-9]{6}_([0-9]{6})_Weekly", re.IGNORECASE)
_MONTHLY = re.compile(r"_([A-Z][a-z]+)_([0-9]{4})(?:_|\b)")


def release_in_name(name: str) -> date | None:
    """Return the release day in an NPPES name; the first of the month if it names no day.

    >>> release_in_name("npidata_pfile_20050523-20260907.csv")
    datetime.date(2026, 9, 7)
    """
    for text, layout in _candidates(name):
        try:
            return datetime.strptime(text, layout).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _candidates(name: str) -> Iterator[tuple[str, str]]:
    if match := _MEMBER.search(name):
        yield match[1], "%Y%m%d"
    if match := _WEEKLY.search(name):
        yield match[1], "%m%d%y"
    if match := _MONTHLY.search(name):
        yield f"{match[1]} {match[2]}", "%B %Y"


def is_full_nppes(name: str) -> bool:
    """Return whether an NPPES file is a full release, by the first day in its name.

    >>> is_full_nppes("pl_pfile_20050523-20260907.csv")
    True
    """
    return _FULL.search(name) is not None
