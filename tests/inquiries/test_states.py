"""The table of steps, and what the worker's news does to an inquiry."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.core.clock import utc_now
from directory.core.database import writing
from directory.inquiries.actions import move
from directory.inquiries.models import Actor, Inquiry, InquiryEvent
from directory.inquiries.states import InquiryState, StepNotAllowedError, can_become, check_step
from directory.outbox.actions import claim_message, claim_next, retry, settle
from directory.outbox.models import OutboxMessage, Phase
from directory.outbox.outcomes import Outcome, OutcomeKind
from tests.inquiries.patient import open_clinic, send_inquiry, stored

SENT, HANDED_OFF = InquiryState.SENT, InquiryState.HANDED_OFF
OPENED, UNDELIVERABLE = InquiryState.OPENED, InquiryState.UNDELIVERABLE
ALLOWED = {
    (SENT, HANDED_OFF),
    (SENT, OPENED),
    (SENT, UNDELIVERABLE),
    (HANDED_OFF, OPENED),
    (HANDED_OFF, UNDELIVERABLE),
    (UNDELIVERABLE, HANDED_OFF),
    (UNDELIVERABLE, OPENED),
}
TAKEN = Outcome(OutcomeKind.HANDED_OFF, Phase.DOT, "The server has taken the message.")
REFUSED = Outcome(OutcomeKind.PERMANENT, Phase.RCPT, "The server said 550 unknown")
BUSY = Outcome(OutcomeKind.TEMPORARY, Phase.RCPT, "The server said 450 busy")


@pytest.mark.parametrize("present", list(InquiryState))
@pytest.mark.parametrize("wanted", list(InquiryState))
def test_the_table_allows_these_steps_and_no_others(
    present: InquiryState, wanted: InquiryState
) -> None:
    assert can_become(present, wanted) == ((present, wanted) in ALLOWED)
    if (present, wanted) not in ALLOWED:
        with pytest.raises(StepNotAllowedError, match=f"is {present.value} cannot"):
            check_step(present, wanted)


def test_a_step_leaves_an_event_and_its_time(app: Flask) -> None:
    send_inquiry(app, open_clinic())
    now = utc_now()
    with writing() as session:
        move(session, session.query(Inquiry).one(), OPENED, actor=Actor.CLINIC, now=now)
    assert stored(Inquiry)[0].opened_at == now
    last = stored(InquiryEvent)[-1]
    assert (last.actor, last.state, last.at) == (Actor.CLINIC, OPENED, now)


def test_a_forbidden_step_changes_nothing(app: Flask) -> None:
    send_inquiry(app, open_clinic())
    with pytest.raises(StepNotAllowedError), writing() as session:
        inquiry = session.query(Inquiry).one()
        move(session, inquiry, OPENED, actor=Actor.CLINIC, now=utc_now())
        move(session, inquiry, HANDED_OFF, actor=Actor.WORKER, now=utc_now())
    assert stored(Inquiry)[0].state is SENT


def settle_all(session: Session, outcome: Outcome) -> None:
    now = utc_now() + timedelta(seconds=1)
    while claim := claim_next(session, now=now, lease=timedelta(minutes=2)):
        settle(session, claim, outcome, now)


@pytest.mark.parametrize(
    ("outcome", "state"), [(TAKEN, HANDED_OFF), (REFUSED, UNDELIVERABLE), (BUSY, SENT)]
)
def test_the_inquiry_follows_its_email(app: Flask, outcome: Outcome, state: InquiryState) -> None:
    send_inquiry(app, open_clinic())
    with writing() as session:
        settle_all(session, outcome)
    [inquiry] = stored(Inquiry)
    assert inquiry.state is state
    assert (inquiry.handed_off_at is not None) == (state is HANDED_OFF)
    assert stored(InquiryEvent)[-1].state is state


@pytest.mark.parametrize("outcome", [TAKEN, REFUSED])
def test_an_opened_inquiry_stays_opened(app: Flask, outcome: Outcome) -> None:
    send_inquiry(app, open_clinic())
    with writing() as session:
        move(session, session.query(Inquiry).one(), OPENED, actor=Actor.CLINIC, now=utc_now())
        settle_all(session, outcome)
    assert stored(Inquiry)[0].state is OPENED


def test_a_corrected_address_makes_it_deliverable(app: Flask) -> None:
    send_inquiry(app, open_clinic())
    with writing() as session:
        settle_all(session, REFUSED)
        found = session.query(OutboxMessage).filter(OutboxMessage.subject_id.is_not(None)).one()
        message = retry(session, found.public_id, utc_now())
        claim = claim_message(session, message, now=utc_now(), lease=timedelta(minutes=2))
        assert claim is not None
        settle(session, claim, TAKEN, utc_now())
    assert stored(Inquiry)[0].state is HANDED_OFF
