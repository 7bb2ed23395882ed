"""A few professionals side by side: what a comparison says of each, in seven statements."""

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
from directory.search.results.card_facts import Besides, load_besides

MOST = 3  # what fits beside each other, and what somebody with a headache can take in


@dataclass(frozen=True)
class Compared:
    """One professional among others, each fact with its source and day."""

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
        """Tell whether nobody should be sent there: the register no longer holds this NPI."""
        return self.deactivated_on is not None or self.gone_on is not None

    @property
    def needs_notice(self) -> bool:
        """Tell whether something has to be known before anything else."""
        return self.exclusion is not None or self.is_out_of_use or self.is_hidden


@dataclass(frozen=True)
class _Known:
    """What is loaded of one professional."""

    provider: Provider
    deactivated_on: date | None
    is_hidden: bool
    beside: Besides
    volumes: Sequence[ProcedureVolume]
    clinician: Clinician | None
    clinics: Sequence[Clinic]
    exclusion: Exclusion | None


def compare(
    session: Session, npis: Sequence[str], *, near: Point | None, today: date
) -> list[Compared]:
    """Return those of the professionals who are known here, in the order asked for."""
    rows = _providers(session, npis)
    if not rows:
        return []
    besides, releases = load_besides(session, list(rows))
    volumes, clinicians = volumes_by_npi(session, npis), clinicians_by_npi(session, npis)
    clinics, exclusions = clinics_by_npi(session, npis), exclusions_by_npi(session, npis)
    return [
        _compared(
            _Known(
                *rows[npi],
                beside=besides[npi],
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
    """Return each provider with the day of deactivation and whether they asked not to be listed."""
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


def _compared(
    known: _Known, *, near: Point | None, releases: Mapping[Source, date], today: date
) -> Compared:
    provider, beside, clinician = known.provider, known.beside, known.clinician
    places = places_of(provider, known.clinics, known.exclusion, near=near, releases=releases)
    is_out_of_use = known.deactivated_on is not None or provider.gone_on is not None
    open_places = [] if is_out_of_use else [each for each in places if not each.is_excluded]
    place = next(iter(open_places or places), None)
    own_license = license_for(beside.licenses, place.state if place else "")
    experience = experience_of(provider, beside.licenses, clinician, today=today)
    stated_by = StatedBy(clinician.source, seen_on(clinician, releases)) if clinician else None
    names = {**beside.taxonomy_names, **TAXONOMY_NAMES}
    return Compared(
        npi=provider.npi,
        full_name=provider.full_name,
        specialty_names=tuple(names[code] for code in beside.codes if code in names),
        evidence=evidence_of(beside.codes, known.volumes, beside.confirmation),
        volumes=tuple(known.volumes),
        license=license_fact(own_license, releases) if own_license else None,
        has_board_action=any(each.has_board_action for each in beside.licenses),
        experience=experience,
        graduation=stated_by if experience and experience.since == "graduation" else None,
        telehealth=stated_by if clinician and clinician.telehealth else None,
        place=place,
        further_places=max(len(places) - 1, 0),
        reached_at=_reached_at(open_places),
        exclusion=exclusion_fact(known.exclusion, releases) if known.exclusion else None,
        deactivated_on=known.deactivated_on,
        gone_on=provider.gone_on,
        source=provider.source,
        is_hidden=known.is_hidden,
    )


def _reached_at(places: Sequence[ProfilePlace]) -> ProfilePlace | None:
    """Return the first place that takes inquiries, else the first that has a phone."""
    taking = next((each for each in places if each.takes_inquiries), None)
    return taking or next((each for each in places if each.phone), None)
