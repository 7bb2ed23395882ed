"""Reading whom a sitemap lists: along the key of the listings, never from an offset far in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.clinics.models import Clinic
from directory.geo.gazetteer import find_city
from directory.providers.models import Exclusion, PracticeLocation, Provider
from directory.search.index.models import Listing
from directory.search.query.criteria import ENOUGH

# Each professional has an address in every language; 50,000 is what a sitemap may hold.
LISTINGS_A_SHARD = 10_000


@dataclass(frozen=True)
class SitemapEntry:
    """A professional to be found, and the day their record last changed."""

    npi: str
    changed_on: date


def shard_starts(session: Session, *, size: int = LISTINGS_A_SHARD) -> Iterator[str]:
    """Yield the NPI with which each shard begins. Every listing is passed once, by its key."""
    start = session.scalar(sa.select(sa.func.min(Listing.npi)))
    while start is not None:
        yield start
        start = session.scalar(_start_after(start, size))


def shard(session: Session, first: str, *, size: int = LISTINGS_A_SHARD) -> list[SitemapEntry]:
    """Return who is listed from this NPI on.

    Hidden and deactivated professionals have no listing. An excluded one has, where a waiver lifts
    the exclusion in a state; but their page is not to be found, so they are left out.
    """
    rows = (
        sa.select(Listing.npi, Listing.clinic_id)
        .where(Listing.npi >= first)
        .order_by(Listing.npi, Listing.place)
        .limit(size)
        .subquery()
    )
    statement = (
        sa.select(rows.c.npi, Provider.as_of, sa.func.max(Clinic.facts_confirmed_on))
        .join(Provider, Provider.npi == rows.c.npi)
        .outerjoin(Clinic, Clinic.id == rows.c.clinic_id)
        .where(~_is_excluded(rows.c.npi))
        .group_by(rows.c.npi, Provider.as_of)
        .order_by(rows.c.npi)
    )
    return [
        SitemapEntry(npi, max(as_of, confirmed_on or as_of))
        for npi, as_of, confirmed_on in session.execute(statement)
    ]


def cities_with_enough(session: Session) -> list[str]:
    """Return the cities with so many usual professionals that a search there need not widen."""
    count = sa.func.count(sa.distinct(Listing.npi))
    statement = (
        sa.select(PracticeLocation.city, PracticeLocation.state)
        .join(Listing, Listing.place == PracticeLocation.id)
        .where(Listing.is_shown)
        .group_by(PracticeLocation.city, PracticeLocation.state)
        .having(count >= ENOUGH)
    )
    # Files write a city in several ways; we know it by one.
    cities = (find_city(city, state) for city, state in session.execute(statement))
    return sorted({city.label for city in cities if city})


def _start_after(start: str, size: int) -> sa.Select[str]:
    """Select the first NPI after the shard; of a listing with two places one ends it."""
    last = (
        sa.select(Listing.npi)
        .where(Listing.npi >= start)
        .order_by(Listing.npi, Listing.place)
        .offset(size - 1)
        .limit(1)
        .scalar_subquery()
    )
    return sa.select(Listing.npi).where(Listing.npi > last).order_by(Listing.npi).limit(1)


def _is_excluded(npi: sa.ColumnElement[str]) -> sa.Exists:
    return sa.exists().where(
        Exclusion.npi == npi, Exclusion.reinstated_on.is_(None), Exclusion.gone_on.is_(None)
    )
