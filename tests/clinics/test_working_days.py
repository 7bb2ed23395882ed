"""Working time is Monday to Friday, all day, where the clinic is."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from directory.clinics.local_time import working_days_after, working_minutes

CHICAGO, HONOLULU = ZoneInfo("America/Chicago"), ZoneInfo("Pacific/Honolulu")


def at(text: str, zone: ZoneInfo = CHICAGO) -> datetime:
    """Return a time given in local time. 2026-11-02 is a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-02 15:00", 2, "2026-11-04 15:00"),
        ("2026-11-05 15:00", 2, "2026-11-09 15:00"),
        ("2026-11-06 15:00", 2, "2026-11-10 15:00"),  # Friday to Tuesday
        ("2026-11-07 15:00", 2, "2026-11-11 00:00"),  # a weekend counts from Monday on
        ("2026-11-08 23:59", 2, "2026-11-11 00:00"),
        ("2026-11-06 15:00", 0, "2026-11-06 15:00"),
        ("2026-11-06 15:00", 10, "2026-11-20 15:00"),
        ("2026-10-30 15:00", 1, "2026-11-02 15:00"),  # the clock goes back on the Sunday
        ("2027-03-12 01:30", 1, "2027-03-15 01:30"),  # and forward
    ],
)
def test_working_days_leave_out_weekends(start: str, days: int, end: str) -> None:
    assert working_days_after(at(start), days, CHICAGO) == at(end)


def test_the_zone_decides_when_a_weekend_begins() -> None:
    friday_evening = at("2026-11-06 20:00", HONOLULU)  # Saturday in Chicago
    assert working_days_after(friday_evening, 1, HONOLULU) == at("2026-11-09 20:00", HONOLULU)
    assert working_days_after(friday_evening, 1, CHICAGO) == at("2026-11-10 00:00")


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-02 15:00", "2026-11-02 16:30", 90),
        ("2026-11-02 15:00", "2026-11-03 15:00", 1440),
        ("2026-11-06 23:00", "2026-11-09 01:00", 120),
        ("2026-11-07 10:00", "2026-11-08 10:00", 0),
        ("2026-10-30 23:00", "2026-11-02 01:00", 120),  # the clock goes back on the Sunday
        ("2026-11-02 15:00", "2026-11-16 15:00", 14400),
    ],
)
def test_working_minutes_leave_out_weekends(start: str, end: str, minutes: int) -> None:
    assert working_minutes(at(start), at(end), CHICAGO) == minutes
