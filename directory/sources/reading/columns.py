"""Polars expressions for columns of the public files: text, days, states, credentials."""

import re
from collections.abc import Callable
from functools import cache, lru_cache

import polars as pl

from directory.geo import gazetteer
from directory.geo.places import zip_position
from directory.geo.points import Precision
from directory.geo.states import find_state
from directory.providers.addresses import KEY_LENGTH, SHORT_WORDS

# Placeholders for unknown values, in addition to runs of punctuation.
_PLACEHOLDERS = frozenset({"<UNAVAIL>", "N/A", "NONE", "NULL"})


def cleaned(column: str) -> pl.Expr:
    """Return the text with single blanks, or null for nothing and for a placeholder.

    Placeholders of unknown values are ``<UNAVAIL>``, ``=========``, ``$$$$$$$$$``, ``--``.
    """
    # As in Python, the four control characters below the blank are white space.
    text = pl.col(column).str.replace_all(r"[\s\x1c-\x1f]+", " ").str.strip_chars()
    is_text = text.str.contains(r"[\p{L}\p{N}]") & ~text.str.to_uppercase().is_in(_PLACEHOLDERS)
    return pl.when(is_text).then(text)


def is_npi(number: pl.Expr) -> pl.Expr:
    """Return whether integers begin with 1 or 2 and pass the Luhn check of an NPI."""
    # 24 is what the card issuer prefix 80840 adds; see providers/npi.py.
    total = pl.lit(24, pl.Int64) + number % 10
    for place in range(1, 10):
        digit = (number // 10**place) % 10
        if place % 2:
            digit = digit * 2 - 9 * (digit > 4).cast(pl.Int64)
        total = total + digit
    return (number >= 10**9) & (number < 3 * 10**9) & (total % 10 == 0)


def npi_number(column: str) -> pl.Expr:
    """Return an NPI as a number, or null if it is not valid."""
    text = pl.col(column).str.strip_chars()
    number = pl.when(text.str.len_bytes() == 10).then(text).cast(pl.Int64, strict=False)
    return pl.when(is_npi(number)).then(number)


def day(column: str, layout: str = "%m/%d/%Y", length: int | None = 10) -> pl.Expr:
    """Return the day of a text, or null if it is empty or not a day."""
    text = pl.col(column).str.strip_chars()
    exact = text if length is None else pl.when(text.str.len_bytes() == length).then(text)
    return exact.str.to_date(layout, strict=False)


def iso(day_column: pl.Expr) -> pl.Expr:
    """Return days as stored in the database."""
    return day_column.dt.to_string("%Y-%m-%d")


def zip_code(column: str) -> pl.Expr:
    """Return the five digits of a ZIP code of five or nine, or null."""
    number = pl.col(column).str.strip_chars().str.replace_all("-", "", literal=True)
    return pl.when(number.str.contains(r"^(?:[0-9]{5}|[0-9]{9})$")).then(number.str.head(5))


def padded_zip_code(column: str) -> pl.Expr:
    """Return the five digits of a ZIP code that may have lost leading zeros."""
    number = pl.col(column).str.strip_chars().str.replace_all("-", "", literal=True)
    whole = (
        pl.when(number.str.len_bytes() <= 5)
        .then(number.str.zfill(5))
        .otherwise(number.str.zfill(9))
    )
    return pl.when(number.str.contains(r"^(?:[0-9]{3,5}|[0-9]{7,9})$")).then(whole.str.head(5))


def phone(column: str) -> pl.Expr:
    """Return a US number as ``(847) 555-0142``, anything else unchanged if it is short."""
    digits = pl.col(column).str.replace_all(r"[^0-9]", "")
    ten: pl.Expr = pl.when(digits.str.len_bytes() == 10).then(digits)
    ten = pl.coalesce(ten, pl.when(digits.str.contains(r"^1[0-9]{10}$")).then(digits.str.slice(1)))
    shown = pl.format("({}) {}-{}", ten.str.head(3), ten.str.slice(3, 3), ten.str.tail(4))
    text = pl.col(column).str.strip_chars()
    other = pl.when((text != "") & (text.str.len_chars() <= 20)).then(text)
    return pl.coalesce(pl.when(ten.is_not_null()).then(shown), other)


def address_keys(line1: str, zip_column: str) -> pl.Expr:
    """Return what `providers.addresses.address_key` does, for a whole column."""
    text = pl.col(line1).str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    words = text.str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "  ").str.strip_chars()
    padded = pl.format(" {} ", words)
    long = [f" {word} " for word in SHORT_WORDS]
    short = [f" {word} " for word in SHORT_WORDS.values()]
    street = padded.str.replace_many(long, short).str.replace_all(r" +", " ").str.strip_chars()
    return pl.format("{} {}", pl.col(zip_column), street).str.head(KEY_LENGTH)


