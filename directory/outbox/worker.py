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
from directory.outbox.mail.mime import compose_email
from directory.outbox.mail.sender import (
    mail_server_for,
    mail_settings,
    sender_address,
    sender_domain,
)
from directory.outbox.mail.smtp import TIMEOUT_SECONDS, Envelope, Sender
from directory.outbox.outcomes import DeliveryOutcome, OutcomeKind
from directory.privacy.encryption import UnreadableError

LEASE = timedelta(minutes=2)
POLL_SECONDS = 1.0
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)

# A conversation ends well before its lease does, so that no other worker sends the same message.
_LEASE_SHARE = 0.75
_FIRST_PAUSE = 15.0
_LONGEST_PAUSE = 60.0

log = logging.getLogger(__name__)


class Breaker:
    """Spares a mail server that cannot be used: pauses of 15, 30, then 60 seconds."""

    def __init__(self) -> None:
        self._next_pause = _FIRST_PAUSE

    def pause_after(self, outcome: DeliveryOutcome) -> float:
        """Return how many seconds to leave the server alone after this outcome."""
        if not outcome.blames_server:
            self._next_pause = _FIRST_PAUSE
            return 0.0
        pause, self._next_pause = self._next_pause, min(self._next_pause * 2, _LONGEST_PAUSE)
        return pause


class PeriodicTasks:
    """The worker's tasks other than sending, each run in its own transaction.

    A task that fails is logged and retried at its next turn; the others and the mail continue.
    """

    def __init__(self) -> None:
        self._tasks: list[tuple[timedelta, Callable[[Session, datetime], None]]] = [
            (_MINUTE, every_minute),
            (_HOUR, _delete_old),
            (_HOUR, housekeeping),
        ]
        self._due_at = [_LONG_AGO] * len(self._tasks)

    def are_due(self, now: datetime) -> bool:
        """Return True if a task is due."""
        return min(self._due_at) <= now

    def run_one(self, now: datetime) -> None:
        """Run the task that has been due longest, if any; mail waits for one task at most."""
        if not self.are_due(now):
            return
        number = self._due_at.index(min(self._due_at))
        every, task = self._tasks[number]
        self._due_at[number] = now + every
        with writing() as session:
            task(session, now)


class Delivery:
    """Sends messages one after another.

    The outcome of one message is stored in the same transaction that claims the next, and the
    next uses the same connection: a commit and a connection each cost more than sending.
    """

    def __init__(
        self,
        *,
        lease: timedelta = LEASE,
        timeout: float = TIMEOUT_SECONDS,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._lease, self._timeout, self._clock = lease, timeout, clock
        self._sender = Sender()
        self._claimed: Claim | None = None

    def __enter__(self) -> "Delivery":
        return self

    def __exit__(self, *_: object) -> None:
        self._sender.close()

    @property
    def has_claim(self) -> bool:
        """Return True if a message is claimed that the next step will send."""
        return self._claimed is not None

    def step(self, *, may_continue: Callable[[], bool]) -> DeliveryOutcome | None:
        """Try the message that has been due longest; return None when none is due.

        `may_continue` is called afterwards: True claims another message for the next step.
        """
        claim, self._claimed = self._claimed, None
        if claim is None:
            with writing(high_priority=True) as session:
                claim = claim_next(session, now=self._clock(), lease=self._lease)
        if claim is None:
            self._sender.close()
            return None
        return self.send(claim, may_continue=may_continue)

    def send(self, claim: Claim, *, may_continue: Callable[[], bool]) -> DeliveryOutcome:
        """Send the claimed message, store the outcome and return it."""
        # The claim has been committed; its message does not change from here on.
        db.session().close()
        outcome = self._attempt(claim)
        counted = self._settle(claim, outcome, may_continue)
        _log_outcome(claim, outcome)
        if not counted:
            log.warning("another worker took over", extra={"public_id": claim.message.public_id})
        return outcome

    def _attempt(self, claim: Claim) -> DeliveryOutcome:
        settings = mail_settings()
        server = mail_server_for(current_app)
        try:
            data = compose_email(claim.message, settings)
            recipient = claim.message.recipient
        except UnreadableError as error:
            return DeliveryOutcome(OutcomeKind.MISCONFIGURED, None, str(error))
        except ContentError as error:
            return DeliveryOutcome(OutcomeKind.PERMANENT, None, str(error))
        # The guard may have read something: no transaction is open during the conversation.
        db.session().close()
        envelope = Envelope(
            sender=sender_address(settings),
            recipient=recipient or "",
            data=data,
            envelope_id=claim.message.public_id,
        )
        return self._sender.send(
            server,
            envelope,
            local_hostname=sender_domain(settings),
            timeout=self._timeout,
            total=self._lease.total_seconds() * _LEASE_SHARE,
        )

    def _settle(
        self, claim: Claim, outcome: DeliveryOutcome, may_continue: Callable[[], bool]
    ) -> bool:
        """Store the outcome, even if a listener fails.

        If an error of a listener rolled it back, the same email would be sent repeatedly. When
        the database itself is unavailable, the lease decides, and listeners are called then.
        """
        following, listener_failed = None, True
        try:
            with writing(high_priority=True) as session:
                jitter = secrets.SystemRandom().random()
                counted = settle(session, claim, outcome, self._clock(), jitter=jitter)
                if not outcome.blames_server and may_continue():
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


def deliver(claim: Claim, *, lease: timedelta = LEASE) -> DeliveryOutcome:
    """Send the claimed message, store the outcome and return it."""
    with Delivery(lease=lease) as delivery:
        return delivery.send(claim, may_continue=_never)


def run_worker(
    stop: threading.Event,
    *,
    lease: timedelta = LEASE,
    timeout: float = TIMEOUT_SECONDS,
    poll: float = POLL_SECONDS,
) -> None:
    """Send what is due until `stop` is set; a message being sent is finished first."""
    breaker, tasks = Breaker(), PeriodicTasks()

    def may_continue() -> bool:
        return not stop.is_set() and not tasks.are_due(utc_now())

    with Delivery(lease=lease, timeout=timeout) as delivery:
        while not stop.is_set() or delivery.has_claim:
            pause = poll
            try:
                if not delivery.has_claim:
                    tasks.run_one(utc_now())
                outcome = delivery.step(may_continue=may_continue)
                if outcome is not None:
                    pause = breaker.pause_after(outcome)
            except Exception:
                log.exception("a delivery step failed")
            stop.wait(pause)


def drain(*, lease: timedelta = LEASE, timeout: float = TIMEOUT_SECONDS) -> DeliveryOutcome | None:
    """Send all that is due; stop early and return the outcome if the server is unusable."""
    with Delivery(lease=lease, timeout=timeout) as delivery:
        while (outcome := delivery.step(may_continue=lambda: True)) is not None:
            if outcome.blames_server:
                return outcome
    return None


def _never() -> bool:
    return False


def _delete_old(session: Session, now: datetime) -> None:
    delete_old(session, now=now)


def _log_outcome(claim: Claim, outcome: DeliveryOutcome) -> None:
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
            log.error("message permanently refused", extra=fields)
        case _:
            log.warning("message not accepted yet", extra=fields)
