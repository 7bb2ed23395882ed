"""Days, times, numbers and lists in both languages, as in the United States."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from directory.core.formats import (
    clock_text,
    day_text,
    list_text,
    month_text,
    number_text,
    weekday_text,
    zone_text,
)
from directory.core.translations import in_language

AT = datetime(2026, 11, 24, 14, 5, tzinfo=ZoneInfo("America/Chicago"))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ("November 24, 2026", "Tuesday, November 24, 2026", "November 2026")),
        (
            "es",
            ("24 de noviembre de 2026", "martes, 24 de noviembre de 2026", "noviembre de 2026"),
        ),
    ],
)
def test_days_are_formatted_in_words(app: Flask, language: str, expected: tuple[str, ...]) -> None:
    day = date(2026, 11, 24)
    with in_language(language):
        assert (day_text(day), weekday_text(day), month_text(day)) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ("2:05\xa0PM", "Central Standard Time")),
        ("es", ("2:05\xa0p.m.", "hora estándar central")),
    ],
)
def test_times_use_twelve_hours_and_zones_have_names(
    app: Flask, language: str, expected: tuple[str, str]
) -> None:
    with in_language(language):
        assert (clock_text(AT), zone_text(AT)) == expected


@pytest.mark.parametrize("language", ["en", "es"])
def test_numbers_keep_the_american_form(app: Flask, language: str) -> None:
    with in_language(language):
        assert [number_text(each) for each in (7, 1234, 2.5)] == ["7", "1,234", "2.5"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", ["A", "A and B", "A, B, and C"]), ("es", ["A", "A y B", "A, B y C"])],
)
def test_lists_end_with_a_conjunction(app: Flask, language: str, expected: list[str]) -> None:
    with in_language(language):
        assert [list_text("ABC"[:count]) for count in (1, 2, 3)] == expected
