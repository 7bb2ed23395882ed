"""What a search asks for."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from directory.geo.points import Point
from directory.providers.evidence import Tier
from directory.providers.models import Sex
from directory.providers.taxonomies import SPECIALTIES, CareGroup

WITHIN_CHOICES = (5, 10, 25, 50, 100, 250)
DEFAULT_WITHIN = 25
ENOUGH = 3  # fewer matches than this, and the search goes further
PAGE_SIZE = 20

SPECIALTY_SLUGS = {group.name.lower(): group for group in SPECIALTIES}
EVIDENCE_SLUGS = {
    "confirmed": Tier.CONFIRMED,
    "documented": Tier.DOCUMENTED,
    "specialty": Tier.SPECIALTY,
}


class Sort(enum.StrEnum):
    """The order of results. Nobody can pay for a place in it."""

    RECOMMENDED = "recommended"  # evidence tier first, then distance
    DISTANCE = "distance"
    DOCUMENTED = "documented"  # most treatments billed to Medicare


@dataclass(frozen=True)
class Criteria:
    """A place, a distance, and what is left out. Empty sets leave nothing out."""

    near: Point
    radius_miles: int = DEFAULT_WITHIN
    tiers: frozenset[Tier] = frozenset()
    specialties: frozenset[CareGroup] = frozenset()
    all_specialties: bool = False
    sex: Sex | None = None
    accepting_only: bool = False
    inquiries_only: bool = False
    sort: Sort = Sort.RECOMMENDED

    def care_groups(self) -> tuple[CareGroup, ...]:
        """Return what the search looks under; the usual and the others are disjoint."""
        if self.all_specialties:
            return (CareGroup.USUAL, CareGroup.OTHER)
        return tuple(sorted(self.specialties)) or (CareGroup.USUAL,)

    def radii(self) -> Iterator[int]:
        """Yield the distance asked for, then the wider ones to try."""
        yield self.radius_miles
        yield from (miles for miles in WITHIN_CHOICES if miles > self.radius_miles)
