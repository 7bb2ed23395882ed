"""Days, times, numbers and lists as people in the United States write them, in each language.

Spanish without a country has "14:30" and "1.234"; Spanish in the United States has "2:30 p.m."
and "1,234".
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from babel.lists import format_list
from babel.numbers import format_decimal
from flask_babel import get_locale

_IN_THE_US = {language: Locale(language, "US") for language in ("en", "es")}


def day_text(value: date) -> str:
    """Return a day such as October 3, 2026."""
    return format_date(value, "long", locale=_locale())


def weekday_text(value: date) -> str:
    """Return a day with its weekday, such as Saturday, October 3, 2026."""
    return format_date(value, "full", locale=_locale())


def month_text(value: date) -> str:
    """Return a month such as October 2026."""
    return format_skeleton("yMMMM", value, locale=_locale())


def clock_text(local: datetime) -> str:
    """Return the local time of day, such as 2:30 PM."""
    text = format_time(local.time(), "short", locale=_locale())
    return text.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")  # every font has this


def zone_text(local: datetime) -> str:
    """Return the name of the time zone, such as Central Standard Time."""
    return get_timezone_name(local, locale=_locale())


def number_text(value: float) -> str:
    """Return a number such as 1,234 or 2.5."""
    return _number_text(value, _locale())


# A page of results has fifty numbers, most of them small ones.
@lru_cache(maxsize=4096)
def _number_text(value: float, locale: Locale) -> str:
    return format_decimal(value, locale=locale)


def list_text(items: Iterable[object]) -> str:
    """Return the items as a list in words, such as A, B, and C."""
    return format_list([str(each) for each in items], locale=_locale())


def _locale() -> Locale:
    found = get_locale()
    return _IN_THE_US.get(found.language if found else "en", found or _IN_THE_US["en"])
