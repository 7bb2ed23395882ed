"""The facts of one professional, as their page shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from directory.care.specialties import TAXONOMY_NAMES
from directory.clinics.queries import clinics_of, confirmations_by_npi
from directory.geo.points import Point
from directory.geo.states import STATES
from directory.profiles.facts import evidence_of, license_fact
from directory.profiles.former_facts import FormerFact, former_facts
from directory.profiles.license_lookup_urls import BOARD_URLS
from directory.profiles.places import ProfilePlace, StatedBy, places_of
from directory.profiles.values import LicenseFact
from directory.providers.evidence import Evidence, Experience
from directory.providers.models import (
    Clinician,
    Exclusion,
    License,
    OtherName,
    ProcedureVolume,
    Source,
)
from directory.providers.queries import (
    clinicians_by_npi,
    deactivated_on,
    experience_of,
    find_exclusion,
    find_release,
    former_taxonomies,
    get_provider,
    is_hidden,
    latest_full_releases,
    licenses_by_npi,
    other_names,
    seen_on,
    taxonomies_by_npi,
    taxonomy_names,
    volumes_by_npi,
)
from directory.providers.title_case import organization_name


@dataclass(frozen=True)
class ProfileLicense:
    """A license with the name of its state and the state's own look-up."""

    fact: LicenseFact
    state_name: str
    board_url: str | None
    is_past_expiry: bool


@dataclass(frozen=True)
class ProfileName:
    """Another name an organization does business under."""

    name: str
    is_former: bool
    stated_by: StatedBy


@dataclass(frozen=True)
class ProfileExclusion:
    """The entry on the exclusion list, and the day of the list that last had it."""

    excluded_on: date
    source: Source
    listed_on: date
    waiver_state: str | None  # not excluded there


@dataclass(frozen=True)
class Training:
    """The medical school, and whether telehealth is offered."""

    school: str | None
    has_telehealth: bool
    stated_by: StatedBy


@dataclass(frozen=True)
class Profile:
    """A professional with every fact, each with its source and date."""

    npi: str
    full_name: str
    is_individual: bool
    specialty_names: tuple[str, ...]
    taxonomy_codes: tuple[str, ...]  # the primary one first, as the names
    other_names: tuple[ProfileName, ...]
    evidence: Evidence
    volumes: tuple[ProcedureVolume, ...]
    licenses: tuple[ProfileLicense, ...]
    experience: Experience | None
    training: Training | None
    enumerated_on: date | None
    updated_on: date | None
    exclusion: ProfileExclusion | None
    exclusions_checked_on: date | None
    places: tuple[ProfilePlace, ...]
    former_facts: tuple[FormerFact, ...]
    source: Source
    as_of: date
    gone_on: date | None  # the full release of that day no longer has the professional
    deactivated_on: date | None
    is_hidden: bool

    @property
    def is_deactivated(self) -> bool:
        """Whether the NPI is deactivated."""
        return self.deactivated_on is not None

    @property
    def is_out_of_use(self) -> bool:
        """Whether the NPI is deactivated or no longer in NPPES, so no patient is sent there."""
        return self.is_deactivated or self.gone_on is not None


def get_profile(session: Session, npi: str, *, near: Point | None, today: date) -> Profile:
    """Return the page's facts, or raise `ProviderNotFoundError`. Places come nearest first."""
    provider = get_provider(session, npi)
    licenses = licenses_by_npi(session, [npi])[npi]
    codes = taxonomies_by_npi(session, [npi])
    volumes = volumes_by_npi(session, [npi])[npi]
    clinician = clinicians_by_npi(session, [npi]).get(npi)
    releases = latest_full_releases(session)
    names = {**taxonomy_names(session, codes), **TAXONOMY_NAMES}
    also_called = other_names(session, npi)
    exclusion = find_exclusion(session, npi)
    places = places_of(provider, clinics_of(session, npi), exclusion, near=near, releases=releases)
    gone = former_facts(
        session,
        provider,
        taxonomies=former_taxonomies(session, npi),
        names=[each for each in also_called if each.gone_on],
    )
    return Profile(
        npi=npi,
        taxonomy_codes=tuple(codes[npi]),
        full_name=provider.full_name,
        is_individual=provider.is_individual,
        specialty_names=tuple(names[code] for code in codes[npi] if code in names),
        other_names=tuple(_name(each, releases) for each in also_called if not each.gone_on),
        evidence=evidence_of(codes[npi], volumes, confirmations_by_npi(session, [npi]).get(npi)),
        volumes=tuple(volumes),
        licenses=_licenses(licenses, releases, today),
        experience=experience_of(provider, licenses, clinician, today=today),
        training=_training(clinician, releases) if clinician else None,
        enumerated_on=provider.enumerated_on,
        updated_on=provider.updated_on,
        exclusion=exclusion_fact(exclusion, releases) if exclusion else None,
        exclusions_checked_on=_exclusions_checked_on(session, releases),
        places=tuple(places),
        former_facts=tuple(gone),
        source=provider.source,
        as_of=seen_on(provider, releases),
        gone_on=provider.gone_on,
        deactivated_on=deactivated_on(session, provider),
        is_hidden=is_hidden(session, npi),
    )


def _licenses(
    licenses: Iterable[License], releases: Mapping[Source, date], today: date
) -> tuple[ProfileLicense, ...]:
    """Return each license once, though it is on record for every taxonomy it covers."""
    found: dict[tuple[str, str], ProfileLicense] = {}
    for each in licenses:
        fact = license_fact(each, releases)
        found.setdefault(
            (fact.state, fact.number),
            ProfileLicense(
                fact=fact,
                state_name=STATES.get(fact.state, fact.state),
                board_url=BOARD_URLS.get(fact.state),
                is_past_expiry=fact.expires_on is not None and fact.expires_on < today,
            ),
        )
    return tuple(sorted(found.values(), key=lambda each: each.fact.status_gone_on is not None))


def _name(each: OtherName, releases: Mapping[Source, date]) -> ProfileName:
    return ProfileName(
        name=organization_name(each.name),
        is_former=each.kind == "4",
        stated_by=StatedBy(each.source, seen_on(each, releases)),
    )


def _training(clinician: Clinician, releases: Mapping[Source, date]) -> Training:
    return Training(
        school=organization_name(clinician.school) if clinician.school else None,
        has_telehealth=clinician.telehealth is True,
        stated_by=StatedBy(clinician.source, seen_on(clinician, releases)),
    )


def exclusion_fact(each: Exclusion, releases: Mapping[Source, date]) -> ProfileExclusion:
    """Return an entry of the exclusion list as it is shown."""
    return ProfileExclusion(
        excluded_on=each.excluded_on,
        source=each.source,
        listed_on=seen_on(each, releases),
        waiver_state=each.waiver_state,
    )


def _exclusions_checked_on(session: Session, releases: Mapping[Source, date]) -> date | None:
    """Return the day of the list that is loaded; its supplements alone say nothing of others."""
    if Source.EXCLUSIONS not in releases:
        return None
    release = find_release(session, Source.EXCLUSIONS)
    return release.released_on if release else None
