"""Geocodes practice addresses with the operator's geocoder, at a limited rate.

No transaction is open during a request, and results are stored batch by batch: a run that ends
early loses almost nothing, and the next run continues where it stopped.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa
from geopy.exc import GeopyError
from geopy.geocoders.base import Geocoder
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.errors import DirectoryError
from directory.geo.points import Precision
from directory.providers.models import GeocodedAddress, PracticeLocation, Source
from directory.search.index.listings import refresh_listings
from directory.search.index.models import Listing
from directory.sources.geocoding.results import Address, GeocodingOutcome, GeocodingResult, assess
from directory.sources.loading.practice_locations import (
    apply_positions,
    npis_with_unapplied_positions,
)

Item = TypeVar("Item")

_TIMEOUT_SECONDS = 10
_MOST_ERRORS = 5  # in a row
# Below the limit of 999 parameters in old SQLite builds.
_SELECT_BATCH = 500
_MOVE_BATCH = 400
# The SQLSTATE of PostgreSQL for a row locked by another transaction.
_LOCK_NOT_AVAILABLE = "55P03"


class GeocoderFailingError(DirectoryError):
    """The geocoder failed several times in a row."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"The geocoder failed {_MOST_ERRORS} times in a row, at last with {kind}. What was "
            "found is kept, and the next run goes on from there."
        )
        self.kind = kind


@dataclass(frozen=True)
class Options:
    """The options of a run."""

    limit: int | None = None  # the number of addresses to request
    per_batch: int = 20
    # Retry addresses not found, after this time.
    again_after: timedelta | None = None


@dataclass
class Summary:
    """Counts of the results."""

    found: int = 0
    not_found: int = 0
    wrong_places: int = 0
    errors: int = 0
    known: int = 0  # providers whose known position was not applied before
    waiting: int = 0  # results left to a running import, which has the rows locked

    @property
    def asked(self) -> int:
        """The number of requests made."""
        return self.found + self.not_found + self.wrong_places + self.errors


class RateLimiter:
    """Limits the rate of requests."""

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._next = float("-inf")

    def wait(self) -> None:
        """Return when the next request may be made."""
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._gap


class BatchGeocoder:
    """One run; its summary is valid even if it ends with an error."""

    def __init__(
        self,
        geocoder: Geocoder,
        options: Options,
        rate_limiter: RateLimiter,
        *,
        tell: Callable[[Summary], None] = lambda _summary: None,
    ) -> None:
        self.summary = Summary()
        self._geocoder = geocoder
        self._options = options
        self._rate_limiter = rate_limiter
        self._tell = tell
        again_after = options.again_after
        self._asked_before = None if again_after is None else utc_now() - again_after
        self._failed: set[str] = set()
        self._errors_in_a_row = 0

    def count(self) -> int:
        """Return the number of addresses that this run will request."""
        session = db.session()
        due = _due_addresses(self._asked_before).subquery()
        count = session.scalar(sa.select(sa.func.count()).select_from(due)) or 0
        session.rollback()
        return count if self._options.limit is None else min(count, self._options.limit)

    def run(self) -> None:
        """Request one address after another; raise `GeocoderFailingError` on repeated errors."""
        self._apply_known_positions()
        while addresses := self._select():
            for batch in _batches(addresses, self._options.per_batch):
                self._geocode_batch(batch)
                self._tell(self.summary)
        if self.summary.waiting:
            self._apply_known_positions()

    def _select(self) -> list[Address]:
        limit = _SELECT_BATCH
        if self._options.limit is not None:
            limit = min(limit, self._options.limit - self.summary.asked)
        if limit <= 0:
            return []
        session = db.session()
        addresses = _find_addresses(session, self._asked_before, limit, self._failed)
        session.rollback()
        return addresses

    def _geocode_batch(self, addresses: Sequence[Address]) -> None:
        answers: list[GeocodingResult] = []
        try:
            answers.extend(answer for address in addresses if (answer := self._geocode(address)))
        finally:
            # Even if the batch ends early, its results are not requested again.
            if answers:
                self._store(answers)

    def _geocode(self, address: Address) -> GeocodingResult | None:
        self._rate_limiter.wait()
        try:
            location = self._geocoder.geocode(
                address.text, exactly_one=True, timeout=_TIMEOUT_SECONDS
            )
        except GeopyError as error:
            self._note_failure(address, error)
            return None
        self._errors_in_a_row = 0
        answer = assess(address, location)
        self.summary.found += answer.outcome is GeocodingOutcome.FOUND
        self.summary.not_found += answer.outcome is GeocodingOutcome.NOT_FOUND
        self.summary.wrong_places += answer.outcome is GeocodingOutcome.WRONG_PLACE
        return answer

    def _note_failure(self, address: Address, error: GeopyError) -> None:
        """Leave the address to a later run. Only the error's type: its text may hold an API key."""
        self.summary.errors += 1
        self._failed.add(address.key)
        self._errors_in_a_row += 1
        if self._errors_in_a_row >= _MOST_ERRORS:
            raise GeocoderFailingError(type(error).__name__) from error

    def _store(self, answers: Sequence[GeocodingResult]) -> None:
        found = [answer for answer in answers if answer.point is not None]
        with writing() as session:
            now = utc_now()
            for answer in answers:
                session.merge(_row(answer, now))
            session.flush()
            if not _apply_positions(
                session, {npi for answer in found for npi in answer.address.npis}
            ):
                self.summary.waiting += len(found)

    def _apply_known_positions(self) -> None:
        """Apply positions found before, whose rows were missing or locked at the time."""
        session = db.session()
        npis = npis_with_unapplied_positions(session)
        session.rollback()
        for batch in _batches(npis, _MOVE_BATCH):
            with writing() as writer:
                self.summary.known += len(batch) if _apply_positions(writer, batch) else 0


