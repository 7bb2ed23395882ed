"""Loads the facts of the professionals on a page in one query.

Each kind of fact is one branch of a UNION ALL. The branches share columns, whose meaning depends
on the kind.
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
class CardFacts:
    """The facts of one professional on a card."""

    codes: list[str] = field(default_factory=list)  # taxonomies, the primary one first
    taxonomy_names: dict[str, str] = field(default_factory=dict)
    licenses: list[License] = field(default_factory=list)  # those with a checked status first
    volumes: list[ProcedureVolume] = field(default_factory=list)  # latest year first
    confirmation: Confirmation | None = None
    clinician: Clinician | None = None
    locations: list[PracticeLocation] = field(default_factory=list)  # duplicates of places


def load_card_facts(
    session: Session, npis: Sequence[str]
) -> tuple[dict[str, CardFacts], dict[Source, date]]:
    """Return the facts of each professional, and the latest full release of each source."""
    found: dict[str, CardFacts] = defaultdict(CardFacts)
    releases: dict[Source, date] = {}
    rows = session.execute(_statement(), {_NPIS.key: list(npis)}).all()
    for row in rows:
        if row.kind == "release":
            releases[Source(row.text1)] = row.day1
        else:
            _READERS[row.kind](found[row.npi], row)
    for facts in found.values():
        facts.volumes.sort(key=lambda each: -each.year)
        facts.licenses.sort(
            key=lambda each: (each.status_checked_on is None, each.state, each.number)
        )
    _sort_codes(found, rows)
    return found, releases


@functools.cache
def _statement() -> sa.Select[Any]:
    """Return the whole query, built once: building takes longer than running it."""
    parts = (
        _taxonomies(),
        _licenses(),
        _volumes(),
        _confirmations(),
        _clinicians(),
        _other_statements(),
        _releases(),
    )
    return sa.select(sa.union_all(*parts).subquery("card_facts"))


def _branch(kind: str, npi: Any, **values: Any) -> sa.Select[Any]:
    given = {"kind": sa.literal(kind, sa.String), "npi": npi, **values}
    columns = []
    for name, type_ in _COLUMNS.items():
        value = given.get(name)
        # PostgreSQL needs the type of a column that is NULL in this branch.
        column = sa.cast(sa.null(), type_) if value is None else sa.type_coerce(value, type_)
        columns.append(column.label(name))
    return sa.select(*columns)


def _taxonomies() -> sa.Select[Any]:
    return (
        _branch(
            "taxonomy",
            ProviderTaxonomy.npi,
            text1=ProviderTaxonomy.code,
            text2=Taxonomy.name,
            yes=ProviderTaxonomy.is_primary,
        )
        .outerjoin(Taxonomy, Taxonomy.code == ProviderTaxonomy.code)
        .where(ProviderTaxonomy.npi.in_(_NPIS), ProviderTaxonomy.gone_on.is_(None))
    )


def _licenses() -> sa.Select[Any]:
    return _branch(
        "license",
        License.npi,
        text1=License.state,
        text2=License.number,
        text3=License.status,
        text4=License.source,
        day1=License.as_of,
        day2=License.status_checked_on,
        day3=License.status_gone_on,
        day4=License.first_issued_on,
        day5=License.expires_on,
        yes=License.has_board_action,
    ).where(License.npi.in_(_NPIS), License.gone_on.is_(None))


def _volumes() -> sa.Select[Any]:
    return _branch(
        "volume",
        ProcedureVolume.npi,
        number1=ProcedureVolume.year,
        number2=ProcedureVolume.services,
        number3=ProcedureVolume.beneficiaries,
    ).where(
        ProcedureVolume.npi.in_(_NPIS),
        ProcedureVolume.procedure_code == MIGRAINE_INJECTION,
        ProcedureVolume.gone_on.is_(None),
    )


def _confirmations() -> sa.Select[Any]:
    return (
        _branch(
            "confirmation",
            ClinicProvider.npi,
            text1=Clinic.name,
            day1=ClinicProvider.treatment_confirmed_on,
        )
        .join(Clinic, Clinic.id == ClinicProvider.clinic_id)
        .where(ClinicProvider.npi.in_(_NPIS), ClinicProvider.treatment_confirmed_on.is_not(None))
    )


def _clinicians() -> sa.Select[Any]:
    return _branch("clinician", Clinician.npi, number1=Clinician.graduation_year).where(
        Clinician.npi.in_(_NPIS), Clinician.gone_on.is_(None)
    )


def _other_statements() -> sa.Select[Any]:
    """Select duplicate statements of places: a file with the name often has no phone number."""
    return _branch(
        "location",
        PracticeLocation.npi,
        text1=PracticeLocation.address_key,
        text2=PracticeLocation.zip_code,
        text3=PracticeLocation.phone,
        text4=PracticeLocation.name,
        text5=PracticeLocation.accepting_patients,
        day1=PracticeLocation.as_of,
        number1=PracticeLocation.id,
    ).where(
        PracticeLocation.npi.in_(_NPIS),
        PracticeLocation.is_duplicate,
        PracticeLocation.gone_on.is_(None),
    )


def _releases() -> sa.Select[Any]:
    return (
        _branch("release", None, text1=Release.source, day1=sa.func.max(Release.released_on))
        .where(Release.is_full)
        .group_by(Release.source)
    )


def _read_taxonomy(facts: CardFacts, row: Any) -> None:
    facts.codes.append(row.text1)
    if row.text2:
        facts.taxonomy_names[row.text1] = row.text2


def _read_license(facts: CardFacts, row: Any) -> None:
    facts.licenses.append(
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


def _read_volume(facts: CardFacts, row: Any) -> None:
    facts.volumes.append(
        ProcedureVolume(
            npi=row.npi, year=row.number1, services=row.number2, beneficiaries=row.number3
        )
    )


def _read_confirmation(facts: CardFacts, row: Any) -> None:
    latest = facts.confirmation
    if latest is None or row.day1 > latest.confirmed_on:
        facts.confirmation = Confirmation(row.text1, row.day1)


def _read_clinician(facts: CardFacts, row: Any) -> None:
    facts.clinician = Clinician(npi=row.npi, graduation_year=row.number1)


def _read_location(facts: CardFacts, row: Any) -> None:
    facts.locations.append(
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


_READERS = {
    "taxonomy": _read_taxonomy,
    "license": _read_license,
    "volume": _read_volume,
    "confirmation": _read_confirmation,
    "clinician": _read_clinician,
    "location": _read_location,
}


def _sort_codes(found: Mapping[str, CardFacts], rows: Sequence[Any]) -> None:
    primary = {(row.npi, row.text1) for row in rows if row.kind == "taxonomy" and row.yes}
    for npi, facts in found.items():
        facts.codes.sort(key=lambda code: ((npi, code) not in primary, code))
