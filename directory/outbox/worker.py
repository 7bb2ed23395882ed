"""The worker: takes messages one by one, sends each with no transaction open."""

import logging
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import current_app
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.outbox.actions import Claim, claim_next, delete_old, settle
from directory.outbox.hooks import every_minute, housekeeping
from directory.outbox.mail.content import ContentError
from directory.outbox.mail.mime import composed
from directory.outbox.mail.sender import (
    mail_server_for,
    mail_settings,
    sender_address,
    sender_domain,
)
from directory.outbox.mail.smtp import TIMEOUT_SECONDS, Courier, Envelope
from directory.outbox.outcomes import Outcome, OutcomeKind
from directory.privacy.encryption import UnreadableError

LEASE = timedelta(minutes=2)
POLL_SECONDS = 1.0
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)

# A conversation ends well before its lease does, so that no other worker sends the same.
_SHARE_OF_LEASE = 0.75
_FIRST_PAUSE = 15.0
_LONGEST_PAUSE = 60.0

log = logging.getLogger(__name__)


class Breaker:
    """Spares a mail server that cannot be used: pauses of 15, 30, then 60 seconds."""

    def __init__(self) -> None:
        self._next_pause = _FIRST_PAUSE

    def pause_after(self, outcome: Outcome) -> float:
        """Return how many seconds to leave the server alone after this outcome."""
        if not outcome.blames_server:
            self._next_pause = _FIRST_PAUSE
            return 0.0
        pause, self._next_pause = self._next_pause, min(self._next_pause * 2, _LONGEST_PAUSE)
        return pause


class Chores:
    """What the worker does besides sending, each in a transaction of its own.

    One that fails is logged and tried again at its next turn; the others and the mail go on.
    """

    def __init__(self) -> None:
        self._chores: list[tuple[timedelta, Callable[[Session, datetime], None]]] = [
            (_MINUTE, every_minute),
            (_HOUR, _delete_old),
            (_HOUR, housekeeping),
        ]
        self._due_at = [_LONG_AGO] * len(self._chores)

    def are_due(self, now: datetime) -> bool:
        """Tell whether there is something to do."""
        return min(self._due_at) <= now

    def do_one(self, now: datetime) -> None:
        """Do what has been due longest, if anything; mail never waits for more than one."""
        if not self.are_due(now):
            return
        number = self._due_at.index(min(self._due_at))
        every, chore = self._chores[number]
        self._due_at[number] = now + every
        with writing() as session:
            chore(session, now)


