"""Working time: Monday to Friday, whole days, in the zone that a clinic keeps."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_A_MONDAY = datetime(2001, 1, 1)  # noqa: DTZ001 - as a clock on the wall shows it
_WEEK = timedelta(weeks=1)
_WORKING_WEEK = timedelta(days=5)


def working_days_after(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the moment when so many working days have passed, in UTC.

    What begins at a weekend counts from Monday on.
    """
    weeks, rest = divmod(_position(start, zone) + timedelta(days=days), _WORKING_WEEK)
    local = _A_MONDAY + weeks * _WEEK + rest
    return local.replace(tzinfo=zone).astimezone(UTC)


def working_minutes(start: datetime, end: datetime, zone: ZoneInfo) -> int:
    """Return the working time between two moments in whole minutes."""
    return (_position(end, zone) - _position(start, zone)) // timedelta(minutes=1)


def _position(moment: datetime, zone: ZoneInfo) -> timedelta:
    """Return the working time from a Monday long ago to a moment."""
    weeks, rest = divmod(moment.astimezone(zone).replace(tzinfo=None) - _A_MONDAY, _WEEK)
    return weeks * _WORKING_WEEK + min(rest, _WORKING_WEEK)
