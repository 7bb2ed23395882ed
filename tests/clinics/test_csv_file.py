"""The operator's CSV file: valid rows become drafts, errors have file and line."""

from pathlib import Path

import pytest

from directory.clinics.csv_file import read_clinics
from directory.clinics.errors import ClinicError
from directory.providers.models import AcceptingPatients
from tests.factories import make_npi

HEAD = "name,address,city,state,zip,npis,phone,email,languages,new_patients\n"
NPI = make_npi(77)
GOOD = (
    f"Lake Clinic,1 Sample St,Evanston,IL,60201,{NPI},847-555-0142,a@lake.example.org,en;es,yes\n"
)


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "clinics.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_a_valid_row_becomes_a_draft(tmp_path: Path) -> None:
    [draft] = read_clinics(written(tmp_path, "\ufeff" + HEAD + GOOD))
    assert (draft.name, draft.npis, draft.languages) == ("Lake Clinic", (NPI,), ("en", "es"))
    assert draft.accepting_patients is AcceptingPatients.YES


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("Lake Clinic", "", "name is empty"),
        (",IL,", ",Illinoise,", "is not a state"),
        ("60201", "6020", "not a ZIP code"),
        (NPI, "1234567890", "is not an NPI"),
        ("a@lake.example.org", "a@", "is not an email address"),
        ("en;es", "english", "not a language code"),
        (",yes", ",perhaps", "new_patients is 'perhaps'"),
        (",yes", "", "more or fewer values"),
    ],
)
def test_an_invalid_value_is_reported_by_file_and_line(
    tmp_path: Path, good: str, bad: str, said: str
) -> None:
    file = written(tmp_path, HEAD + GOOD + GOOD.replace(good, bad, 1))
    with pytest.raises(ClinicError, match=rf"^clinics\.csv:3: .*{said}"):
        read_clinics(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "found the columns none"),
        ("name,address\n", "expected name, address"),
        (HEAD.replace("phone", "fax"), "fax"),
        (HEAD.replace("phone", "email"), "each once"),
        (HEAD.encode() + b"Caf\xe9,", "is not UTF-8"),
        (HEAD + 'Lake "Clinic,"1" St', "check the quotes"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    with pytest.raises(ClinicError, match=said):
        read_clinics(written(tmp_path, text))


@pytest.mark.parametrize("good", ["Lake Clinic", "847-555-0142"])
def test_a_value_longer_than_its_column_is_refused(tmp_path: Path, good: str) -> None:
    file = written(tmp_path, HEAD + GOOD.replace(good, "call us " * 50))
    with pytest.raises(ClinicError):
        read_clinics(file)


def test_a_clinic_without_professionals_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClinicError):
        read_clinics(written(tmp_path, HEAD + GOOD.replace(NPI, ";")))
