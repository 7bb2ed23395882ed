"""What patients wrote is deleted on time: each rule at its boundary, by an injected clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.access.models import BrowserSession, OneTimeCode, Role
from directory.care.thresholds import KEPT_FOR_REPEAT
from directory.core.db.database import db, writing
from directory.core.tokens import new_token
from directory.inquiries.drafts import Limits, begin_draft
from directory.inquiries.lifecycle.event_details import Details
from directory.inquiries.lifecycle.retention import Swept, delete_answers, delete_due
from directory.inquiries.lifecycle.transitions import keep_at_most, move
from directory.inquiries.models import (
    Inquiry,
    InquiryDraft,
    InquiryEvent,
    Submission,
    draft_key,
    inquiry_key,
)
from directory.inquiries.states import Actor, InquiryState
from directory.outbox.models import MessageKind, MessageState, OutboxMessage
from directory.privacy.rowkeys import row_keys
from tests.factories import make_clinic, make_inquiry, make_submission

NOW = datetime.fromisoformat("2026-11-02T10:00:00+00:00")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def inquiry(app: Flask) -> Inquiry:
    """An inquiry that a clinic has opened and asked something about."""
    with writing() as session:
        inquiry = make_inquiry(session, make_clinic(session), now=NOW)
        step(session, inquiry, InquiryState.OPENED)
        asked = Details(text="MARKEDANSWER: since when?")
        step(session, inquiry, InquiryState.NEEDS_INFORMATION, details=asked)
    return inquiry


def step(
    session: Session, inquiry: Inquiry, state: InquiryState, *, at: datetime = NOW, **more: Any
) -> None:
    patient = {InquiryState.WITHDRAWN, InquiryState.SCHEDULED}
    worker = {InquiryState.EXPIRED, InquiryState.REPEAT_DUE}
    actor = Actor.PATIENT if state in patient else Actor.WORKER if state in worker else Actor.CLINIC
    move(session, inquiry, state, actor=actor, now=at, **more)


def sweep(now: datetime) -> Swept:
    with writing() as session:
        return delete_due(session, now=now)


def is_there(inquiry: Inquiry) -> bool:
    session = db.session()
    session.rollback()
    session.expire_all()
    texts = [inquiry.contact, inquiry.answers, *(each.sealed_details for each in inquiry.events)]
    assert any(texts) == (inquiry.deleted_at is None)
    assert any(texts) == (inquiry_key(inquiry.public_id) in row_keys().names())
    return any(texts)


def deleted_between(inquiry: Inquiry, before: datetime, after: datetime) -> bool:
    sweep(before)
    was_there = is_there(inquiry)
    sweep(after)
    return was_there and not is_there(inquiry)


@pytest.mark.parametrize(
    "end", [InquiryState.DECLINED, InquiryState.WITHDRAWN, InquiryState.EXPIRED]
)
def test_answers_go_30_days_after_the_end(inquiry: Inquiry, end: InquiryState) -> None:
    ended = NOW + 20 * DAY
    with writing() as session:
        step(session, inquiry, end, at=ended)
    assert deleted_between(inquiry, ended + 30 * DAY - SECOND, ended + 30 * DAY)


def complete(inquiry: Inquiry, *, at: datetime, may_repeat: bool) -> None:
    with writing() as session:
        step(session, inquiry, InquiryState.ACCEPTED, at=at)
        step(session, inquiry, InquiryState.COMPLETED, at=at)
        inquiry.treated_on = at.date()
        if may_repeat:
            keep_at_most(inquiry, at + KEPT_FOR_REPEAT)


def test_after_a_treatment_they_go_after_30_days_without_the_consent(inquiry: Inquiry) -> None:
    complete(inquiry, at=NOW, may_repeat=False)
    assert deleted_between(inquiry, NOW + 30 * DAY - SECOND, NOW + 30 * DAY)


def test_with_the_consent_to_repeat_they_stay_16_weeks_after_it(inquiry: Inquiry) -> None:
    complete(inquiry, at=NOW, may_repeat=True)
    with writing() as session:
        step(session, inquiry, InquiryState.REPEAT_DUE, at=NOW + timedelta(weeks=10))
    weeks = NOW + timedelta(weeks=16)
    assert deleted_between(inquiry, weeks - SECOND, weeks)


def test_nothing_stays_longer_than_12_months_after_sending(inquiry: Inquiry) -> None:
    complete(inquiry, at=NOW + 300 * DAY, may_repeat=True)
    assert deleted_between(inquiry, NOW + 365 * DAY - SECOND, NOW + 365 * DAY)


def test_an_open_one_goes_12_months_after_sending_too(inquiry: Inquiry) -> None:
    assert deleted_between(inquiry, NOW + 365 * DAY - SECOND, NOW + 365 * DAY)
    assert inquiry.state is InquiryState.NEEDS_INFORMATION


def test_bare_facts_stay(inquiry: Inquiry) -> None:
    clinic, reference = inquiry.clinic_id, inquiry.reference
    complete(inquiry, at=NOW, may_repeat=False)
    sweep(NOW + 30 * DAY)
    assert not is_there(inquiry)
    assert (inquiry.clinic_id, inquiry.reference) == (clinic, reference)
    assert (inquiry.sent_at, inquiry.opened_at, inquiry.answered_at) == (NOW, NOW, NOW)
    assert [event.state.value for event in inquiry.events][-1] == "completed"
    assert inquiry.treated_on is None


def test_at_once_when_the_patient_asks_but_for_the_count_of_the_day(inquiry: Inquiry) -> None:
    with writing() as session:
        delete_answers(session, [inquiry], now=NOW)
    assert not is_there(inquiry)
    assert inquiry.email_digest != ""
    sweep(NOW + DAY - SECOND)
    assert digests() != {""}
    sweep(NOW + DAY)
    assert digests() == {""}


def test_what_has_been_deleted_is_not_kept_by_a_later_step(inquiry: Inquiry) -> None:
    with writing() as session:
        delete_answers(session, [inquiry], now=NOW)
        step(session, inquiry, InquiryState.WITHDRAWN)
    sweep(NOW + DAY)
    assert digests() == {""}


def test_the_digest_of_the_address_goes_with_the_last_answers(app: Flask) -> None:
    with writing() as session:
        clinics = [make_clinic(session), make_clinic(session)]
        submission = make_submission(session, clinics, now=NOW)
        first, second = submission.inquiries
        step(session, first, InquiryState.WITHDRAWN)
    sweep(NOW + 30 * DAY)
    assert [first.email_digest, second.email_digest == ""] == ["", False]
    assert db.session().scalar(sa.select(Submission.email_digest)) != ""
    sweep(NOW + 365 * DAY)
    assert digests() == {""}


def test_an_email_with_answers_is_not_sent_after_they_were_deleted(inquiry: Inquiry) -> None:
    with writing() as session:
        delete_answers(session, [inquiry], now=NOW)
    kinds = {each.kind for each in db.session().scalars(sa.select(OutboxMessage))}
    assert kinds == {MessageKind.PATIENT_SENT}


def test_an_email_that_was_handed_off_stays_as_a_fact(inquiry: Inquiry) -> None:
    with writing() as session:
        to_clinic = OutboxMessage.kind == MessageKind.CLINIC_INQUIRY
        [message] = session.scalars(sa.select(OutboxMessage).where(to_clinic))
        message.state, message.handed_off_at, message.content = MessageState.HANDED_OFF, NOW, None
        delete_answers(session, [inquiry], now=NOW)
    assert db.session().scalar(sa.select(OutboxMessage.kind).where(to_clinic)) is not None


def make_draft(session: Session, *, at: datetime = NOW) -> InquiryDraft:
    public_id = new_token()
    row_keys().make([draft_key(public_id)], now=at)
    limits = Limits(per_hour=10**9, per_day=10**9)
    return begin_draft(session, public_id, sender_digest="d", language="en", limits=limits, now=at)


def test_a_draft_goes_after_24_hours_with_its_key(app: Flask) -> None:
    with writing() as session:
        make_draft(session)
    assert sweep(NOW + DAY) == Swept(drafts=0, inquiries=0)
    assert sweep(NOW + DAY + SECOND) == Swept(drafts=1, inquiries=0)
    assert db.session().scalars(sa.select(InquiryDraft)).all() == []
    assert row_keys().names() == set()


def test_codes_go_after_a_day_and_sessions_when_they_end(inquiry: Inquiry) -> None:
    made = {"created_at": NOW, "expires_at": NOW + timedelta(hours=8)}
    with writing() as session:
        session.add(OneTimeCode(subject_id="s", code_digest="d", tries_left=5, **made))
        session.add(
            BrowserSession(role=Role.CLINIC, inquiry_id=inquiry.id, token_digest="a", **made)
        )
        of_patient = {"role": Role.PATIENT, "submission_id": inquiry.submission_id}
        session.add(BrowserSession(**of_patient, token_digest="b", **made))
    counts = []
    for after in (timedelta(hours=8), timedelta(hours=8, seconds=1), DAY, DAY + SECOND):
        sweep(NOW + after)
        counts.append([count(model) for model in (OneTimeCode, BrowserSession)])
    assert counts == [[1, 2], [1, 0], [1, 0], [0, 0]]


def test_more_than_a_batch_goes_in_several_goes(app: Flask) -> None:
    with writing() as session:
        for _ in range(210):
            make_draft(session)
    later = NOW + 2 * DAY
    assert [sweep(later).drafts, sweep(later).drafts, bool(sweep(later))] == [200, 10, False]


def test_a_key_without_a_row_goes_by_its_age(app: Flask) -> None:
    row_keys().make([draft_key("never"), inquiry_key("never")], now=NOW)
    found = []
    for days in (3, 3.1, 367, 367.1):
        sweep(NOW + days * DAY)
        found.append(sorted(row_keys().names()))
    assert found == [
        ["inquiry:never", "inquiry_draft:never"],
        ["inquiry:never"],
        ["inquiry:never"],
        [],
    ]


def test_beside_an_empty_database_no_key_of_an_inquiry_is_deleted(app: Flask) -> None:
    row_keys().make([inquiry_key(str(number)) for number in range(50)], now=NOW)
    sweep(NOW + 300 * DAY)
    assert len(row_keys().names()) == 50


def test_a_sweep_that_was_ended_half_way_is_made_good_by_the_next(inquiry: Inquiry) -> None:
    with pytest.raises(RuntimeError):
        with writing() as session:
            delete_due(session, now=NOW + 365 * DAY)
            raise RuntimeError
    session = db.session()
    assert session.get_one(Inquiry, inquiry.id).answers is None  # its key is gone already
    sweep(NOW + 365 * DAY)
    assert not is_there(inquiry)


def digests() -> set[str]:
    db.session().rollback()
    columns = (Inquiry.email_digest, Submission.email_digest)
    return {digest for column in columns for digest in db.session().scalars(sa.select(column))}


def count(model: type[Any]) -> int:
    db.session().rollback()
    return db.session().scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.fixture(autouse=True)
def event_details_are_sealed(app: Flask) -> Iterator[None]:
    """Nothing that was written with a step may be readable in the table."""
    yield
    db.session().rollback()
    for sealed in db.session().scalars(sa.select(InquiryEvent.sealed_details)):
        assert sealed is None or b"MARKEDANSWER" not in sealed
