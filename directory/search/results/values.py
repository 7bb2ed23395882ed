"""The values of a results page, ready for the template."""

from dataclasses import dataclass
from datetime import date

from directory.care.specialties import CareGroup
from directory.geo.points import Point, Precision
from directory.profiles.values import AnswerRecord, LicenseFact
from directory.providers.evidence import Evidence, Experience, Tier
from directory.providers.models import AcceptingPatients, Sex, Source
from directory.search.query.criteria import ANYWHERE, Criteria, Facets


@dataclass(frozen=True, eq=False)
class Card:
    """One professional at one of their places, independent of the point searched.

    Created once per version of the data, so that its HTML can be cached by its identity.
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
    languages: tuple[str, ...]  # spoken at the clinic; empty if unknown
    has_telehealth: bool


@dataclass(frozen=True)
class SearchResult:
    """A card in a list of results."""

    number: int  # place in the list, from 1
    miles: float | None  # None in a search without a place
    card: Card


@dataclass(frozen=True)
class ResultPage:
    """A page of results, the total, and the distance and evidence it was found with."""

    results: tuple[SearchResult, ...]
    criteria: Criteria  # as asked
    total: int
    confirmed_or_documented: int
    radius_miles: int  # ANYWHERE when a name was not found nearer
    tiers: frozenset[Tier]  # the evidence shown; empty is any
    facets: Facets
    page: int
    pages: int
    version: int  # of the data, for the following pages
    is_renewed: bool  # the requested version is no longer available

    @property
    def is_further(self) -> bool:
        """Whether the search went further than requested."""
        if self.criteria.near is None:
            return False
        return self.radius_miles == ANYWHERE or self.radius_miles > self.criteria.radius_miles

    @property
    def is_weaker(self) -> bool:
        """Whether weaker evidence is shown than requested."""
        return self.tiers != self.criteria.tiers

    @property
    def is_widened(self) -> bool:
        """Whether the search was widened because too few matched."""
        return self.is_further or self.is_weaker
