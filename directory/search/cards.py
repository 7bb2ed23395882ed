"""Loading what a page of results shows, for the winners only."""

from collections import defaultdict
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.clinics.models import Clinic
from directory.clinics.queries import confirmations_by_npi
from directory.geo.points import Point, miles_between
from directory.providers.models import PracticeLocation, Provider
from directory.providers.queries import (
    clinicians_by_npi,
    experience_of,
    latest_full_releases,
    licenses_by_npi,
    taxonomies_by_npi,
    taxonomy_names,
    volumes_by_npi,
)
from directory.search.criteria import PAGE_SIZE, Criteria
from directory.search.facts import (
    evidence_of,
    license_fact,
    license_for,
    place_of,
    specialty_of,
    taxonomy_name_of,
)
from directory.search.models import Listing
from directory.search.places import filled, is_same_place
from directory.search.queries import Found, nearest
from directory.search.results import Result, ResultPage


def result_page(session: Session, criteria: Criteria, *, page: int, today: date) -> ResultPage:
    """Return one page of results, ready to be shown."""
    found = nearest(session, criteria, page=page)
    return ResultPage(
        results=tuple(_results(session, criteria, found, page, today)),
        total=found.total,
        confirmed_or_documented=found.confirmed_or_documented,
        radius_miles=found.radius_miles,
        asked_miles=criteria.radius_miles,
        page=page,
        pages=max(1, -(-found.total // PAGE_SIZE)),
    )


def _results(
    session: Session, criteria: Criteria, found: Found, page: int, today: date
) -> list[Result]:
    npis = [match.npi for match in found.matches]
    rows = _rows(session, [match.listing_id for match in found.matches])
    duplicates = _duplicates(session, npis)
    licenses = licenses_by_npi(session, npis)
    codes = taxonomies_by_npi(session, npis)
    names = taxonomy_names(session, codes)
    volumes = volumes_by_npi(session, npis)
    confirmations = confirmations_by_npi(session, npis)
    clinicians = clinicians_by_npi(session, npis)
    releases = latest_full_releases(session)
    results = []
    for index, match in enumerate(found.matches):
        listing, provider, location, clinic = rows[match.listing_id]
        npi, point = provider.npi, Point(listing.latitude, listing.longitude)
        same = [each for each in duplicates[npi] if location and is_same_place(each, location)]
        place = filled(place_of(provider, location, clinic, releases), same)
        own_license = license_for(licenses[npi], place.state)
        results.append(
            Result(
                number=(page - 1) * PAGE_SIZE + index + 1,
                npi=npi,
                is_individual=provider.is_individual,
                full_name=provider.full_name,
                sex=provider.sex,
                specialty=specialty_of(codes[npi]),
                taxonomy_name=taxonomy_name_of(codes[npi], names),
                evidence=evidence_of(codes[npi], volumes[npi], confirmations.get(npi)),
                miles=miles_between(criteria.near, point),
                point=point,
                precision=place.precision,
                place_name=place.name,
                line1=place.line1,
                line2=place.line2,
                city=place.city,
                state=place.state,
                zip_code=place.zip_code,
                phone=place.phone,
                location_source=place.source,
                location_as_of=place.as_of,
                license=license_fact(own_license, releases) if own_license else None,
                experience=experience_of(provider, licenses[npi], clinicians.get(npi), today=today),
                accepting=place.accepting,
                accepting_as_of=place.accepting_as_of,
                clinic_public_id=clinic.public_id if clinic else None,
                takes_inquiries=clinic is not None and clinic.takes_inquiries,
            )
        )
    return results


def _rows(session: Session, listing_ids: list[int]) -> dict[int, Any]:
    statement = (
        sa.select(Listing.id, Listing, Provider, PracticeLocation, Clinic)
        .join(Provider, Provider.npi == Listing.npi)
        .outerjoin(PracticeLocation, PracticeLocation.id == Listing.practice_location_id)
        .outerjoin(Clinic, Clinic.id == Listing.clinic_id)
        .where(Listing.id.in_(listing_ids))
    )
    return {row[0]: row[1:] for row in session.execute(statement)}


def _duplicates(session: Session, npis: list[str]) -> dict[str, list[PracticeLocation]]:
    """Return what else is stated of places: a file that names the practice often has no phone."""
    at = PracticeLocation
    statement = sa.select(at).where(at.npi.in_(npis), at.is_duplicate, at.gone_on.is_(None))
    found: dict[str, list[PracticeLocation]] = defaultdict(list)
    for location in session.scalars(statement.order_by(at.id)):
        found[location.npi].append(location)
    return found
