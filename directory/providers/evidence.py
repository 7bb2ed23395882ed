"""Evidence that a professional gives the treatment, in three separate tiers."""

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from directory.care.specialties import USUAL_SPECIALTIES, CareGroup


class Tier(enum.IntEnum):
    """From the strongest to none. The order is the order of recommended results."""

    CONFIRMED = 1
    DOCUMENTED = 2
    SPECIALTY = 3  # commonly provides it: ask
    NONE = 4


def tier_of(*, is_confirmed: bool, is_documented: bool, groups: Collection[CareGroup]) -> Tier:
    """Return the strongest tier that holds: the one rule behind listings and pages."""
    if is_confirmed:
        return Tier.CONFIRMED
    if is_documented:
        return Tier.DOCUMENTED
    return Tier.NONE if USUAL_SPECIALTIES.isdisjoint(groups) else Tier.SPECIALTY


@dataclass(frozen=True)
class Evidence:
    """The tier of a professional with what it rests on."""

    tier: Tier
    confirmed_on: date | None = None
    confirmed_by: str | None = None  # the clinic's name
    treatments: int | None = None  # billed to Medicare in `year`
    beneficiaries: int | None = None
    year: int | None = None


@dataclass(frozen=True)
class Experience:
    """Years in practice, and since what they are counted."""

    years: int
    since: str  # "graduation", "license" or "enumeration"
    year: int
