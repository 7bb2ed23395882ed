"""Single values: names in capitals, credentials, days, ZIP codes, release days."""

from datetime import date

import pytest

from directory.providers.title_case import address_line, organization_name, person_name
from directory.sources.publishers.release_names import release_in_name
from directory.sources.reading.columns import normalized_credential
from tests.sources.fields import FieldError, text_or_none, us_date, us_zip_code


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("MCDONALD", "McDonald"),
        ("O'NEIL", "O'Neil"),
        ("DE LA CRUZ", "De La Cruz"),
        ("SMITH-JONES", "Smith-Jones"),
        ("PEÑA", "Peña"),
        ("III", "III"),
        ("JR.", "Jr."),
        ("deGroot", "deGroot"),
    ],
)
def test_names_of_people(text, shown):
    assert person_name(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "ST. MARY'S HEADACHE CENTER OF AUSTIN, P.A.",
            "St. Mary's Headache Center of Austin, P.A.",
        ),
        ("THE BCS PAIN GROUP LLC", "The BCS Pain Group LLC"),
        ("iCare Clinic", "iCare Clinic"),
    ],
)
def test_names_of_organizations(text, shown):
    assert organization_name(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1600 25TH ST NE", "1600 25th St NE"),
        ("STE 4B", "Ste 4B"),
        ("PO BOX 9", "PO Box 9"),
        ("MCALLEN", "McAllen"),
        ("500 N Hiatus Rd", "500 N Hiatus Rd"),
    ],
)
def test_addresses(text, shown):
    assert address_line(text) == shown


@pytest.mark.parametrize(
    ("text", "credential"),
    [
        ("M. D.", "MD"),
        ("M.D.", "MD"),
        ("M D", "MD"),
        ("MD, PhD", "MD, PhD"),
        ("M.D./PH.D", "MD, PhD"),
        ("P.A.-C.", "PA-C"),
        ("MS CCC-A FAAA", "MS, CCC-A, FAAA"),
        ("MD, M.D.", "MD"),
        ("M.", None),
        ("N/A", None),
        ("--", None),
    ],
)
def test_credentials(text, credential):
    assert normalized_credential(text) == credential


def test_credentials_never_exceed_their_column():
    assert len(normalized_credential(", ".join(f"ABCD{c}" for c in "EFGHIJKLMNOPQRS"))) <= 60


@pytest.mark.parametrize("text", ["<UNAVAIL>", "=========", "$$$$$$$$$", "--", " ", "", "none"])
def test_placeholders_are_ignored(text):
    assert text_or_none(text, longest=40, name="text") is None


def test_a_text_too_long_for_its_column_makes_the_row_bad():
    with pytest.raises(FieldError, match="the city is longer than 3 characters"):
        text_or_none("Austin", longest=3, name="city")


@pytest.mark.parametrize("text", ["2020-01-31", "1/31/2020", "02/30/2020", "13/01/2020", "x"])
def test_only_existing_days_in_the_us_order_are_read(text):
    with pytest.raises(FieldError, match="is not a day written MM/DD/YYYY"):
        us_date(text, "Last Update Date")


def test_a_day():
    assert us_date(" 01/31/2020 ", "day") == date(2020, 1, 31)
    assert us_date("", "day") is None


@pytest.mark.parametrize(
    ("text", "zip_code"),
    [
        ("787011234", "78701"),
        ("78701", "78701"),
        ("78701-1234", "78701"),
        ("7870", None),
        ("", None),
    ],
)
def test_zip_codes(text, zip_code):
    assert us_zip_code(text) == zip_code


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("npidata_pfile_20050523-20260907.csv", date(2026, 9, 7)),
        ("NPPES_Data_Dissemination_September_2026_V2.zip", date(2026, 9, 1)),
        (
            "NPPES_Data_Dissemination_September_2026_V2.zip/npidata_pfile_20050523-20260907.csv",
            date(2026, 9, 7),
        ),
        ("NPPES_Data_Dissemination_092126_092726_Weekly_V2.zip", date(2026, 9, 27)),
        ("npidata_pfile_20050523-20269907.csv", None),
        ("sample.csv", None),
    ],
)
def test_release_days_in_names(name, day):
    assert release_in_name(name) == day
