"""Invented people and places; each factory takes only what a test is about."""

import itertools
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from directory.clinics.models import Clinic, ClinicProvider
from directory.core.clock import utc_now
from directory.geo.points import Point
from directory.geo.precision import Precision
from directory.providers.addresses import address_key
from directory.providers.models import (
    EntityType,
    PracticeLocation,
    ProcedureVolume,
    Provider,
    ProviderTaxonomy,
    Source,
)
from directory.providers.npi import check_digit
from directory.search.actions import refresh_listings

TODAY = date(2026, 11, 2)
EVANSTON = Point(42.0451, -87.6877)
CHICAGO = Point(41.8858, -87.6181)
NEUROLOGY = "2084N0400X"
FAMILY = "207Q00000X"

_numbers = itertools.count(1)


def make_npi(number: int | None = None) -> str:
    """Return a valid NPI that no test used before."""
    first_nine = f"1{(number if number is not None else next(_numbers)):08d}"
    return first_nine + check_digit(first_nine)


def make_provider(
    session: Session, *, taxonomy: str = NEUROLOGY, treatments: int | None = None, **facts: Any
) -> Provider:
    """Add a person with a taxonomy and, when given, a yearly count."""
    given = {
        "npi": make_npi(),
        "entity_type": EntityType.INDIVIDUAL,
        "first_name": "Amara",
        "last_name": "Feldt",
        "credential": "MD",
        **facts,
    }
    provider = Provider(source=Source.NPPES, as_of=TODAY, **given)
    session.add(provider)
    session.flush()
    fact = {"npi": provider.npi, "source": Source.NPPES, "as_of": TODAY}
    session.add(ProviderTaxonomy(code=taxonomy, is_primary=True, **fact))
    if treatments is not None:
        session.add(ProcedureVolume(procedure_code="64615", year=2024, services=treatments, **fact))
    session.flush()
    return provider


def make_location(
    session: Session, provider: Provider, *, at: Point = EVANSTON, **facts: Any
) -> PracticeLocation:
    """Add a practice location with its listings."""
    line1 = facts.pop("line1", f"{next(_numbers)} Sample St")
    given = {"city": "Evanston", "state": "IL", "zip_code": "60201", "is_primary": True, **facts}
    location = PracticeLocation(
        npi=provider.npi,
        line1=line1,
        address_key=address_key(line1, given["zip_code"]),
        latitude=at.latitude,
        longitude=at.longitude,
        precision=Precision.ZIP,
        phone="(847) 555-0142",
        source=Source.NPPES,
        as_of=TODAY,
        **given,
    )
    session.add(location)
    session.flush()
    refresh_listings(session, [provider.npi])
    return location


def make_clinic(session: Session, location: PracticeLocation | None = None, **facts: Any) -> Clinic:
    """Add a clinic with a confirmed address, tied to the location and its professional."""
    line1 = location.line1 if location else f"{next(_numbers)} Sample St"
    number = next(_numbers)
    given = {
        "name": f"Lakeshore Headache Clinic {number}",
        "email": f"inbox@lakeshore{number}.example.org",
        "email_confirmed_at": utc_now(),
        "phone": "(847) 555-0142",
        **facts,
    }
    clinic = Clinic(
        public_id=f"clinic-{number}",
        line1=line1,
        address_key=address_key(line1, "60201"),
        city="Evanston",
        state="IL",
        zip_code="60201",
        source=Source.OPERATOR,
        as_of=TODAY,
        created_at=utc_now(),
        **given,
    )
    if location:
        clinic.providers = [ClinicProvider(npi=location.npi)]
    session.add(clinic)
    session.flush()
    if location:
        refresh_listings(session, [location.npi])
    return clinic
