"""The rows of the demo files: a field is a column, empty if the value is unknown."""

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class ProviderRow(NamedTuple):
    """A person with an NPI."""

    npi: str
    entity_type: str
    first_name: str
    middle_name: str
    last_name: str
    name_suffix: str
    credential: str
    sex: str
    enumerated_on: str
    updated_on: str
    deactivated_on: str
    graduation_year: str
    source: str
    as_of: str


class TaxonomyRow(NamedTuple):
    """A taxonomy that a person reported."""

    npi: str
    code: str
    is_primary: str
    source: str
    as_of: str


class LicenseRow(NamedTuple):
    """A license number, with a status where a state's file gave one."""

    npi: str
    number: str
    state: str
    taxonomy_code: str
    status: str
    status_checked_on: str
    first_issued_on: str
    source: str
    as_of: str


class LocationRow(NamedTuple):
    """A place where a person sees patients."""

    npi: str
    is_primary: str
    line1: str
    line2: str
    city: str
    state: str
    zip_code: str
    phone: str
    source: str
    as_of: str


class VolumeRow(NamedTuple):
    """What a person billed to Medicare in a year."""

    npi: str
    procedure_code: str
    year: str
    services: str
    beneficiaries: str
    source: str
    as_of: str


class ExclusionRow(NamedTuple):
    """An entry on the exclusion list."""

    npi: str
    last_name: str
    first_name: str
    state: str
    exclusion_type: str
    excluded_on: str
    reinstated_on: str
    source: str
    as_of: str


class ClinicRow(NamedTuple):
    """A clinic."""

    public_id: str
    name: str
    line1: str
    line2: str
    city: str
    state: str
    zip_code: str
    phone: str
    email: str
    second_email: str
    email_confirmed_at: str
    languages: str
    accepting_patients: str
    facts_confirmed_on: str
    inquiries_received: str
    inquiries_answered: str
    answer_minutes: str
    created_at: str
    source: str
    as_of: str


class ClinicProviderRow(NamedTuple):
    """A provider at a clinic, which may have confirmed that they give the treatment."""

    public_id: str
    npi: str
    treatment_confirmed_on: str


Row = (
    ProviderRow
    | TaxonomyRow
    | LicenseRow
    | LocationRow
    | VolumeRow
    | ExclusionRow
    | ClinicRow
    | ClinicProviderRow
)

FILES: dict[str, type[Row]] = {
    "providers": ProviderRow,
    "taxonomies": TaxonomyRow,
    "licenses": LicenseRow,
    "locations": LocationRow,
    "volumes": VolumeRow,
    "exclusions": ExclusionRow,
    "clinics": ClinicRow,
    "clinic_providers": ClinicProviderRow,
}


def write_rows(folder: Path, rows: Iterable[Row]) -> dict[str, int]:
    """Write each kind of row to its file, and return the number of rows of each."""
    by_kind: dict[type[Row], list[Row]] = {kind: [] for kind in FILES.values()}
    for row in rows:
        by_kind[type(row)].append(row)
    for name, kind in FILES.items():
        _write(folder / f"{name}.csv.gz", kind._fields, by_kind[kind])
    return {name: len(by_kind[kind]) for name, kind in FILES.items()}


def _write(file: Path, header: Sequence[str], rows: Iterable[Row]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    # Without time and name in the gzip header, so that the same rows give the same file.
    file.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
