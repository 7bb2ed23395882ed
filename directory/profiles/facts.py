"""Combines the facts about professionals for display."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from directory.care.specialties import TAXONOMY_NAMES, CareGroup, find_care_group
from directory.clinics.models import Clinic
from directory.clinics.queries import Confirmation
from directory.geo.points import Precision
from directory.profiles.values import AnswerRecord, LicenseFact
from directory.providers.evidence import Evidence, tier_of
from directory.providers.models import (
    AcceptingPatients,
    License,
    PracticeLocation,
    ProcedureVolume,
    Provider,
    Source,
)
from directory.providers.queries import seen_on
from directory.providers.title_case import address_line, organization_name

FEWEST_INQUIRIES = 5  # with fewer, a response record is not meaningful


def evidence_of(
    codes: Sequence[str],
    volumes: Sequence[ProcedureVolume],
    confirmation: Confirmation | None,
) -> Evidence:
    """Return the tier and what it rests on; a confirmed professional keeps the counts too."""
    latest = volumes[0] if volumes else None
    tier = tier_of(
        is_confirmed=confirmation is not None,
        is_documented=latest is not None and latest.services > 0,
        groups={group for code in codes if (group := find_care_group(code)) is not None},
    )
    return Evidence(
        tier=tier,
        confirmed_on=confirmation.confirmed_on if confirmation else None,
        confirmed_by=confirmation.clinic_name if confirmation else None,
        treatments=latest.services if latest else None,
        beneficiaries=latest.beneficiaries if latest else None,
        year=latest.year if latest else None,
    )


def specialty_of(codes: Sequence[str]) -> CareGroup | None:
    """Return the specialty of the first taxonomy that belongs to one; the primary is first."""
    return next(filter(None, map(find_care_group, codes)), None)


def taxonomy_name_of(codes: Sequence[str], names: dict[str, str]) -> str | None:
    """Return a name for the first taxonomy that has one: ours, else the operator's NUCC file."""
    return next(
        (name for code in codes if (name := TAXONOMY_NAMES.get(code, names.get(code)))), None
    )


def license_fact(each: License, releases: Mapping[Source, date]) -> LicenseFact:
    """Return a license as it is shown."""
    return LicenseFact(
        state=each.state,
        number=each.number,
        status=each.status,
        status_checked_on=each.status_checked_on,
        status_gone_on=each.status_gone_on,
        expires_on=each.expires_on,
        has_board_action=each.has_board_action,
        source=each.source,
        as_of=seen_on(each, releases),
    )


def license_for(licenses: Sequence[License], state: str) -> License | None:
    """Return the license that matters at a place: of its state, with a status if there is one."""
    here = [each for each in licenses if each.state == state] or licenses
    # One that is no longer in the state's file comes last.
    return min(here, key=lambda each: each.status_gone_on is not None, default=None)


def answer_record(clinic: Clinic | None) -> AnswerRecord | None:
    """Return how the clinic has answered, once there is enough to say so."""
    if clinic is None or clinic.inquiries_received < FEWEST_INQUIRIES:
        return None
    return AnswerRecord(clinic.inquiries_received, clinic.inquiries_answered, clinic.answer_minutes)


def confirmed_accepting(clinic: Clinic | None) -> AcceptingPatients | None:
    """Return whether the clinic confirmed that it takes new patients; that beats any file."""
    return clinic.accepting_patients if clinic and clinic.facts_confirmed_on else None


@dataclass(frozen=True)
class StatedPlace:
    """Where a professional sees patients; the clinic's statements precede the files'."""

    name: str | None
    line1: str
    line2: str | None
    city: str
    state: str
    zip_code: str
    phone: str | None
    precision: Precision
    source: Source
    as_of: date
    accepting: AcceptingPatients | None
    accepting_as_of: date | None


def place_of(
    provider: Provider,
    location: PracticeLocation | None,
    clinic: Clinic | None,
    releases: Mapping[Source, date],
) -> StatedPlace:
    """Return the place of a listing; one of the two is always there."""
    at = location or clinic
    assert at is not None
    accepting, accepting_as_of = accepting_at(location, clinic)
    return StatedPlace(
        name=place_name(provider, location, clinic),
        line1=address_line(at.line1),
        line2=address_line(at.line2) if at.line2 else None,
        city=address_line(at.city),
        state=at.state,
        zip_code=at.zip_code,
        phone=clinic.phone if clinic and clinic.phone else at.phone,
        precision=at.precision or Precision.ZIP,
        source=at.source,
        as_of=seen_on(location, releases) if location else at.as_of,
        accepting=accepting,
        accepting_as_of=accepting_as_of,
    )


def accepting_at(
    location: PracticeLocation | None, clinic: Clinic | None
) -> tuple[AcceptingPatients | None, date | None]:
    """Return whether new patients are taken and as of when; the clinic's word beats the file."""
    if clinic and (confirmed := confirmed_accepting(clinic)):
        return confirmed, clinic.facts_confirmed_on
    if location and location.accepting_patients:
        return location.accepting_patients, location.as_of
    return None, None


def place_name(
    provider: Provider, location: PracticeLocation | None, clinic: Clinic | None
) -> str | None:
    """Return what the place is called, if that is known."""
    if clinic:
        return clinic.name
    if location and location.name:
        return organization_name(location.name)
    return None if provider.is_individual else provider.name