def _row(answer: GeocodingResult, now: datetime) -> GeocodedAddress:
    point = answer.point
    return GeocodedAddress(
        address_key=answer.address.key,
        latitude=point.latitude if point else None,
        longitude=point.longitude if point else None,
        asked_at=now,
    )


def _due_addresses(asked_before: datetime | None) -> sa.Select[str, str, str, str, str]:
    """Select the addresses to request: those of listed and of many providers first."""
    asked = GeocodedAddress
    is_due: list[sa.ColumnElement[bool]] = [asked.address_key.is_(None)]
    if asked_before is not None:
        is_due.append(sa.and_(asked.latitude.is_(None), asked.asked_at < asked_before))
    is_listed = sa.exists().where(Listing.npi == PracticeLocation.npi, Listing.is_shown)
    return (
        sa.select(
            PracticeLocation.address_key,
            sa.func.min(PracticeLocation.line1).label("line1"),
            sa.func.min(PracticeLocation.city).label("city"),
            sa.func.min(PracticeLocation.state).label("state"),
            sa.func.min(PracticeLocation.zip_code).label("zip_code"),
        )
        .outerjoin(asked, asked.address_key == PracticeLocation.address_key)
        .where(
            PracticeLocation.gone_on.is_(None),
            PracticeLocation.source != Source.DEMO,  # invented
            # Without a position of the ZIP code a result cannot be checked.
            PracticeLocation.latitude.is_not(None),
            PracticeLocation.precision != Precision.EXACT,
            *(~PracticeLocation.address_key.like(f"_____ {box}%") for box in ("po box", "p o box")),
            sa.or_(*is_due),
        )
        .group_by(PracticeLocation.address_key)
        .order_by(
            sa.func.max(sa.case((is_listed, 1), else_=0)).desc(),
            sa.func.count(PracticeLocation.npi.distinct()).desc(),
            PracticeLocation.address_key,
        )
    )


def _find_addresses(
    session: Session, asked_before: datetime | None, limit: int, failed: set[str]
) -> list[Address]:
    # Addresses that failed in this run are selected again, and skipped here.
    due = session.execute(_due_addresses(asked_before).limit(limit + len(failed))).all()
    rows = [row for row in due if row.address_key not in failed][:limit]
    pairs = session.execute(
        sa.select(PracticeLocation.address_key, PracticeLocation.npi)
        .where(
            PracticeLocation.gone_on.is_(None),
            PracticeLocation.address_key.in_([row.address_key for row in rows]),
        )
        .distinct()
    )
    npis = defaultdict(list)
    for key, npi in pairs:
        npis[key].append(npi)
    return [
        Address(
            key=row.address_key,
            line1=row.line1,
            city=row.city,
            state=row.state,
            zip_code=row.zip_code,
            npis=tuple(npis[row.address_key]),
        )
        for row in rows
    ]


def _apply_positions(session: Session, npis: Iterable[str]) -> bool:
    """Apply the known positions of these providers; return False if their rows are locked.

    Only an import locks rows for long. Waiting for it could cause a deadlock, so the import
    applies the positions in its last step, or the next run does.
    """
    try:
        with session.begin_nested():
            for batch in _batches(sorted(npis), _MOVE_BATCH):
                for model in (PracticeLocation, Listing):
                    rows = sa.select(model.npi).where(model.npi.in_(batch))
                    session.execute(rows.with_for_update(nowait=True))
                moved = apply_positions(session, PracticeLocation.npi.in_(batch))
                refresh_listings(session, moved)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
