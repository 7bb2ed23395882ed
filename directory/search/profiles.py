"""Everything known of one professional, as their page shows it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from directory.clinics.models import Clinic
from directory.clinics.queries import clinics_of, confirmations_by_npi
from directory.geo.points import Point, miles_between
from directory.geo.states import STATES
from directory.providers.evidence import Evidence, Experience
from directory.providers.models import (
    AcceptingPatients,
    Exclusion,
    PracticeLocation,
    ProcedureVolume,
    Provider,
    Source,
)
from directory.providers.queries import (
    experience_of,
    find_exclusion,
    find_last_run,
    get_provider,
    is_hidden,
    licenses_by_npi,
    taxonomies_by_npi,
    taxonomy_names,
    volumes_by_npi,
)
from directory.providers.taxonomies import TAXONOMY_NAMES
from directory.search.facts import accepting_at, evidence_of, license_fact, place_name
from directory.search.results import LicenseFact


@dataclass(frozen=True)
class ProfilePlace:
    """A place where the professional sees patients."""

    name: str | None
    line1: str
    line2: str | None
    city: str
    state: str
    zip_code: str
    phone: str | None
    miles: float | None
    source: Source
    as_of: date
    accepting: AcceptingPatients | None
    accepting_as_of: date | None
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
    is_deactivated: bool
    is_hidden: bool


def get_profile(session: Session, npi: str, *, near: Point | None, today: date) -> Profile:
    """Return the page's facts, or raise `ProviderNotFoundError`. Places come nearest first."""
    provider = get_provider(session, npi)
    licenses = licenses_by_npi(session, [npi])[npi]
    codes = taxonomies_by_npi(session, [npi])
    volumes = volumes_by_npi(session, [npi])[npi]
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
            ProfileLicense(license_fact(each), STATES.get(each.state, each.state))
            for each in licenses
        ),
        experience=experience_of(provider, licenses, today=today),
        enumerated_on=provider.enumerated_on,
        updated_on=provider.updated_on,
        exclusion=find_exclusion(session, npi),
        exclusions_checked_on=exclusions.released_on if exclusions else None,
        places=tuple(_places(session, provider, near)),
        source=provider.source,
        as_of=provider.as_of,
        is_deactivated=provider.deactivated_on is not None,
        is_hidden=is_hidden(session, npi),
    )


def _places(session: Session, provider: Provider, near: Point | None) -> list[ProfilePlace]:
    clinics = {clinic.address_key: clinic for clinic in clinics_of(session, provider.npi)}
    places = [
        _place(provider, location, clinics.get(location.address_key), near)
        for location in provider.practice_locations
    ]
    if near:
        places.sort(key=lambda place: (place.miles is None, place.miles))
    return places


def _place(
    provider: Provider, location: PracticeLocation, clinic: Clinic | None, near: Point | None
) -> ProfilePlace:
    accepting, accepting_as_of = accepting_at(location, clinic)
    miles = None
    if near and location.latitude is not None and location.longitude is not None:
        miles = miles_between(near, Point(location.latitude, location.longitude))
    return ProfilePlace(
        name=place_name(provider, location, clinic),
        line1=location.line1,
        line2=location.line2,
        city=location.city,
        state=location.state,
        zip_code=location.zip_code,
        phone=clinic.phone if clinic and clinic.phone else location.phone,
        miles=miles,
        source=location.source,
        as_of=location.as_of,
        accepting=accepting,
        accepting_as_of=accepting_as_of,
        clinic_public_id=clinic.public_id if clinic else None,
        takes_inquiries=clinic is not None and clinic.takes_inquiries,
        languages=tuple(clinic.languages.split(",")) if clinic else (),
        confirmed_on=clinic.facts_confirmed_on if clinic else None,
    )
