"""What else is stated of the people on a page: many small facts, read by one statement.

Each kind of fact is one branch of a UNION ALL. The branches share columns: what a column holds
depends on the kind.
"""

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.care.procedures import MIGRAINE_INJECTION
from directory.clinics.models import Clinic, ClinicProvider
from directory.clinics.queries import Confirmation
from directory.core.db.columns import NPIColumn
from directory.providers.models import (
    AcceptingPatients,
    Clinician,
    License,
    LicenseStatus,
    PracticeLocation,
    ProcedureVolume,
    ProviderTaxonomy,
    Release,
    Source,
    Taxonomy,
)

_COLUMNS: Mapping[str, sa.types.TypeEngine[Any]] = {
    "kind": sa.String(),
    "npi": NPIColumn(),
    **{f"text{number}": sa.String() for number in range(1, 6)},
    **{f"day{number}": sa.Date() for number in range(1, 6)},
    **{f"number{number}": sa.Integer() for number in range(1, 4)},
    "yes": sa.Boolean(),
}
_NPIS: sa.BindParameter[Any] = sa.bindparam("npis", expanding=True)


@dataclass
class Besides:
    """The facts of one professional that a card is made of."""

    codes: list[str] = field(default_factory=list)  # taxonomies, the primary one first
    taxonomy_names: dict[str, str] = field(default_factory=dict)
    licenses: list[License] = field(default_factory=list)  # those with a checked status first
    volumes: list[ProcedureVolume] = field(default_factory=list)  # latest year first
    confirmation: Confirmation | None = None
    clinician: Clinician | None = None
    locations: list[PracticeLocation] = field(default_factory=list)  # other statements of places


def load_besides(
    session: Session, npis: Sequence[str]
) -> tuple[dict[str, Besides], dict[Source, date]]:
    """Return the facts of each professional, and the latest full release of each source."""
    found: dict[str, Besides] = defaultdict(Besides)
    releases: dict[Source, date] = {}
    rows = session.execute(_statement(), {_NPIS.key: list(npis)}).all()
    for row in rows:
        if row.kind == "release":
            releases[Source(row.text1)] = row.day1
        else:
            _TAKERS[row.kind](found[row.npi], row)
    for beside in found.values():
        beside.volumes.sort(key=lambda each: -each.year)
        beside.licenses.sort(
            key=lambda each: (each.status_checked_on is None, each.state, each.number)
        )
    _sort_codes(found, rows)
    return found, releases


@functools.cache
def _statement() -> sa.Select[Any]:
    """Return the whole statement, made once: making it takes longer than what it reads."""
    parts = (
        _taxonomies(),
        _licenses(),
        _volumes(),
        _confirmations(),
        _clinicians(),
        _other_statements(),
        _releases(),
    )
    return sa.select(sa.union_all(*parts).subquery("beside"))


def _branch(kind: str, npi: Any, **values: Any) -> sa.Select[Any]:
    given = {"kind": sa.literal(kind, sa.String), "npi": npi, **values}
    columns = []
    for name, type_ in _COLUMNS.items():
        value = given.get(name)
        # PostgreSQL has to be told the type of a column that is empty in this branch.
        column = sa.cast(sa.null(), type_) if value is None else sa.type_coerce(value, type_)
        columns.append(column.label(name))
    return sa.select(*columns)


def _taxonomies() -> sa.Select[Any]:
    at = ProviderTaxonomy
    return (
        _branch("taxonomy", at.npi, text1=at.code, text2=Taxonomy.name, yes=at.is_primary)
        .outerjoin(Taxonomy, Taxonomy.code == at.code)
        .where(at.npi.in_(_NPIS), at.gone_on.is_(None))
    )


def _licenses() -> sa.Select[Any]:
    at = License
    return _branch(
        "license",
        at.npi,
        text1=at.state,
        text2=at.number,
        text3=at.status,
        text4=at.source,
        day1=at.as_of,
        day2=at.status_checked_on,
        day3=at.status_gone_on,
        day4=at.first_issued_on,
        day5=at.expires_on,
        yes=at.has_board_action,
    ).where(at.npi.in_(_NPIS), at.gone_on.is_(None))


