"""Taking a step: the only way an inquiry gets from one state to another."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from directory.core.dataclass_json import from_json, to_json
from directory.core.tokens import new_public_id
from directory.inquiries.lifecycle.event_details import Details
from directory.inquiries.models import Inquiry, InquiryEvent
from directory.inquiries.states import ANSWERS, ENDED, Actor, InquiryState, check_step

ENDS_AFTER = timedelta(days=60)  # without any step
KEPT_AFTER_END = timedelta(days=30)
KEPT_AT_MOST = timedelta(days=365)  # after sending


def move(
    session: Session,
    inquiry: Inquiry,
    state: InquiryState,
    *,
    actor: Actor,
    now: datetime,
    details: Details | None = None,
) -> InquiryEvent:
    """Take a step of the table and leave an event; raise `StepNotAllowedError` otherwise."""
    check_step(inquiry.state, state, actor)
    inquiry.state = state
    if state is InquiryState.HANDED_OFF:
        inquiry.handed_off_at = now
    if state is InquiryState.OPENED and inquiry.opened_at is None:
        inquiry.opened_at = now
    if state in ANSWERS and actor is Actor.CLINIC and inquiry.answered_at is None:
        inquiry.answered_at = now
    _set_ends(inquiry, details, now)
    event = add_event(session, inquiry, actor=actor, now=now, details=details)
    session.flush()
    return event


def add_event(
    session: Session,
    inquiry: Inquiry,
    *,
    actor: Actor,
    now: datetime,
    details: Details | None = None,
) -> InquiryEvent:
    """Write down what happened in the present state of the inquiry."""
    event = InquiryEvent(public_id=new_public_id(), at=now, actor=actor, state=inquiry.state)
    event.inquiry = inquiry
    if details is not None:
        event.details = to_json(details)
    session.add(event)
    return event


def details_of(event: InquiryEvent) -> Details | None:
    """Return what was written with a step, or None: nothing was, or it has been deleted."""
    return from_json(Details, event.details) if event.details else None


def keep_at_most(inquiry: Inquiry, until: datetime) -> None:
    """Have the answers deleted at this moment, and a year after sending at the latest."""
    if inquiry.deleted_at is None:
        inquiry.delete_at = min(until, inquiry.sent_at + KEPT_AT_MOST)


def _set_ends(inquiry: Inquiry, details: Details | None, now: datetime) -> None:
    if inquiry.state is InquiryState.REPEAT_DUE:
        return  # it had ended before, and keeps as long as it was to
    if inquiry.state in ENDED:
        # A treatment that may be repeated keeps longer; whoever marks it says so afterwards.
        keep_at_most(inquiry, now + KEPT_AFTER_END)
        return
    latest = max(details.times, default=now) if details else now
    inquiry.expire_at = max(now, latest) + ENDS_AFTER
