"""What speaks for a professional giving the treatment: three tiers, never mixed."""

import enum
from dataclasses import dataclass
from datetime import date

# Chemodenervation of muscles for chronic migraine, in words of our own.
MIGRAINE_INJECTION = "64615"
ONABOTULINUMTOXINA = "J0585"


class Tier(enum.IntEnum):
    """From the strongest to none. The order is the order of recommended results."""

    CONFIRMED = 1
    DOCUMENTED = 2
    SPECIALTY = 3  # commonly provides it: ask
    NONE = 4


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
