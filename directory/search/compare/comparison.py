"""The facts of a comparison page, loaded in seven queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from directory.care.specialties import TAXONOMY_NAMES
from directory.clinics.models import Clinic
from directory.clinics.queries import clinics_by_npi
from directory.geo.points import Point
from directory.profiles.facts import evidence_of, license_fact, license_for
from directory.profiles.places import ProfilePlace, StatedBy, places_of
from directory.profiles.profile import ProfileExclusion, exclusion_fact
from directory.profiles.values import LicenseFact
from directory.providers.evidence import Evidence, Experience
from directory.providers.models import (
    Clinician,
    Deactivation,
    Exclusion,
    OptOut,
    ProcedureVolume,
    Provider,
    Source,
)
from directory.providers.queries import (
    clinicians_by_npi,
    exclusions_by_npi,
    experience_of,
    seen_on,
    volumes_by_npi,
)
from directory.search.results.card_facts import CardFacts, load_card_facts

MAX_COMPARED = 3  # what fits on a screen, and what a person with a headache can take in


@dataclass(frozen=True)
class Compared:
    """One column of a comparison, each fact with its source and date."""

    npi: str
    full_name: str
    specialty_names: tuple[str, ...]
    evidence: Evidence
    volumes: tuple[ProcedureVolume, ...]  # latest year first
    license: LicenseFact | None  # of the state of the place
    has_board_action: bool  # on any of their licenses
    experience: Experience | None
    graduation: StatedBy | None  # when the years are counted from it
    telehealth: StatedBy | None  # when it is offered
    place: ProfilePlace | None  # the nearest where they may be seen
    further_places: int
    reached_at: ProfilePlace | None  # where an inquiry or a call goes
    exclusion: ProfileExclusion | None
    deactivated_on: date | None
    gone_on: date | None
    source: Source
    is_hidden: bool

    @property
    def is_out_of_use(self) -> bool:
        """Whether the NPI is deactivated or no longer in NPPES, so no patient is sent there."""
        return self.deactivated_on is not None or self.gone_on is not None

    @property
    def needs_notice(self) -> bool:
        """Whether a warning is shown above all other facts."""
        return self.exclusion is not None or self.is_out_of_use or self.is_hidden


@dataclass(frozen=True)
class _LoadedFacts:
    """The rows loaded for one professional."""

    provider: Provider
    deactivated_on: date | None
    is_hidden: bool
    facts: CardFacts
    volumes: Sequence[ProcedureVolume]
    clinician: Clinician | None
    clinics: Sequence[Clinic]
    exclusion: Exclusion | None


def compare(
    session: Session, npis: Sequence[str], *, near: Point | None, today: date
) -> list[Compared]:
    """Return the professionals with a stored row, in the order requested."""
    rows = _providers(session, npis)
    if not rows:
        return []
    facts_by_npi, releases = load_card_facts(session, list(rows))
    volumes, clinicians = volumes_by_npi(session, npis), clinicians_by_npi(session, npis)
    clinics, exclusions = clinics_by_npi(session, npis), exclusions_by_npi(session, npis)
    return [
        _comparison_column(
            _LoadedFacts(
                *rows[npi],
                facts=facts_by_npi[npi],
                volumes=volumes[npi],
                clinician=clinicians.get(npi),
                clinics=clinics[npi],
                exclusion=exclusions.get(npi),
            ),
            near=near,
            releases=releases,
            today=today,
        )
        for npi in npis
        if npi in rows
    ]


def _providers(session: Session, npis: Iterable[str]) -> dict[str, tuple[Provider, Any, bool]]:
    """Return each provider with the date of deactivation and whether they opted out."""
    in_force = sa.and_(Deactivation.npi == Provider.npi, Deactivation.gone_on.is_(None))
    statement = (
        sa.select(
            Provider,
            sa.func.coalesce(Provider.deactivated_on, Deactivation.deactivated_on),
            OptOut.npi.is_not(None),
        )
        .outerjoin(Deactivation, in_force)
        .outerjoin(OptOut, OptOut.npi == Provider.npi)
        .where(Provider.npi.in_(list(npis)))
        .options(selectinload(Provider.practice_locations))
    )
    return {row[0].npi: (row[0], row[1], row[2]) for row in session.execute(statement)}


def _comparison_column(
    loaded: _LoadedFacts, *, near: Point | None, releases: Mapping[Source, date], today: date
) -> Compared:
    provider, facts, clinician = loaded.provider, loaded.facts, loaded.clinician
    places = places_of(provider, loaded.clinics, loaded.exclusion, near=near, releases=releases)
    is_out_of_use = loaded.deactivated_on is not None or provider.gone_on is not None
    open_places = [] if is_out_of_use else [each for each in places if not each.is_excluded]
    place = next(iter(open_places or places), None)
    own_license = license_for(facts.licenses, place.state if place else "")
    experience = experience_of(provider, facts.licenses, clinician, today=today)
    stated_by = StatedBy(clinician.source, seen_on(clinician, releases)) if clinician else None
    names = {**facts.taxonomy_names, **TAXONOMY_NAMES}
    return Compared(
        npi=provider.npi,
        full_name=provider.full_name,
        specialty_names=tuple(names[code] for code in facts.codes if code in names),
        evidence=evidence_of(facts.codes, loaded.volumes, facts.confirmation),
        volumes=tuple(loaded.volumes),
        license=license_fact(own_license, releases) if own_license else None,
        has_board_action=any(each.has_board_action for each in facts.licenses),
        experience=experience,
        graduation=stated_by if experience and experience.since == "graduation" else None,
        telehealth=stated_by if clinician and clinician.telehealth else None,
        place=place,
        further_places=max(len(places) - 1, 0),
        reached_at=_reached_at(open_places),
        exclusion=exclusion_fact(loaded.exclusion, releases) if loaded.exclusion else None,
        deactivated_on=loaded.deactivated_on,
        gone_on=provider.gone_on,
        source=provider.source,
        is_hidden=loaded.is_hidden,
    )


def _reached_at(places: Sequence[ProfilePlace]) -> ProfilePlace | None:
    """Return the first place that accepts inquiries, else the first with a phone number."""
    accepting = next((each for each in places if each.takes_inquiries), None)
    return accepting or next((each for each in places if each.phone), None)
