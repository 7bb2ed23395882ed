"""A message is claimed by one worker, settled once, and kept until it is handed off."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.errors import NotFoundError, RefusedError
from directory.outbox.actions import (
    Claim,
    cancel,
    claim_message,
    claim_next,
    hold_unsent,
    retry,
    settle,
)
from directory.outbox.mail.content import Content
from directory.outbox.mail.explain import explanation
from directory.outbox.models import MessageKind, MessageState, OutboxMessage, Phase
from directory.outbox.outcomes import DeliveryOutcome, OutcomeKind
from directory.outbox.queries import count_by_state, find_server_trouble, messages
from tests.outbox.sample_messages import CONTENT, make_message

NOW = utc_now()
SUBJECT = "what it is about"
LEASE = timedelta(minutes=2)
HANDED_OFF = DeliveryOutcome(OutcomeKind.HANDED_OFF, Phase.DOT, "The server has taken the message.")
TEMPORARY = DeliveryOutcome(OutcomeKind.TEMPORARY, Phase.RCPT, "The server said 450 busy")
PERMANENT = DeliveryOutcome(OutcomeKind.PERMANENT, Phase.RCPT, "The server said 550 unknown")
NO_SERVER = DeliveryOutcome(OutcomeKind.MISCONFIGURED, Phase.CONNECT, "Nothing answers.")


def claimed(session: Session, at: timedelta = timedelta(0)) -> Claim:
    claim = claim_next(session, now=NOW + at, lease=LEASE)
    assert claim is not None
    return claim


def test_a_message_exists_only_when_the_caller_commits(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), writing() as session:
        make_message(session)
        raise ZeroDivisionError
    assert messages(db.session()) == []


def test_stored_content_cannot_be_read_without_the_key(session: Session) -> None:
    message = make_message(session)
    session.commit()
    row = session.connection().exec_driver_sql("SELECT * FROM outbox_message").mappings().one()
    stored = " ".join(str(bytes(v) if isinstance(v, memoryview) else v) for v in row.values())
    assert "carol" not in stored
    assert "inquiry is waiting" not in stored
    assert Content.from_json(message.content or "") == CONTENT


def test_ids_are_unguessable_and_name_our_domain(session: Session) -> None:
    message = make_message(session)
    assert len(message.public_id) == 22
    assert message.message_id == f"<{message.public_id}@directory.test>"


def test_the_oldest_due_message_is_claimed_first_and_once(session: Session) -> None:
    later = make_message(session, now=NOW - timedelta(minutes=1))
    oldest = make_message(session, now=NOW - timedelta(minutes=2))
    make_message(session, now=NOW + timedelta(minutes=1))
    taken = [claimed(session).message, claimed(session).message]
    assert taken == [oldest, later]
    assert claim_next(session, now=NOW, lease=LEASE) is None


def test_codes_are_sent_first_and_confirmations_last(session: Session) -> None:
    kinds = [MessageKind.PATIENT_SENT, MessageKind.CLINIC_INQUIRY, MessageKind.PATIENT_CODE]
    kinds += [MessageKind.PATIENT_SENT, MessageKind.CLINIC_CODE, MessageKind.CLINIC_NEWS]
    for minutes, kind in enumerate(kinds):
        make_message(session, kind=kind, now=NOW - timedelta(minutes=9 - minutes))
    taken = [claimed(session).message.kind.value for _ in kinds]
    codes, asking = ["patient-code", "clinic-code"], ["clinic-inquiry", "clinic-news"]
    assert taken == [*codes, *asking, "patient-sent", "patient-sent"]


def test_a_code_that_is_not_due_does_not_delay_due_messages(session: Session) -> None:
    make_message(session, kind=MessageKind.PATIENT_CODE, now=NOW + timedelta(minutes=1))
    due = make_message(session, kind=MessageKind.PATIENT_SENT, now=NOW)
    assert claimed(session).message == due


def test_a_dead_workers_message_is_claimed_before_newer_codes(session: Session) -> None:
    left = make_message(session, kind=MessageKind.PATIENT_SENT, now=NOW)
    assert claimed(session).message == left
    make_message(session, kind=MessageKind.PATIENT_CODE, now=NOW + timedelta(minutes=1))
    assert claimed(session, LEASE).message == left


def test_claiming_takes_constant_time_in_the_number_of_messages(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("counts the steps of SQLite's machine")
    steps = [steps_to_claim(count) for count in (3, 1000)]
    assert steps[1] <= 2 * steps[0]


def steps_to_claim(count: int) -> int:
    """Return SQLite instructions, in tens, with that many more messages waiting."""
    with writing() as session:
        for number in range(count):
            at = NOW - timedelta(seconds=number)
            make_message(session, kind=MessageKind.PATIENT_SENT, now=at)
            make_message(session, now=at)
    steps = []
    with writing() as session:
        driver = session.connection().connection.dbapi_connection
        assert driver is not None
        driver.set_progress_handler(lambda: steps.append(1), 10)
        claimed(session)
        driver.set_progress_handler(None, 0)
    return len(steps)


def test_a_dead_workers_message_is_claimed_when_its_lease_ends(session: Session) -> None:
    make_message(session, now=NOW)
    first = claimed(session)
    assert claim_next(session, now=NOW + LEASE - timedelta(seconds=1), lease=LEASE) is None
    second = claimed(session, LEASE)
    assert (first.attempt, second.attempt) == (1, 2)


def test_a_worker_whose_lease_expired_changes_nothing(session: Session, heard: list) -> None:
    message = make_message(session, now=NOW)
    stale = claimed(session)
    current = claimed(session, LEASE)
    assert settle(session, stale, PERMANENT, NOW) is False
    assert (message.state, message.attempt, heard) == (MessageState.SENDING, 2, [])
    assert settle(session, current, HANDED_OFF, NOW) is True
    assert settle(session, current, PERMANENT, NOW) is False
    assert heard == [(message.public_id, MessageState.HANDED_OFF)]


def test_content_is_removed_once_handed_off(session: Session, heard: list) -> None:
    message = make_message(session, now=NOW)
    settle(session, claimed(session), HANDED_OFF, NOW)
    session.expire_all()
    assert (message.content, message.handed_off_at) == (None, NOW)
    assert heard == [(message.public_id, MessageState.HANDED_OFF)]


def test_a_permanent_refusal_fails_immediately_and_notifies_listeners(
    session: Session, heard: list
) -> None:
    message = make_message(session, now=NOW)
    settle(session, claimed(session), PERMANENT, NOW)
    assert (message.state, message.failed_at) == (MessageState.FAILED, NOW)
    assert message.content is not None
    assert heard == [(message.public_id, MessageState.FAILED)]


def test_a_listener_changes_rows_in_the_same_transaction(app: Flask, session: Session) -> None:
    from directory.outbox.hooks import message_settled

    def mark(given: Session, settled: OutboxMessage, now: object) -> None:
        assert given is session
        settled.subject_id = "seen"

    message_settled.register(app, mark)
    message = make_message(session, now=NOW)
    settle(session, claimed(session), HANDED_OFF, NOW)
    session.rollback()
    assert session.get(OutboxMessage, message.id) is None


def test_temporary_refusals_follow_the_schedule_and_end_after_five_days(
    session: Session, heard: list
) -> None:
    message = make_message(session, now=NOW)
    waits = []
    at = NOW
    while message.state is MessageState.WAITING:
        at = message.next_attempt_at
        claim = claim_next(session, now=at, lease=LEASE)
        assert claim is not None
        settle(session, claim, TEMPORARY, at)
        waits.append((message.next_attempt_at - at) / timedelta(minutes=1))
    assert waits[:8] == [1, 5, 15, 30, 60, 120, 240, 240]
    assert message.failed_at == at == NOW + timedelta(days=5)
    assert heard == [(message.public_id, MessageState.FAILED)]


def test_days_without_a_server_do_not_use_up_the_schedule(session: Session, heard: list) -> None:
    message = make_message(session, now=NOW)
    for day in range(8):
        settle(session, claimed(session, timedelta(days=day)), NO_SERVER, NOW + timedelta(days=day))
        assert message.state is MessageState.WAITING
    assert find_server_trouble(session) is message
    at = NOW + timedelta(days=9)
    settle(session, claimed(session, timedelta(days=9)), TEMPORARY, at)
    assert message.next_attempt_at == at + timedelta(minutes=1)
    assert heard == []


def test_a_failed_message_can_be_retried_with_its_content(session: Session) -> None:
    message = make_message(session, now=NOW)
    settle(session, claimed(session), PERMANENT, NOW)
    later = NOW + timedelta(days=9)
    retry(session, message.public_id, later)
    assert (message.state, message.next_attempt_at) == (MessageState.WAITING, later)
    assert settle(session, claimed(session, timedelta(days=9)), HANDED_OFF, later)


def test_a_message_handed_off_cannot_be_retried(session: Session) -> None:
    message = make_message(session, now=NOW)
    settle(session, claimed(session), HANDED_OFF, NOW)
    with pytest.raises(RefusedError):
        retry(session, message.public_id, NOW)
    with pytest.raises(NotFoundError):
        retry(session, "no-such-message", NOW)


def test_a_given_message_can_be_claimed(session: Session) -> None:
    make_message(session, now=NOW - timedelta(minutes=1))
    wanted = make_message(session, now=NOW)
    claim = claim_message(session, wanted, now=NOW, lease=LEASE)
    assert claim is not None
    assert claim.message is wanted
    assert claim_message(session, wanted, now=NOW, lease=LEASE) is None


def test_counts_include_every_state(session: Session) -> None:
    make_message(session, now=NOW)
    make_message(session, now=NOW)
    claimed(session)
    assert count_by_state(session) == {
        MessageState.WAITING: 1,
        MessageState.SENDING: 1,
        MessageState.HANDED_OFF: 0,
        MessageState.FAILED: 0,
        MessageState.BOUNCED: 0,
    }


def held(session: Session) -> OutboxMessage:
    [message] = hold_unsent(session, [SUBJECT], [MessageKind.CLINIC_INQUIRY])
    return message


def test_a_message_cancelled_before_an_attempt_is_never_sent(session: Session) -> None:
    make_message(session, now=NOW).subject_id = SUBJECT
    message = held(session)
    assert cancel(session, message, "Cancelled: not needed.", NOW)
    assert claim_next(session, now=NOW, lease=LEASE) is None
    with pytest.raises(RefusedError):
        retry(session, message.public_id, NOW)
    assert explanation(message, NOW)[-1].endswith("There is nothing to do.")


def test_a_message_cancelled_while_claimed_may_arrive_but_is_not_retried(
    session: Session,
) -> None:
    make_message(session, now=NOW).subject_id = SUBJECT
    claim = claimed(session)
    assert not cancel(session, held(session), "Cancelled: not needed.", NOW)
    assert not settle(session, claim, TEMPORARY, NOW)
    assert claim_next(session, now=NOW + timedelta(days=1), lease=LEASE) is None
