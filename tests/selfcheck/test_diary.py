"""The printable diary: one line a day, the right days, nothing else in the address."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from directory.selfcheck.diary import Month, MonthNotFoundError, month_of

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("month", "days"), [("2026-12", 31), ("2026-11", 30), ("2026-02", 28), ("2028-02", 29)]
)
def test_every_day_of_the_month_has_a_line(browser: FlaskClient, month, days):
    page = browser.get(f"/self-check/diary?month={month}").text
    assert page.count('<th scope="row">') == days


def test_a_day_is_named_with_its_weekday(browser: FlaskClient):
    page = browser.get("/self-check/diary?month=2026-12").text
    assert "Headache diary, December 2026</h1>" in page
    assert '<th scope="row">1 <span>Tue</span></th>' in page


def test_the_diary_speaks_spanish(browser: FlaskClient):
    page = browser.get("/es/self-check/diary?month=2026-12").text
    assert "diciembre de 2026" in page
    assert '<th scope="row">1 <span>mar</span></th>' in page


def test_links_lead_to_the_months_before_and_after(browser: FlaskClient):
    page = browser.get("/self-check/diary?month=2026-12").text
    assert re.findall(r"\?month=(\d{4}-\d{2})\"", page.split("<main")[1]) == ["2026-11", "2027-01"]


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "2026-00", "1999-12", "2026-12-01", "x"])
def test_what_is_no_month_is_not_found(browser: FlaskClient, month):
    assert browser.get("/self-check/diary", query_string={"month": month}).status_code == 404


def test_without_a_month_it_is_the_present_one():
    assert month_of(None, today=TODAY) == Month(date(2026, 11, 1))
    with pytest.raises(MonthNotFoundError, match="not a month"):
        month_of("2100-01", today=TODAY)


@pytest.mark.parametrize(
    ("month", "moved", "expected"),
    [
        ("2026-12", 1, "2027-01"),
        ("2026-01", -1, "2025-12"),
        ("2000-01", -1, None),
        ("2099-12", 1, None),
    ],
)
def test_months_follow_each_other_within_the_century(month, moved, expected):
    found = month_of(month, today=TODAY).moved(moved)
    assert (found.slug if found else None) == expected
