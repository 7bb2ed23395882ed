"""Other clinics around one, for a patient who gets no answer there."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.clinics.models import Clinic
from directory.geo.places import zip_position
from directory.geo.points import Point
from directory.search.index.models import Listing
from directory.search.query.criteria import DEFAULT_WITHIN, WITHIN_CHOICES, Criteria, Sort
from directory.search.query.nearest import Match, nearest

_MATCHES = 50  # several professionals may be at one clinic


@dataclass(frozen=True)
class NearbyClinic:
    """A clinic that takes inquiries, and how far it is."""

    clinic: Clinic
    miles: float | None


def clinics_near(
    session: Session, clinic: Clinic, *, but: Collection[int], limit: int = 3
) -> list[NearbyClinic]:
    """Return the nearest clinics that take inquiries, but for those with these ids."""
    near = _point_of(clinic)
    if near is None:
        return []
    for radius in (each for each in WITHIN_CHOICES if each >= DEFAULT_WITHIN):
        # Widened here: the search counts professionals, who may all be at clinics left out.
        criteria = Criteria(near, radius, inquiries_only=True, sort=Sort.DISTANCE, may_widen=False)
        matches = nearest(session, criteria, page_size=_MATCHES, with_facets=False).matches
        found = list(_clinics_of(session, matches, but))
        if found:
            return found[:limit]
    return []


def _clinics_of(
    session: Session, matches: Sequence[Match], but: Collection[int]
) -> Iterator[NearbyClinic]:
    at = Listing
    statement = (
        sa.select(at.npi, at.place, Clinic)
        .join(Clinic, Clinic.id == at.clinic_id)
        .where(at.npi.in_([match.npi for match in matches]), Clinic.id.not_in(but))
    )
    clinics = {(npi, place): clinic for npi, place, clinic in session.execute(statement)}
    seen: set[int] = set()
    for match in matches:
        clinic = clinics.get((match.npi, match.place))
        if clinic is None or clinic.id in seen or not clinic.takes_inquiries:
            continue
        seen.add(clinic.id)
        yield NearbyClinic(clinic, match.miles)


def _point_of(clinic: Clinic) -> Point | None:
    if clinic.latitude is not None and clinic.longitude is not None:
        return Point(clinic.latitude, clinic.longitude)
    known = zip_position(clinic.zip_code)
    return known[0] if known else None
