"""NPIs, addresses and years in practice."""

from datetime import date

import pytest

from directory.providers.addresses import address_key, formatted_phone
from directory.providers.models import Clinician, License, Provider
from directory.providers.npi import NPIError, check_digit, is_npi, parse_npi
from directory.providers.queries import experience_of


def test_the_check_digit_of_the_standards_example_is_three() -> None:
    assert check_digit("123456789") == "3"
    assert is_npi("1234567893")
    assert parse_npi(" 1234567893\n") == "1234567893"


@pytest.mark.parametrize(
    "text", ["", "1234567890", "123456789", "12345678933", "3234567893", "123456789x", "²" * 10]
)
def test_anything_else_is_no_npi(text: str) -> None:
    assert not is_npi(text)
    with pytest.raises(NPIError, match="is not an NPI"):
        parse_npi(text)


@pytest.mark.parametrize("place", range(10))
def test_one_wrong_digit_is_always_noticed(place: int) -> None:
    npi = "1234567893"
    wrong = npi[:place] + str((int(npi[place]) + 1) % 10) + npi[place + 1 :]
    assert not is_npi(wrong)


@pytest.mark.parametrize(
    ("line1", "zip_code"),
    [("1600 N. Main St", "60201"), ("1600 north main street", "60201-1234")],
)
def test_one_place_written_in_two_ways_has_one_key(line1: str, zip_code: str) -> None:
    assert address_key(line1, zip_code) == "60201 1600 n main st"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("8475550142", "(847) 555-0142"),
        ("+1 847-555-0142", "(847) 555-0142"),
        ("555-0142 ext 3", "555-0142 ext 3"),
        (" ", None),
        (None, None),
    ],
)
def test_a_phone_number_is_written_for_people(typed: str | None, shown: str | None) -> None:
    assert formatted_phone(typed) == shown


@pytest.mark.parametrize(
    ("graduated", "licensed", "enumerated", "expected"),
    [
        (1998, date(2001, 5, 1), date(2006, 1, 1), (28, "graduation")),
        (None, date(2001, 5, 1), date(2006, 1, 1), (25, "license")),
        (None, None, date(2006, 1, 1), (20, "enumeration")),
        (2030, None, None, (0, "graduation")),
        (None, None, None, None),
    ],
)
def test_experience_is_counted_since_the_earliest_known_step(
    graduated: int | None,
    licensed: date | None,
    enumerated: date | None,
    expected: tuple[int, str] | None,
) -> None:
    provider = Provider(enumerated_on=enumerated)
    clinician = Clinician(graduation_year=graduated)
    licenses = [License(first_issued_on=licensed), License(first_issued_on=date(2020, 1, 1))]
    given = licenses if licensed else []
    found = experience_of(provider, given, clinician, today=date(2026, 11, 2))
    assert (found and (found.years, found.since)) == expected
