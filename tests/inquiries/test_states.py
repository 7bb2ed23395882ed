"""The table of steps: who may take which, and what each leaves."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from directory.inquiries.lifecycle.event_details import Details
from directory.inquiries.lifecycle.transitions import (
    ENDS_AFTER,
    KEPT_AFTER_END,
    KEPT_AT_MOST,
    keep_at_most,
    move,
)
from directory.inquiries.models import Inquiry
from directory.inquiries.states import (
    ANSWERS,
    ENDED,
    UNOPENED,
    Actor,
    InquiryState,
    StepNotAllowedError,
    can_become,
    check_step,
    steps_of,
)
from tests.factories import make_clinic, make_inquiry

S = InquiryState
NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
TALKING = {S.OPENED, S.NEEDS_INFORMATION, S.TIMES_PROPOSED, S.WAIT_LIST, S.ACCEPTED}
OPEN = {S.SENT, S.HANDED_OFF, S.UNDELIVERABLE, *TALKING, S.SCHEDULED}
CLINIC = {
    **{state: {S.OPENED} for state in UNOPENED},
    **{state: set(ANSWERS) for state in TALKING},
    S.ACCEPTED: {*ANSWERS, S.COMPLETED},
    S.SCHEDULED: {S.TIMES_PROPOSED, S.DECLINED, S.COMPLETED},
}
PATIENT = {
    **{state: {S.WITHDRAWN} for state in OPEN},
    S.NEEDS_INFORMATION: {S.OPENED, S.WITHDRAWN},
    S.TIMES_PROPOSED: {S.OPENED, S.SCHEDULED, S.WITHDRAWN},
    S.ACCEPTED: {S.COMPLETED, S.WITHDRAWN},
    S.SCHEDULED: {S.COMPLETED, S.WITHDRAWN},
}
WORKER = {
    **{state: {S.EXPIRED} for state in OPEN},
    S.SENT: {S.HANDED_OFF, S.UNDELIVERABLE, S.EXPIRED},
    S.HANDED_OFF: {S.UNDELIVERABLE, S.EXPIRED},
    S.UNDELIVERABLE: {S.HANDED_OFF, S.EXPIRED},
    S.COMPLETED: {S.REPEAT_DUE},
}
TABLE = {Actor.CLINIC: CLINIC, Actor.PATIENT: PATIENT, Actor.WORKER: WORKER, Actor.OPERATOR: {}}


@pytest.mark.parametrize("actor", list(Actor))
@pytest.mark.parametrize("present", list(S))
def test_the_table_allows_these_steps_and_no_others(actor: Actor, present: S) -> None:
    allowed = TABLE[actor].get(present, set())
    assert set(steps_of(present, actor)) == allowed
    for wanted in S:
        assert can_become(present, wanted, actor) == (wanted in allowed)
        if wanted not in allowed:
            with pytest.raises(StepNotAllowedError, match=f"is {present.value} cannot"):
                check_step(present, wanted, actor)


def test_what_has_ended_goes_nowhere_but_to_its_repeat() -> None:
    after = {(state, step) for state in ENDED for actor in Actor for step in steps_of(state, actor)}
    assert after == {(S.COMPLETED, S.REPEAT_DUE)}


@pytest.fixture
def inquiry(session: Session) -> Inquiry:
    return make_inquiry(session, make_clinic(session), now=NOW)


def test_a_step_leaves_an_event_and_its_time(session: Session, inquiry: Inquiry) -> None:
    later = NOW + timedelta(hours=1)
    move(session, inquiry, S.OPENED, actor=Actor.CLINIC, now=later)
    last = inquiry.events[-1]
    assert (last.actor, last.state, last.at, inquiry.opened_at) == (
        Actor.CLINIC,
        S.OPENED,
        later,
        later,
    )


def test_a_forbidden_step_changes_nothing(session: Session, inquiry: Inquiry) -> None:
    with pytest.raises(StepNotAllowedError):
        move(session, inquiry, S.ACCEPTED, actor=Actor.CLINIC, now=NOW)
    assert (inquiry.state, len(inquiry.events), inquiry.answered_at) == (S.SENT, 1, None)


def test_each_step_puts_the_end_off_to_after_the_last_time(
    session: Session, inquiry: Inquiry
) -> None:
    move(session, inquiry, S.OPENED, actor=Actor.CLINIC, now=NOW)
    late = NOW + timedelta(days=90)
    details = Details(times=(NOW + timedelta(days=2), late))
    move(session, inquiry, S.TIMES_PROPOSED, actor=Actor.CLINIC, now=NOW, details=details)
    assert inquiry.expire_at == late + ENDS_AFTER


def test_an_end_has_the_answers_deleted_30_days_later(session: Session, inquiry: Inquiry) -> None:
    move(session, inquiry, S.WITHDRAWN, actor=Actor.PATIENT, now=NOW)
    assert inquiry.delete_at == NOW + KEPT_AFTER_END


def test_nothing_is_kept_longer_than_a_year_after_sending(inquiry: Inquiry) -> None:
    keep_at_most(inquiry, NOW + timedelta(days=1000))
    assert inquiry.delete_at == NOW + KEPT_AT_MOST