def mapped(series: pl.Series, function: Callable[[str], str | None]) -> pl.Series:
    """Apply a function to each distinct text once."""
    distinct = series.drop_nulls().unique()
    values = pl.Series([function(text) for text in distinct], dtype=pl.String)
    return series.replace_strict(distinct, values, default=None, return_dtype=pl.String)


@cache
def zip_positions() -> pl.DataFrame:
    """Return the position of every ZIP code, and its precision."""
    codes = gazetteer.zip_codes()
    known = {code: position for code in codes if (position := zip_position(code))}
    areas = {
        prefix: (area[0], Precision.AREA)
        for prefix in {code[:3] for code in codes}
        if (area := gazetteer.find_area(prefix))
    }
    rows = [
        (code, point.latitude, point.longitude, str(precision))
        for code, (point, precision) in (known | areas).items()
    ]
    names = ["zip_code", "latitude", "longitude", "precision"]
    return pl.DataFrame(rows, schema=names, orient="row")


def with_positions(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the position of the ZIP code, or of its first three digits, to each row."""
    places = zip_positions()
    frame = frame.join(places, on="zip_code", how="left", maintain_order="left")
    if frame["latitude"].null_count():
        areas = places.rename({"zip_code": "_area"})
        rough = frame.select(_area=pl.col("zip_code").str.head(3)).join(
            areas, on="_area", how="left", maintain_order="left"
        )
        frame = frame.with_columns(
            pl.col(name).fill_null(rough[name]) for name in ("latitude", "longitude", "precision")
        )
    return frame


def state_names(column: pl.Series) -> pl.Series:
    """Return the two letters of each state, or the text if it is unknown."""
    return mapped(column, _state_name).fill_null("")


@lru_cache(1 << 12)
def _state_name(text: str) -> str:
    return find_state(text) or text.strip()[:40]


_SPELLINGS = {
    each.upper(): each
    for each in ("PhD", "PharmD", "PsyD", "AuD", "EdD", "DrPH", "ScD", "RPh", "MEd", "Jr", "Sr")
}
# The letters of one credential may be separated: "M. D.", "M D".
_SEPARATED_LETTERS = re.compile(r"\b([A-Z])(?:\.\s*|\s+)(?=[A-Z]\b)")
_SEPARATORS = re.compile(r"[\s,;/&]+")
_TRAILING_NUMBER = re.compile(r"[0-9]+$")
_NO_CREDENTIAL = frozenset({"", "AND", "NONE", "NA", "NULL"})
_CACHE_SIZE = 1 << 14
_MAX_LENGTH = 60


@lru_cache(_CACHE_SIZE)
def normalized_credential(text: str) -> str | None:
    """Return the credentials in a consistent spelling, in the order given, each once.

    >>> normalized_credential("M. D., PH.D."), normalized_credential("MS CCC-A FAAA")
    ('MD, PhD', 'MS, CCC-A, FAAA')
    """
    kept: list[str] = []
    for part in _SEPARATORS.split(_SEPARATED_LETTERS.sub(r"\1", text.upper())):
        word = _TRAILING_NUMBER.sub("", part.replace(".", "")).strip("-'()")
        credential = _SPELLINGS.get(word, word)
        is_longer = len(", ".join([*kept, credential])) > _MAX_LENGTH
        if len(word) < 2 or word in _NO_CREDENTIAL or credential in kept or is_longer:
            continue
        kept.append(credential)
    return ", ".join(kept) or None
