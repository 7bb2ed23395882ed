"""What a page of results holds: plain values, ready to be shown."""

from dataclasses import dataclass
from datetime import date

from directory.care.specialties import CareGroup
from directory.geo.points import Point, Precision
from directory.profiles.values import AnswerRecord, LicenseFact
from directory.providers.evidence import Evidence, Experience, Tier
from directory.providers.models import AcceptingPatients, Sex, Source
from directory.search.query.criteria import Criteria
from directory.search.query.nearest import ANYWHERE, Facets


@dataclass(frozen=True, eq=False)
class Card:
    """One professional at one of their places, wherever somebody searches from.

    Each is made once for a version of the data, so that what is made of it is kept by its identity.
    """

    npi: str
    place: int  # as in `Listing`
    is_individual: bool
    full_name: str
    sex: Sex | None
    specialty: CareGroup | None
    taxonomy_name: str | None
    evidence: Evidence
    point: Point
    precision: Precision
    place_name: str | None  # the clinic, or the organization at that place
    line1: str
    line2: str | None
    city: str
    state: str
    zip_code: str
    phone: str | None
    location_source: Source
    location_as_of: date
    license: LicenseFact | None
    experience: Experience | None
    accepting: AcceptingPatients | None
    accepting_as_of: date | None
    clinic_public_id: str | None
    takes_inquiries: bool
    answers: AnswerRecord | None  # from 5 inquiries on
    languages: tuple[str, ...]  # spoken at the clinic; empty when nobody said
    has_telehealth: bool


@dataclass(frozen=True)
class Result:
    """A card in a list of results."""

    number: int  # place in the list, from 1
    miles: float | None  # None in a search without a place
    card: Card


@dataclass(frozen=True)
class ResultPage:
    """A page of results, how many there are in all, and how far the search went."""

    results: tuple[Result, ...]
    criteria: Criteria  # as asked
    total: int
    confirmed_or_documented: int
    radius_miles: int  # ANYWHERE when a name was found no nearer
    tiers: frozenset[Tier]  # the evidence that is shown; empty is any
    facets: Facets
    page: int
    pages: int
    version: int  # of the data, for the pages that follow
    is_renewed: bool  # the version asked for is no longer there

    @property
    def is_further(self) -> bool:
        """Tell whether the search went further than it was asked to."""
        if self.criteria.near is None:
            return False
        return self.radius_miles == ANYWHERE or self.radius_miles > self.criteria.radius_miles

    @property
    def is_weaker(self) -> bool:
        """Tell whether weaker evidence is shown than was asked for."""
        return self.tiers != self.criteria.tiers

    @property
    def is_widened(self) -> bool:
        """Tell whether too few matched what was asked for."""
        return self.is_further or self.is_weaker
