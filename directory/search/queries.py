"""Finding the nearest listings. docs/search.md explains the index behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from directory.geo.circle import Circle
from directory.providers.evidence import Tier
from directory.search.criteria import ENOUGH, PAGE_SIZE, Criteria, Sort
from directory.search.models import Listing


@dataclass(frozen=True)
class Match:
    """A professional, by the listing at the nearest of their places."""

    listing_id: int
    npi: str
    tier: Tier


@dataclass(frozen=True)
class Found:
    """A page of matches, the exact number of all of them, and how far the search went."""

    matches: tuple[Match, ...]
    total: int
    confirmed_or_documented: int
    radius_miles: int


def nearest(
    session: Session, criteria: Criteria, *, page: int = 1, page_size: int = PAGE_SIZE
) -> Found:
    """Return a page of matches in the order asked for, one row a professional.

    Goes further while fewer than three match, and says how far it went.
    """
    found = Found((), 0, 0, criteria.radius_miles)
    for radius_miles in criteria.radii():
        found = within(session, criteria, radius_miles, page=page, page_size=page_size)
        if found.total >= ENOUGH:
            break
    return found


def within(
    session: Session, criteria: Criteria, radius_miles: int, *, page: int, page_size: int
) -> Found:
    """Return a page of the matches within the distance, and no further."""
    circle = Circle(criteria.near, radius_miles)
    folded = _folded(criteria, circle)
    statement = (
        sa.select(
            folded.c.id,
            folded.c.npi,
            folded.c.tier,
            sa.func.count().over().label("total"),
            sa.func.sum(_is_backed(folded.c.tier)).over().label("backed"),
        )
        .where(folded.c.place == 1)
        .order_by(*_order(criteria.sort, folded.c))
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    rows = session.execute(statement).all()
    if not rows:
        total, backed = _counts(session, folded) if page > 1 else (0, 0)
        return Found((), total, backed, radius_miles)
    matches = tuple(Match(row.id, row.npi, Tier(row.tier)) for row in rows)
    return Found(matches, rows[0].total, rows[0].backed, radius_miles)


def _counts(session: Session, folded: sa.Subquery) -> tuple[int, int]:
    """Count without a page: asked only when the page lies behind the last one."""
    backed = sa.func.coalesce(sa.func.sum(_is_backed(folded.c.tier)), 0)
    statement = sa.select(sa.func.count(), backed).where(folded.c.place == 1)
    total, backed_total = session.execute(statement).one()
    return total, backed_total


def _folded(criteria: Criteria, circle: Circle) -> sa.Subquery:
    """Rank each professional's listings by distance; the first stands for them all."""
    at = Listing.__table__.c
    x, y, z = (sa.literal(value, sa.Double) for value in circle.unit_vector)
    chord_squared = (at.x - x) * (at.x - x) + (at.y - y) * (at.y - y) + (at.z - z) * (at.z - z)
    near: Select[Any] = sa.select(
        at.id, at.npi, at.tier, at.treatments, chord_squared.label("chord_squared")
    ).where(*_conditions(criteria, circle), chord_squared <= circle.chord_squared)
    inner = near.subquery("near")
    place = sa.func.row_number().over(
        partition_by=inner.c.npi, order_by=(inner.c.chord_squared, inner.c.id)
    )
    return sa.select(*inner.c, place.label("place")).subquery("folded")


def _conditions(criteria: Criteria, circle: Circle) -> Iterator[ColumnElement[bool]]:
    at = Listing.__table__.c
    yield at.care_group.in_([int(group) for group in criteria.care_groups()])
    yield at.lat_band.in_(list(circle.lat_bands))
    yield sa.or_(*(at.longitude.between(west, east) for west, east in circle.longitude_ranges))
    if criteria.tiers:
        yield at.tier.in_([int(tier) for tier in criteria.tiers])
    if criteria.sex:
        yield at.sex == criteria.sex
    if criteria.accepting_only:
        yield at.is_accepting.is_(True)
    if criteria.inquiries_only:
        yield at.takes_inquiries.is_(True)


def _order(sort: Sort, at: sa.ColumnCollection[str, Any]) -> tuple[ColumnElement[Any], ...]:
    """End with the NPI, so that no two professionals ever stand in an open order."""
    if sort is Sort.DISTANCE:
        return (at.chord_squared, at.npi)
    if sort is Sort.DOCUMENTED:
        return (at.treatments.desc(), at.chord_squared, at.npi)
    return (at.tier, at.chord_squared, at.npi)


def _is_backed(tier: ColumnElement[int]) -> ColumnElement[int]:
    return sa.case((tier <= int(Tier.DOCUMENTED), 1), else_=0)
