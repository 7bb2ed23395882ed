"""The column expressions give the same results as functions on single values."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.geo.places import zip_position
from directory.providers.addresses import address_key, formatted_phone
from directory.providers.npi import check_digit, is_npi
from directory.sources.reading import columns
from tests.sources.fields import text_or_none, us_date, us_zip_code

STREETS = ["1600 North Main Street", "5 AVENUE OF THE STATES", "7 Elm St", "PO BOX 9", "Street"]
STREETS += ["NORTH NORTH STREET STREET", "12-B St. John's Blvd.", "Peña Court, Ste #4", "北 1", ""]


# Beyond these letters Python and the fast reader may know different versions of Unicode.
LETTERS = st.characters(max_codepoint=0x24F)


def of(column: str, expression: pl.Expr) -> list[object]:
    frame = pl.DataFrame(
        {"a": [column], "zip": ["60201"]}, schema={"a": pl.String, "zip": pl.String}
    )
    return frame.select(expression.alias("x"))["x"].to_list()


@given(st.one_of(st.sampled_from(STREETS), st.text(LETTERS, max_size=60)))
def test_address_keys(street):
    assert of(street, columns.address_keys("a", "zip")) == [address_key(street, "60201")]


@given(st.integers(min_value=0, max_value=3_999_999_999))
def test_numbers_that_are_npis(number):
    text = f"{number:010d}"
    assert of(text, columns.npi_number("a")) == [number if is_npi(text) else None]


@given(st.integers(min_value=100_000_000, max_value=299_999_999))
def test_every_number_with_its_check_digit_is_an_npi(number):
    text = f"{number}{check_digit(str(number))}"
    assert of(f" {text} ", columns.npi_number("a")) == [int(text)]


@pytest.mark.parametrize(
    "text", ["", "12345", "12345678933", "123456789x", "+123456789", "\uff11" * 10]
)
def test_other_numbers_are_not_npis(text):
    assert of(text, columns.npi_number("a")) == [None]


@given(st.text(alphabet="0123456789()- x+.", max_size=20))
def test_phones(text):
    assert of(text, columns.phone("a")) == [formatted_phone(text)]


@given(
    st.one_of(
        st.text(LETTERS, max_size=30),
        st.sampled_from(["<UNAVAIL>", "--", "N/A", "none", "=====", "a\u00a0 b"]),
    )
)
def test_cleaned_text(text):
    assert of(text, columns.cleaned("a")) == [text_or_none(text, longest=99, name="text")]


@pytest.mark.parametrize(
    "text", ["02/29/2024", "02/30/2024", "2/3/2024", "", " 01/02/2020 ", "2020-01-02"]
)
def test_days(text):
    try:
        expected = us_date(text, "day")
    except ValueError:
        expected = None
    assert of(text, columns.day("a")) == [expected]


@given(st.text(alphabet="0123456789-", max_size=11))
def test_zip_codes(text):
    assert of(text, columns.zip_code("a")) == [us_zip_code(text)]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("2139", "02139"), ("21391234", "02139"), ("601", "00601"), ("02139", "02139"), ("12", None)],
)
def test_zip_codes_without_leading_zeros(text, kept):
    assert of(text, columns.padded_zip_code("a")) == [kept]


@pytest.mark.parametrize("code", ["60601", "44195", "00501", "99999", "60200", "09001"])
def test_positions(code):
    frame = columns.with_positions(pl.DataFrame({"zip_code": [code]}))
    known = zip_position(code)
    found = frame.row(0, named=True)
    if known is None:
        assert found["latitude"] is None
        return
    point, precision = known
    assert (found["latitude"], found["longitude"]) == (point.latitude, point.longitude)
    assert found["precision"] == precision
