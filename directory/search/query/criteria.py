"""The criteria of a search, and the counts of its filters."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from directory.care.specialties import SPECIALTIES, CareGroup
from directory.geo.points import Point
from directory.providers.evidence import Tier
from directory.providers.models import Sex
from directory.search.index.name_words import TypedName

WITHIN_CHOICES = (5, 10, 25, 50, 100, 250)
FURTHEST = WITHIN_CHOICES[-1]
DEFAULT_WITHIN = 25
ANYWHERE = 0  # the radius of a search for a name that is not limited by distance
ENOUGH = 3  # with fewer matches, the search is widened
ENOUGH_NAMED = 1  # a search for a name is for one person
PAGE_SIZE = 20

SPECIALTY_SLUGS = {group.name.lower(): group for group in SPECIALTIES}
EVIDENCE_SLUGS = {
    "confirmed": Tier.CONFIRMED,
    "documented": Tier.DOCUMENTED,
    "specialty": Tier.SPECIALTY,
}


class Sort(enum.StrEnum):
    """The order of results. Positions are never paid for."""

    RECOMMENDED = "recommended"  # evidence tier first, then distance
    DISTANCE = "distance"
    DOCUMENTED = "documented"  # most treatments billed to Medicare
    FASTEST = "fastest"  # the clinic's median time to answer inquiries


@dataclass(frozen=True)
class Criteria:
    """A place or a name, a distance, and filters. An empty set does not filter."""

    near: Point | None
    radius_miles: int = DEFAULT_WITHIN
    name: TypedName | None = None
    tiers: frozenset[Tier] = frozenset()
    specialties: frozenset[CareGroup] = frozenset()
    all_specialties: bool = False
    sex: Sex | None = None
    languages: frozenset[str] = frozenset()
    telehealth_only: bool = False
    accepting_only: bool = False
    inquiries_only: bool = False
    sort: Sort = Sort.RECOMMENDED
    may_widen: bool = True

    @property
    def is_everyone(self) -> bool:
        """Whether all specialties are searched; the default of a search for a name."""
        return self.all_specialties or (self.name is not None and not self.specialties)

    @property
    def enough(self) -> int:
        """The number of matches at which the search is not widened further."""
        return ENOUGH_NAMED if self.name else ENOUGH

    def radii(self) -> list[int]:
        """Return the requested distance, then the wider ones to try."""
        wider = [miles for miles in WITHIN_CHOICES if miles > self.radius_miles]
        return [self.radius_miles, *(wider if self.may_widen else [])]

    def tier_sets(self) -> list[frozenset[Tier]]:
        """Return the requested evidence, then, tier by tier, weaker evidence to try."""
        sets = [self.tiers]
        if not self.tiers or not self.may_widen:
            return sets
        for tier in (Tier.DOCUMENTED, Tier.SPECIALTY):
            if tier > max(self.tiers):
                sets.append(sets[-1] | {tier})
        return sets


@dataclass(frozen=True)
class Facets:
    """For each value of each filter, how many professionals it would match.

    The values of a filter are counted without that filter, as they are alternatives.
    """

    within: Mapping[int, int] = field(default_factory=dict)
    evidence: Mapping[Tier, int] = field(default_factory=dict)
    specialty: Mapping[CareGroup, int] = field(default_factory=dict)
    all_specialties: int = 0  # within the requested distance
    usual: int = 0  # without a filter by specialty
    sex: Mapping[Sex, int] = field(default_factory=dict)
    language: Mapping[str, int] = field(default_factory=dict)
    telehealth: int = 0
    accepting: int = 0
    inquiries: int = 0
