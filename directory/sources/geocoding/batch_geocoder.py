"""Refining positions: the operator's geocoder is asked for practice addresses, politely.

No transaction is open while it is asked, and answers are kept batch by batch: a run that ends
early has lost next to nothing, and the next one goes on where it stopped.
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
from directory.sources.geocoding.results import Address, Answer, Outcome, judged
from directory.sources.loading.practice_locations import (
    place_exactly,
    whose_places_are_known_better,
)

Item = TypeVar("Item")

_TIMEOUT_SECONDS = 10
_MOST_ERRORS = 5  # in a row
# Each below the 999 parameters that old SQLite builds allow.
_SELECTED = 500
_MOVED = 400
# What PostgreSQL says when somebody else is changing a row.
_LOCK_NOT_AVAILABLE = "55P03"


class GeocoderFailingError(DirectoryError):
    """The geocoder fails again and again."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"The geocoder failed {_MOST_ERRORS} times in a row, at last with {kind}. What was "
            "found is kept, and the next run goes on from there."
        )
        self.kind = kind


@dataclass(frozen=True)
class Wishes:
    """What the operator asks of a run."""

    limit: int | None = None  # addresses to be asked
    per_batch: int = 20
    # Ask again for what was not found, when that is so long ago.
    again_after: timedelta | None = None


@dataclass
class Summary:
    """What became of the addresses."""

    found: int = 0
    not_found: int = 0
    namesakes: int = 0
    errors: int = 0
    known: int = 0  # professionals with a place that was found before but not moved
    waiting: int = 0  # answers whose places an import will move, since it is changing them

    @property
    def asked(self) -> int:
        """How many requests were made."""
        return self.found + self.not_found + self.namesakes + self.errors


class Pace:
    """Keeps the time between two requests."""

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


class Refining:
    """One run; its summary counts even when it ends with an error."""

    def __init__(
        self,
        geocoder: Geocoder,
        wishes: Wishes,
        pace: Pace,
        *,
        tell: Callable[[Summary], None] = lambda _summary: None,
    ) -> None:
        self.summary = Summary()
        self._geocoder = geocoder
        self._wishes = wishes
        self._pace = pace
        self._tell = tell
        again_after = wishes.again_after
        self._asked_before = None if again_after is None else utc_now() - again_after
        self._failed: set[str] = set()
        self._errors_in_a_row = 0

    def count(self) -> int:
        """Return how many addresses this run will ask for."""
        session = db.session()
        due = _due_addresses(self._asked_before).subquery()
        count = session.scalar(sa.select(sa.func.count()).select_from(due)) or 0
        session.rollback()
        return count if self._wishes.limit is None else min(count, self._wishes.limit)

    def run(self) -> None:
        """Ask for one address after the other; raise `GeocoderFailingError` when that is vain."""
        self._move_what_is_known()
        while addresses := self._select():
            for batch in _batches(addresses, self._wishes.per_batch):
                self._ask_and_keep(batch)
                self._tell(self.summary)
        if self.summary.waiting:
            self._move_what_is_known()

    def _select(self) -> list[Address]:
        limit = _SELECTED
        if self._wishes.limit is not None:
            limit = min(limit, self._wishes.limit - self.summary.asked)
        if limit <= 0:
            return []
        session = db.session()
        addresses = _find_addresses(session, self._asked_before, limit, self._failed)
        session.rollback()
        return addresses

    def _ask_and_keep(self, addresses: Sequence[Address]) -> None:
        answers: list[Answer] = []
        try:
            answers.extend(answer for address in addresses if (answer := self._ask(address)))
        finally:
            # Whatever ended the batch, what was answered until then is not asked again.
            if answers:
                self._keep(answers)

    def _ask(self, address: Address) -> Answer | None:
        self._pace.wait()
        try:
            location = self._geocoder.geocode(
                address.text, exactly_one=True, timeout=_TIMEOUT_SECONDS
            )
        except GeopyError as error:
            self._note_failure(address, error)
            return None
        self._errors_in_a_row = 0
        answer = judged(address, location)
        self.summary.found += answer.outcome is Outcome.FOUND
        self.summary.not_found += answer.outcome is Outcome.NOT_FOUND
        self.summary.namesakes += answer.outcome is Outcome.NAMESAKE
        return answer

    def _note_failure(self, address: Address, error: GeopyError) -> None:
        """Leave the address to a later run; the error's text may hold a key, so only its kind."""
        self.summary.errors += 1
        self._failed.add(address.key)
        self._errors_in_a_row += 1
        if self._errors_in_a_row >= _MOST_ERRORS:
            raise GeocoderFailingError(type(error).__name__) from error

    def _keep(self, answers: Sequence[Answer]) -> None:
        found = [answer for answer in answers if answer.point is not None]
        with writing() as session:
            now = utc_now()
            for answer in answers:
                session.merge(_row(answer, now))
            session.flush()
            if not _move(session, {npi for answer in found for npi in answer.address.npis}):
                self.summary.waiting += len(found)

    def _move_what_is_known(self) -> None:
        """Move what was found before, but was not there to be moved, or just being changed."""
        session = db.session()
        npis = whose_places_are_known_better(session)
        session.rollback()
        for batch in _batches(npis, _MOVED):
            with writing() as writer:
                self.summary.known += len(batch) if _move(writer, batch) else 0