class Delivery:
    """Sends one message after another.

    How one ended is written down together with the claim of the next, and the next goes over
    the same connection: a commit and a connection each cost more than the sending itself.
    """

    def __init__(
        self,
        *,
        lease: timedelta = LEASE,
        timeout: float = TIMEOUT_SECONDS,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._lease, self._timeout, self._clock = lease, timeout, clock
        self._courier = Courier()
        self._claimed: Claim | None = None

    def __enter__(self) -> "Delivery":
        return self

    def __exit__(self, *_: object) -> None:
        self._courier.close()

    @property
    def has_claim(self) -> bool:
        """Tell whether a message is claimed that the next step will send."""
        return self._claimed is not None

    def step(self, *, goes_on: Callable[[], bool]) -> Outcome | None:
        """Try the message that has been due longest; return None when none is due.

        `goes_on` is asked afterwards whether to claim another for the next step.
        """
        claim, self._claimed = self._claimed, None
        if claim is None:
            with writing(goes_first=True) as session:
                claim = claim_next(session, now=self._clock(), lease=self._lease)
        if claim is None:
            self._courier.close()
            return None
        return self.send(claim, goes_on=goes_on)

    def send(self, claim: Claim, *, goes_on: Callable[[], bool]) -> Outcome:
        """Send the claimed message, write down how it ended, and return that."""
        # The claim has been committed; what it holds stays as it is from here on.
        db.session().close()
        outcome = self._attempt(claim)
        counted = self._settle(claim, outcome, goes_on)
        _log(claim, outcome)
        if not counted:
            log.warning("another worker took over", extra={"public_id": claim.message.public_id})
        return outcome

    def _attempt(self, claim: Claim) -> Outcome:
        settings = mail_settings()
        server = mail_server_for(current_app)
        try:
            data = composed(claim.message, settings)
            recipient = claim.message.recipient
        except UnreadableError as error:
            return Outcome(OutcomeKind.MISCONFIGURED, None, str(error))
        except ContentError as error:
            return Outcome(OutcomeKind.PERMANENT, None, str(error))
        # The guard may have read something: nothing stays open while we talk to the server.
        db.session().close()
        envelope = Envelope(
            sender=sender_address(settings),
            recipient=recipient or "",
            data=data,
            envelope_id=claim.message.public_id,
        )
        return self._courier.send(
            server,
            envelope,
            local_hostname=sender_domain(settings),
            timeout=self._timeout,
            total=self._lease.total_seconds() * _SHARE_OF_LEASE,
        )

    def _settle(self, claim: Claim, outcome: Outcome, goes_on: Callable[[], bool]) -> bool:
        """Write down the outcome, whatever goes wrong with those who listen to it.

        If a listener's error undid the settling, the same email would go out again and again.
        When the database itself is away the lease decides, and listeners are told then.
        """
        following, listener_failed = None, True
        try:
            with writing(goes_first=True) as session:
                jitter = secrets.SystemRandom().random()
                counted = settle(session, claim, outcome, self._clock(), jitter=jitter)
                if not outcome.blames_server and goes_on():
                    following = claim_next(session, now=self._clock(), lease=self._lease)
            listener_failed = False
        except OperationalError:
            listener_failed = False
            raise
        finally:
            if listener_failed:
                with writing() as session:
                    settle(session, claim, outcome, self._clock(), tell_listeners=False)
        self._claimed = following
        return counted


def deliver_next(
    *,
    lease: timedelta = LEASE,
    timeout: float = TIMEOUT_SECONDS,
    clock: Callable[[], datetime] = utc_now,
) -> Outcome | None:
    """Try the message that has been due longest; return None when none is due."""
    with Delivery(lease=lease, timeout=timeout, clock=clock) as delivery:
        return delivery.step(goes_on=_not_now)


def deliver(claim: Claim, *, lease: timedelta = LEASE) -> Outcome:
    """Send the claimed message, write down how it ended, and return that."""
    with Delivery(lease=lease) as delivery:
        return delivery.send(claim, goes_on=_not_now)


def run_worker(
    stop: threading.Event,
    *,
    lease: timedelta = LEASE,
    timeout: float = TIMEOUT_SECONDS,
    poll: float = POLL_SECONDS,
) -> None:
    """Send what is due until told to stop; the message at hand is finished first."""
    breaker, chores = Breaker(), Chores()

    def goes_on() -> bool:
        return not stop.is_set() and not chores.are_due(utc_now())

    with Delivery(lease=lease, timeout=timeout) as delivery:
        while not stop.is_set() or delivery.has_claim:
            pause = poll
            try:
                if not delivery.has_claim:
                    chores.do_one(utc_now())
                outcome = delivery.step(goes_on=goes_on)
                if outcome is not None:
                    pause = breaker.pause_after(outcome)
            except Exception:
                log.exception("a delivery step failed")
            stop.wait(pause)


def drain(*, lease: timedelta = LEASE, timeout: float = TIMEOUT_SECONDS) -> Outcome | None:
    """Send all that is due. Ends early with the outcome that says the server is unusable."""
    with Delivery(lease=lease, timeout=timeout) as delivery:
        while (outcome := delivery.step(goes_on=lambda: True)) is not None:
            if outcome.blames_server:
                return outcome
    return None


def _not_now() -> bool:
    return False


def _delete_old(session: Session, now: datetime) -> None:
    delete_old(session, now=now)


def _log(claim: Claim, outcome: Outcome) -> None:
    fields = {
        "public_id": claim.message.public_id,
        "kind": claim.message.kind.value,
        "attempt": claim.attempt,
        "outcome": outcome.kind.value,
        "phase": outcome.phase.value if outcome.phase else None,
    }
    match outcome.kind:
        case OutcomeKind.HANDED_OFF:
            log.info("message handed off", extra=fields)
        case OutcomeKind.MISCONFIGURED:
            log.error("mail cannot be sent", extra={**fields, "detail": outcome.detail})
        case OutcomeKind.PERMANENT:
            log.error("message refused for good", extra=fields)
        case _:
            log.warning("message not taken yet", extra=fields)
