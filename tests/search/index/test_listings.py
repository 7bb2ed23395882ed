"""Rebuilt listings: who is listed, in which care groups, and with which tier."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.care.specialties import CareGroup
from directory.core.clock import utc_now
from directory.providers.evidence import Tier
from directory.providers.models import (
    EntityType,
    Exclusion,
    OptOut,
    PracticeLocation,
    ProcedureVolume,
    Provider,
    Source,
)
from directory.search.index.listings import refresh_listings
from directory.search.index.models import Listing, ListingCell
from tests.factories import FAMILY, TODAY, make_clinic, make_location, make_provider


def listings(session: Session) -> list[Listing]:
    return list(session.scalars(sa.select(Listing).order_by(Listing.npi, Listing.place)))


def care_groups(session: Session) -> list[CareGroup]:
    cells = session.scalars(sa.select(ListingCell.cell).order_by(ListingCell.cell))
    return [CareGroup(cell // 10_000_000) for cell in cells]


def exclude(session: Session, npi: str, reinstated_on: date | None = None) -> None:
    facts = {"exclusion_type": "1128a1", "excluded_on": date(2020, 1, 20)}
    origin = {"source": Source.EXCLUSIONS, "as_of": TODAY}
    session.add(Exclusion(entry=npi, npi=npi, reinstated_on=reinstated_on, **facts, **origin))


def hide(session: Session, npi: str) -> None:
    session.add(OptOut(npi=npi, created_at=utc_now()))


def deactivate(session: Session, npi: str) -> None:
    session.get_one(Provider, npi).deactivated_on = TODAY


@pytest.mark.parametrize("step", [exclude, hide, deactivate])
def test_who_may_not_be_found_has_no_rows(session: Session, step) -> None:
    location = make_location(session, make_provider(session, treatments=61))
    assert listings(session) != []
    step(session, location.npi)
    refresh_listings(session, [location.npi])
    assert listings(session) == []


def test_the_reinstated_are_found_again(session: Session) -> None:
    location = make_location(session, make_provider(session))
    exclude(session, location.npi, reinstated_on=TODAY)
    refresh_listings(session, [location.npi])
    assert len(listings(session)) == 1


@pytest.mark.parametrize(
    ("facts", "groups", "tier"),
    [
        ({}, [CareGroup.USUAL, CareGroup.NEUROLOGY], Tier.SPECIALTY),
        ({"taxonomy": FAMILY}, [CareGroup.OTHER, CareGroup.OTHER_SUMMARY], Tier.NONE),
        (
            {"taxonomy": FAMILY, "treatments": 12},
            [CareGroup.USUAL, CareGroup.FAMILY],
            Tier.DOCUMENTED,
        ),
        (
            {"entity_type": EntityType.ORGANIZATION},
            [CareGroup.OTHER, CareGroup.OTHER_SUMMARY],
            Tier.SPECIALTY,
        ),
    ],
)
def test_a_row_is_filed_by_specialty_and_evidence(
    session: Session, facts: dict[str, object], groups: list[CareGroup], tier: Tier
) -> None:
    make_location(session, make_provider(session, **facts))
    assert care_groups(session) == groups
    assert [each.tier for each in listings(session)] == [tier]


def test_the_latest_year_counts(session: Session) -> None:
    provider = make_provider(session, treatments=61)
    fact = {"procedure_code": "64615", "source": Source.MEDICARE, "as_of": TODAY}
    session.add(ProcedureVolume(npi=provider.npi, year=2022, services=90, **fact))
    make_location(session, provider)
    assert {each.treatments for each in listings(session)} == {61}


def test_a_place_without_a_position_has_no_rows(session: Session) -> None:
    location = make_location(session, make_provider(session))
    session.get_one(PracticeLocation, location.id).latitude = None
    location.longitude = location.precision = None
    refresh_listings(session, [location.npi])
    assert listings(session) == []


def test_only_a_confirmed_address_takes_inquiries(session: Session) -> None:
    location = make_location(session, make_provider(session))
    make_clinic(session, location, email_confirmed_at=None)
    assert {each.takes_inquiries for each in listings(session)} == {False}


def test_a_thousand_providers_are_refreshed_in_batches(session: Session) -> None:
    location = make_location(session, make_provider(session))
    refresh_listings(session, [*(str(1_000_000_000 + n) for n in range(1000)), location.npi])
    assert {each.npi for each in listings(session)} == {location.npi}