def _row(answer: Answer, now: datetime) -> GeocodedAddress:
    point = answer.point
    return GeocodedAddress(
        address_key=answer.address.key,
        latitude=point.latitude if point else None,
        longitude=point.longitude if point else None,
        asked_at=now,
    )


def _due_addresses(asked_before: datetime | None) -> sa.Select[str, str, str, str, str]:
    """Select what is to be asked: the listed of the usual specialties, and many's, first."""
    at, asked = PracticeLocation, GeocodedAddress
    is_due: list[sa.ColumnElement[bool]] = [asked.address_key.is_(None)]
    if asked_before is not None:
        is_due.append(sa.and_(asked.latitude.is_(None), asked.asked_at < asked_before))
    is_listed = sa.exists().where(Listing.npi == at.npi, Listing.is_shown)
    return (
        sa.select(
            at.address_key,
            sa.func.min(at.line1).label("line1"),
            sa.func.min(at.city).label("city"),
            sa.func.min(at.state).label("state"),
            sa.func.min(at.zip_code).label("zip_code"),
        )
        .outerjoin(asked, asked.address_key == at.address_key)
        .where(
            at.gone_on.is_(None),
            at.source != Source.DEMO,  # invented
            # Without a position of the ZIP code there is nothing to check an answer with.
            at.latitude.is_not(None),
            at.precision != Precision.EXACT,
            *(~at.address_key.like(f"_____ {box}%") for box in ("po box", "p o box")),
            sa.or_(*is_due),
        )
        .group_by(at.address_key)
        .order_by(
            sa.func.max(sa.case((is_listed, 1), else_=0)).desc(),
            sa.func.count(at.npi.distinct()).desc(),
            at.address_key,
        )
    )


def _find_addresses(
    session: Session, asked_before: datetime | None, limit: int, failed: set[str]
) -> list[Address]:
    # Those that failed in this run come up again, and are not wanted again.
    due = session.execute(_due_addresses(asked_before).limit(limit + len(failed))).all()
    rows = [row for row in due if row.address_key not in failed][:limit]
    at = PracticeLocation
    pairs = session.execute(
        sa.select(at.address_key, at.npi)
        .where(at.gone_on.is_(None), at.address_key.in_([row.address_key for row in rows]))
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


def _move(session: Session, npis: Iterable[str]) -> bool:
    """Move these people's places to what is known of them; False if somebody is at them.

    Only an import keeps rows for long. Waiting for it could end in a deadlock, so the moving
    is left to its last step, or to the next run.
    """
    try:
        with session.begin_nested():
            for batch in _batches(sorted(npis), _MOVED):
                for model in (PracticeLocation, Listing):
                    rows = sa.select(model.npi).where(model.npi.in_(batch))
                    session.execute(rows.with_for_update(nowait=True))
                moved = place_exactly(session, PracticeLocation.npi.in_(batch))
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
