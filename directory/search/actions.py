"""Making the search rows anew from what is known of a provider."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.clinics.models import Clinic, ClinicProvider
from directory.geo.circle import lat_band
from directory.geo.points import Point, unit_vector
from directory.providers.evidence import MIGRAINE_INJECTION, Tier, tier_of
from directory.providers.models import (
    AcceptingPatients,
    EntityType,
    Exclusion,
    OptOut,
    PracticeLocation,
    ProcedureVolume,
    Provider,
    ProviderTaxonomy,
    Sex,
)
from directory.providers.taxonomies import CareGroup, find_care_group
from directory.search.facts import confirmed_accepting
from directory.search.models import Listing

_BATCH = 400  # below the 999 parameters that old SQLite builds allow


@dataclass
class _Known:
    """What the search needs of one provider."""

    is_individual: bool
    sex: Sex | None
    groups: set[CareGroup] = field(default_factory=set)
    treatments: int = 0
    volume_year: int = 0
    is_confirmed: bool = False
    clinics: dict[str, Clinic] = field(default_factory=dict)  # by address key

    @property
    def tier(self) -> Tier:
        return tier_of(
            is_confirmed=self.is_confirmed,
            is_documented=self.treatments > 0,
            groups=self.groups,
        )

    @property
    def care_groups(self) -> Iterator[CareGroup]:
        """Yield what a listing is filed under: one of usual and other, then the specialties."""
        if self.is_individual and self.tier <= Tier.SPECIALTY:
            yield CareGroup.USUAL
            yield from sorted(self.groups)
        else:
            yield CareGroup.OTHER


def refresh_listings(session: Session, npis: Iterable[str]) -> None:
    """Make the listings of these providers anew; those not to be found end up with none."""
    remaining = iter(npis)
    while batch := list(islice(remaining, _BATCH)):
        session.flush()
        session.execute(sa.delete(Listing).where(Listing.npi.in_(batch)))
        rows = list(_rows(session, batch))
        if rows:
            # With nulls written out, one statement serves all rows.
            options = {"render_nulls": True}
            session.execute(sa.insert(Listing), rows, execution_options=options)


def _rows(session: Session, npis: Sequence[str]) -> Iterator[dict[str, Any]]:
    known = _known(session, npis)
    at = PracticeLocation
    locations = session.execute(
        sa.select(
            at.id, at.npi, at.address_key, at.latitude, at.longitude, at.accepting_patients
        ).where(at.npi.in_(list(known)), at.latitude.is_not(None))
    )
    for location in locations:
        provider = known[location.npi]
        clinic = provider.clinics.get(location.address_key)
        for care_group in provider.care_groups:
            yield {
                "npi": location.npi,
                "practice_location_id": location.id,
                "clinic_id": clinic.id if clinic else None,
                "care_group": int(care_group),
                "tier": int(provider.tier),
                **_position(Point(location.latitude, location.longitude)),
                "treatments": provider.treatments,
                "sex": provider.sex,
                "is_accepting": _is_accepting(location.accepting_patients, clinic),
                "takes_inquiries": clinic is not None and clinic.takes_inquiries,
            }


def _position(point: Point) -> dict[str, float | int]:
    x, y, z = unit_vector(point)
    return {
        "latitude": point.latitude,
        "longitude": point.longitude,
        "lat_band": lat_band(point.latitude),
        "x": x,
        "y": y,
        "z": z,
    }


def _is_accepting(stated: AcceptingPatients | None, clinic: Clinic | None) -> bool | None:
    """Tell whether new patients are taken; what the clinic confirmed beats the file."""
    stated = confirmed_accepting(clinic) or stated
    return None if stated is None else stated is AcceptingPatients.YES


def _known(session: Session, npis: Sequence[str]) -> dict[str, _Known]:
    known = {
        row.npi: _Known(row.entity_type is EntityType.INDIVIDUAL, row.sex)
        for row in session.execute(_findable(npis))
    }
    _add_groups(session, known)
    _add_volumes(session, known)
    _add_clinics(session, known)
    return known


def _findable(npis: Sequence[str]) -> sa.Select[str, EntityType, Sex | None]:
    """Select those who may be found: not deactivated, not excluded, not hidden."""
    excluded = sa.select(Exclusion.npi).where(
        Exclusion.npi == Provider.npi, Exclusion.reinstated_on.is_(None)
    )
    hidden = sa.select(OptOut.npi).where(OptOut.npi == Provider.npi)
    return sa.select(Provider.npi, Provider.entity_type, Provider.sex).where(
        Provider.npi.in_(npis),
        Provider.deactivated_on.is_(None),
        ~excluded.exists(),
        ~hidden.exists(),
    )


def _add_groups(session: Session, known: dict[str, _Known]) -> None:
    at = ProviderTaxonomy
    for npi, code in session.execute(sa.select(at.npi, at.code).where(at.npi.in_(list(known)))):
        group = find_care_group(code)
        if group is not None:
            known[npi].groups.add(group)


def _add_volumes(session: Session, known: dict[str, _Known]) -> None:
    at = ProcedureVolume
    volumes = sa.select(at.npi, at.year, at.services).where(
        at.npi.in_(list(known)), at.procedure_code == MIGRAINE_INJECTION
    )
    for npi, year, services in session.execute(volumes):
        if year > known[npi].volume_year:
            known[npi].volume_year, known[npi].treatments = year, services


def _add_clinics(session: Session, known: dict[str, _Known]) -> None:
    works_at = defaultdict(list)
    at = ClinicProvider
    for membership in session.scalars(sa.select(at).where(at.npi.in_(list(known)))):
        works_at[membership.clinic_id].append(membership)
    for clinic in session.scalars(sa.select(Clinic).where(Clinic.id.in_(list(works_at)))):
        for membership in works_at[clinic.id]:
            provider = known[membership.npi]
            provider.clinics[clinic.address_key] = clinic
            if membership.treatment_confirmed_on is not None:
                provider.is_confirmed = True
