"""What a page of results holds: plain values, ready to be shown."""

from dataclasses import dataclass
from datetime import date

from directory.geo.points import Point
from directory.geo.precision import Precision
from directory.providers.evidence import Evidence, Experience
from directory.providers.models import AcceptingPatients, LicenseStatus, Sex, Source
from directory.providers.taxonomies import CareGroup


@dataclass(frozen=True)
class LicenseFact:
    """A license as it is shown: the status only where a state file gave it."""

    state: str
    number: str
    status: LicenseStatus | None
    status_checked_on: date | None
    status_gone_on: date | None
    expires_on: date | None
    has_board_action: bool | None
    source: Source
    as_of: date


@dataclass(frozen=True)
class Result:
    """One professional at the nearest of their places."""

    number: int  # place in the list, from 1
    npi: str
    is_individual: bool
    full_name: str
    sex: Sex | None
    specialty: CareGroup | None
    taxonomy_name: str | None
    evidence: Evidence
    miles: float
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


@dataclass(frozen=True)
class ResultPage:
    """A page of results, how many there are in all, and how far the search went."""

    results: tuple[Result, ...]
    total: int
    confirmed_or_documented: int
    radius_miles: int
    asked_miles: int
    page: int
    pages: int

    @property
    def is_widened(self) -> bool:
        """Tell whether the search went further than it was asked to."""
        return self.radius_miles > self.asked_miles
