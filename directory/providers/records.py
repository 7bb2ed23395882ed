"""What a source states about a provider, on its way into the tables.

Without slots: millions of these are pickled, and Python 3.11 does that four times as slowly
for frozen classes with slots.
"""

from dataclasses import dataclass
from datetime import date

from directory.geo.points import Point
from directory.geo.precision import Precision
from directory.providers.models import EntityType, Sex


@dataclass(frozen=True)
class LicenseRecord:
    """A license number as its holder reported it."""

    number: str
    state: str
    taxonomy_code: str


@dataclass(frozen=True)
class LocationRecord:
    """Where patients are seen, as reported, and its position if one is known."""

    address_key: str
    line1: str
    line2: str | None
    city: str
    state: str
    zip_code: str
    phone: str | None
    position: tuple[Point, Precision] | None


@dataclass(frozen=True)
class ProviderRecord:
    """One provider with everything the source's row says of them."""

    npi: str
    entity_type: EntityType
    organization_name: str | None
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    name_suffix: str | None
    credential: str | None
    sex: Sex | None
    enumerated_on: date | None
    updated_on: date | None
    deactivated_on: date | None
    taxonomies: tuple[str, ...]  # each code once, the primary one first
    licenses: tuple[LicenseRecord, ...]
    location: LocationRecord | None
    digest: bytes


@dataclass(frozen=True)
class DeactivationRecord:
    """A provider of whom the source says nothing but the day of the deactivation."""

    npi: str
    deactivated_on: date
