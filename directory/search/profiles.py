"""Everything known of one professional, as their page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from directory.clinics.models import Clinic
from directory.clinics.queries import clinics_of, confirmations_by_npi
from directory.geo.points import Point, miles_between
from directory.geo.states import STATES
from directory.providers.evidence import Evidence, Experience
from directory.providers.models import (
    Clinician,
    Exclusion,
    PracticeLocation,
    ProcedureVolume,
    Provider,
    Source,
)
from directory.providers.queries import (
    clinicians_by_npi,
    experience_of,
    find_exclusion,
    find_last_run,
    get_provider,
    is_deactivated,
    is_hidden,
    latest_full_releases,
    licenses_by_npi,
    seen_on,
    taxonomies_by_npi,
    taxonomy_names,
    volumes_by_npi,
)
from directory.providers.taxonomies import TAXONOMY_NAMES
from directory.search.facts import Place, evidence_of, license_fact, place_of
from directory.search.results import LicenseFact


@dataclass(frozen=True)
class ProfilePlace(Place):
    """A place where the professional sees patients."""

    miles: float | None
    clinic_public_id: str | None
    takes_inquiries: bool
    languages: tuple[str, ...]
    confirmed_on: date | None


@dataclass(frozen=True)
class ProfileLicense:
    """A license with the name of its state."""

    fact: LicenseFact
    state_name: str


@dataclass(frozen=True)
class Profile:
    """A professional with every fact, each with its source and date."""

    npi: str
    full_name: str
    is_individual: bool
    specialty_names: tuple[str, ...]
    evidence: Evidence
    volumes: tuple[ProcedureVolume, ...]
    licenses: tuple[ProfileLicense, ...]
    experience: Experience | None
    enumerated_on: date | None
    updated_on: date | None
    exclusion: Exclusion | None
    exclusions_checked_on: date | None
    places: tuple[ProfilePlace, ...]
    source: Source
    as_of: date
    gone_on: date | None
    clinician: Clinician | None
    is_deactivated: bool
    is_hidden: bool


def get_profile(session: Session, npi: str, *, near: Point | None, today: date) -> Profile:
    """Return the page's facts, or raise `ProviderNotFoundError`. Places come nearest first."""
    provider = get_provider(session, npi)
    licenses = licenses_by_npi(session, [npi])[npi]
    codes = taxonomies_by_npi(session, [npi])
    volumes = volumes_by_npi(session, [npi])[npi]
    clinician = clinicians_by_npi(session, [npi]).get(npi)
    releases = latest_full_releases(session)
    names = {**taxonomy_names(session, codes), **TAXONOMY_NAMES}
    exclusions = find_last_run(session, Source.EXCLUSIONS)
    return Profile(
        npi=npi,
        full_name=provider.full_name,
        is_individual=provider.is_individual,
        specialty_names=tuple(names.get(code, code) for code in codes[npi]),
        evidence=evidence_of(codes[npi], volumes, confirmations_by_npi(session, [npi]).get(npi)),
        volumes=tuple(volumes),
        licenses=tuple(
            ProfileLicense(license_fact(each, releases), STATES.get(each.state, each.state))
            for each in licenses
        ),
        experience=experience_of(provider, licenses, clinician, today=today),
        enumerated_on=provider.enumerated_on,
        updated_on=provider.updated_on,
        exclusion=find_exclusion(session, npi),
        exclusions_checked_on=exclusions.released_on if exclusions else None,
        places=tuple(_places(session, provider, near, releases)),
        source=provider.source,
        as_of=seen_on(provider, releases),
        gone_on=provider.gone_on,
        clinician=clinician,
        is_deactivated=is_deactivated(session, provider),
        is_hidden=is_hidden(session, npi),
    )


def _places(
    session: Session, provider: Provider, near: Point | None, releases: Mapping[Source, date]
) -> list[ProfilePlace]:
    """Return where the professional is today: what files state, and clinics no file knows."""
    clinics = {clinic.address_key: clinic for clinic in clinics_of(session, provider.npi)}
    places = []
    for location in provider.practice_locations:
        if location.gone_on is None and not location.is_duplicate:
            clinic = clinics.pop(location.address_key, None)
            places.append(_place(provider, location, clinic, near, releases))
    places += [_place(provider, None, clinic, near, releases) for clinic in clinics.values()]
    if near:
        places.sort(key=lambda place: (place.miles is None, place.miles))
    return places


def _place(
    provider: Provider,
    location: PracticeLocation | None,
    clinic: Clinic | None,
    near: Point | None,
    releases: Mapping[Source, date],
) -> ProfilePlace:
    place = place_of(provider, location, clinic, releases)
    at = location or clinic
    miles = None
    if near and at and at.latitude is not None and at.longitude is not None:
        miles = miles_between(near, Point(at.latitude, at.longitude))
    return ProfilePlace(
        **vars(place),
        miles=miles,
        clinic_public_id=clinic.public_id if clinic else None,
        takes_inquiries=clinic is not None and clinic.takes_inquiries,
        languages=tuple(clinic.languages.split(",")) if clinic else (),
        confirmed_on=clinic.facts_confirmed_on if clinic else None,
    )
