"""Reads the operator's CSV file of clinics."""

import csv
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from directory.clinics.actions import ClinicDraft
from directory.clinics.errors import ClinicError
from directory.core.text import digits, single_line
from directory.geo.states import find_state
from directory.providers.models import AcceptingPatients
from directory.providers.npi import NPIError, parse_npi

REQUIRED = ("name", "address", "city", "state", "zip", "npis")
_MAX_LENGTHS = {"name": 300, "address": 120, "address2": 120, "city": 80, "phone": 20}
_MAX_LENGTHS |= {"email": 254, "second_email": 254, "languages": 100}
OPTIONAL = ("address2", "phone", "email", "second_email", "languages", "new_patients")


def read_clinics(file: Path) -> list[ClinicDraft]:
    """Return every clinic of the file, or raise `ClinicError` naming file, line and reason."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            _check_columns(file, reader.fieldnames or ())
            return [_draft(f"{file.name}:{reader.line_num}", row) for row in reader]
    except UnicodeDecodeError as error:
        raise ClinicError(
            f"{file.name}: byte {error.start} is not UTF-8; save the file as CSV UTF-8."
        ) from error
    except csv.Error as error:
        raise ClinicError(f"{file.name}: {error}; check the quotes of this file.") from error


def _check_columns(file: Path, columns: object) -> None:
    names = list(columns) if isinstance(columns, list | tuple) else []
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in (*REQUIRED, *OPTIONAL)]
    if missing or unknown or len(set(names)) != len(names):
        raise ClinicError(
            f"{file.name}:1: found the columns {', '.join(map(str, names)) or 'none'}; "
            f"expected {', '.join(REQUIRED)}, and if you like {', '.join(OPTIONAL)}, each once."
        )


def draft_of(where: str, values: dict[str, str]) -> ClinicDraft:
    """Check the values of one clinic; raise `ClinicError` that begins with `where`."""

    def given(name: str) -> str:
        return single_line(values.get(name) or "")

    for name in REQUIRED:
        if not given(name):
            raise ClinicError(f"{where}: {name} is empty; every clinic needs it.")
    for name, longest in _MAX_LENGTHS.items():
        if len(given(name)) > longest:
            raise ClinicError(f"{where}: {name} is longer than {longest} characters.")
    state = find_state(given("state"))
    if state is None:
        raise ClinicError(f"{where}: {given('state')!r} is not a state; write it like IL.")
    zip_code = digits(given("zip"))
    if len(zip_code) not in {5, 9}:
        raise ClinicError(f"{where}: {given('zip')!r} is not a ZIP code of 5 or 9 digits.")
    return ClinicDraft(
        name=given("name"),
        line1=given("address"),
        line2=given("address2") or None,
        city=given("city"),
        state=state,
        zip_code=zip_code[:5],
        npis=_npis(where, given("npis")),
        phone=given("phone") or None,
        email=_email(where, "email", given("email")),
        second_email=_email(where, "second_email", given("second_email")),
        languages=_languages(where, given("languages")),
        accepting_patients=_accepting(where, given("new_patients")),
    )


def _draft(where: str, row: dict[str, str]) -> ClinicDraft:
    if None in row or None in row.values():
        raise ClinicError(f"{where}: this row has more or fewer values than there are columns.")
    return draft_of(where, row)


def _npis(where: str, text: str) -> tuple[str, ...]:
    try:
        npis = tuple(dict.fromkeys(parse_npi(part) for part in text.replace(";", " ").split()))
    except NPIError as error:
        raise ClinicError(f"{where}: {error}") from error
    if not npis:
        raise ClinicError(f"{where}: npis names nobody; every clinic needs a professional.")
    return npis


def _email(where: str, name: str, text: str) -> str | None:
    if not text:
        return None
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ClinicError(f"{where}: {name} {text!r} is not an email address: {error}") from error
    return found.ascii_email or found.normalized


def _languages(where: str, text: str) -> tuple[str, ...]:
    languages = tuple(text.lower().replace(";", " ").replace(",", " ").split()) or ("en",)
    for language in languages:
        if not (language.isascii() and language.isalpha() and len(language) in {2, 3}):
            raise ClinicError(f"{where}: {language!r} is not a language code like en or es.")
    return languages


def _accepting(where: str, text: str) -> AcceptingPatients | None:
    if not text or text.lower() == "unknown":
        return None
    try:
        return AcceptingPatients(text.lower())
    except ValueError as error:
        known = ", ".join(AcceptingPatients)
        raise ClinicError(f"{where}: new_patients is {text!r}; expected {known}.") from error