def _volumes() -> sa.Select[Any]:
    at = ProcedureVolume
    return _branch(
        "volume", at.npi, number1=at.year, number2=at.services, number3=at.beneficiaries
    ).where(at.npi.in_(_NPIS), at.procedure_code == MIGRAINE_INJECTION, at.gone_on.is_(None))


def _confirmations() -> sa.Select[Any]:
    at = ClinicProvider
    return (
        _branch("confirmation", at.npi, text1=Clinic.name, day1=at.treatment_confirmed_on)
        .join(Clinic, Clinic.id == at.clinic_id)
        .where(at.npi.in_(_NPIS), at.treatment_confirmed_on.is_not(None))
    )


def _clinicians() -> sa.Select[Any]:
    at = Clinician
    return _branch("clinician", at.npi, number1=at.graduation_year).where(
        at.npi.in_(_NPIS), at.gone_on.is_(None)
    )


def _other_statements() -> sa.Select[Any]:
    """Select other statements of places: a file that names a practice often has no phone."""
    at = PracticeLocation
    return _branch(
        "location",
        at.npi,
        text1=at.address_key,
        text2=at.zip_code,
        text3=at.phone,
        text4=at.name,
        text5=at.accepting_patients,
        day1=at.as_of,
        number1=at.id,
    ).where(at.npi.in_(_NPIS), at.is_duplicate, at.gone_on.is_(None))


def _releases() -> sa.Select[Any]:
    at = Release
    return (
        _branch("release", None, text1=at.source, day1=sa.func.max(at.released_on))
        .where(at.is_full)
        .group_by(at.source)
    )


def _take_taxonomy(beside: Besides, row: Any) -> None:
    beside.codes.append(row.text1)
    if row.text2:
        beside.taxonomy_names[row.text1] = row.text2


def _take_license(beside: Besides, row: Any) -> None:
    beside.licenses.append(
        License(
            npi=row.npi,
            state=row.text1,
            number=row.text2,
            status=LicenseStatus(row.text3) if row.text3 else None,
            source=Source(row.text4),
            as_of=row.day1,
            status_checked_on=row.day2,
            status_gone_on=row.day3,
            first_issued_on=row.day4,
            expires_on=row.day5,
            has_board_action=row.yes,
        )
    )


def _take_volume(beside: Besides, row: Any) -> None:
    beside.volumes.append(
        ProcedureVolume(
            npi=row.npi, year=row.number1, services=row.number2, beneficiaries=row.number3
        )
    )


def _take_confirmation(beside: Besides, row: Any) -> None:
    latest = beside.confirmation
    if latest is None or row.day1 > latest.confirmed_on:
        beside.confirmation = Confirmation(row.text1, row.day1)


def _take_clinician(beside: Besides, row: Any) -> None:
    beside.clinician = Clinician(npi=row.npi, graduation_year=row.number1)


def _take_location(beside: Besides, row: Any) -> None:
    beside.locations.append(
        PracticeLocation(
            id=row.number1,
            npi=row.npi,
            address_key=row.text1,
            zip_code=row.text2,
            phone=row.text3,
            name=row.text4,
            accepting_patients=AcceptingPatients(row.text5) if row.text5 else None,
            as_of=row.day1,
        )
    )


_TAKERS = {
    "taxonomy": _take_taxonomy,
    "license": _take_license,
    "volume": _take_volume,
    "confirmation": _take_confirmation,
    "clinician": _take_clinician,
    "location": _take_location,
}


def _sort_codes(found: Mapping[str, Besides], rows: Sequence[Any]) -> None:
    primary = {(row.npi, row.text1) for row in rows if row.kind == "taxonomy" and row.yes}
    for npi, beside in found.items():
        beside.codes.sort(key=lambda code: ((npi, code) not in primary, code))
