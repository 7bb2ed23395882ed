"""Finds and exports all data stored about one patient's address."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.tokens import secret_key
from directory.inquiries.drafts import email_digest, fields_of
from directory.inquiries.lifecycle.notifications import contact_of
from directory.inquiries.models import Inquiry, InquiryDraft, InquiryEvent, Submission
from directory.outbox.models import MessageKind, OutboxMessage
from directory.privacy.encryption import UnreadableError

Row = TypeVar("Row", Inquiry, InquiryDraft, OutboxMessage)

_TO_PATIENTS = [kind for kind in MessageKind if kind.value.startswith("patient-")]


@dataclass(frozen=True)
class SubjectRowIds:
    """The ids of the rows stored about an address."""

    inquiries: tuple[int, ...]
    drafts: tuple[int, ...]
    messages: tuple[int, ...]


@dataclass(frozen=True)
class SubjectData:
    """The data stored about an address."""

    inquiries: list[Inquiry]
    drafts: list[InquiryDraft]
    messages: list[OutboxMessage]

    def __bool__(self) -> bool:
        return bool(self.inquiries or self.drafts or self.messages)

    @property
    def ids(self) -> SubjectRowIds:
        """Return the ids of the rows, for use in a later transaction."""
        rows = (self.inquiries, self.drafts, self.messages)
        return SubjectRowIds(*(tuple(each.id for each in some) for some in rows))

    @property
    def submissions(self) -> list[Submission]:
        """Return the submissions of the inquiries."""
        return list({each.submission_id: each.submission for each in self.inquiries}.values())


def find_subject_data(session: Session, email: str) -> SubjectData:
    """Return the data stored about the address; deleted data no longer has an address.

    Every row is opened and compared, since the digests of addresses do not match once SECRET_KEY
    has been changed. Rows that no key opens are left out: their owner is unknown.
    """
    wanted = email.strip().casefold()
    digest = email_digest(secret_key(), wanted)
    is_held = sa.or_(Inquiry.deleted_at.is_(None), Inquiry.email_digest == digest)
    inquiries = _each(session, sa.select(Inquiry).where(is_held).order_by(Inquiry.id))
    drafts = _each(session, sa.select(InquiryDraft).order_by(InquiryDraft.id))
    messages = _each(
        session,
        sa.select(OutboxMessage)
        .where(OutboxMessage.kind.in_(_TO_PATIENTS))
        .order_by(OutboxMessage.id),
    )
    return SubjectData(
        [each for each in inquiries if each.email_digest == digest or _address(each) == wanted],
        [each for each in drafts if wanted in _typed(each)],
        [each for each in messages if _recipient(each) == wanted],
    )


def as_json(found: SubjectData) -> str:
    """Return all of it as JSON, for the patient."""
    everything = {
        "submissions": [_submission(each, found) for each in found.submissions],
        "drafts": [_draft(each) for each in found.drafts],
        "messages": [
            _row(each, "kind", "state", "created_at", "handed_off_at", "failed_at", "bounced_at")
            for each in found.messages
        ],
    }
    return json.dumps(everything, indent=2, ensure_ascii=False, default=_as_text)


def _as_text(moment: date) -> str:
    return moment.isoformat()


def _each(session: Session, statement: sa.Select[Row]) -> Iterator[Row]:
    """Yield rows without holding all of them in memory."""
    yield from session.scalars(statement.execution_options(yield_per=500))


def _draft(draft: InquiryDraft) -> dict[str, Any]:
    return {**_row(draft, "created_at", "language"), "fields": fields_of(draft)}


def _submission(submission: Submission, found: SubjectData) -> dict[str, Any]:
    facts = ("language", "is_email_proven", "consent_version", "consented_at", "sent_at")
    inquiries = [each for each in found.inquiries if each.submission_id == submission.id]
    return {**_row(submission, *facts), "inquiries": [_inquiry(each) for each in inquiries]}


def _inquiry(inquiry: Inquiry) -> dict[str, Any]:
    facts = ("reference", "npi", "state", "sent_at", "handed_off_at", "opened_at", "answered_at")
    ends = ("treated_on", "expire_at", "delete_at", "deleted_at")
    return {
        "clinic": inquiry.clinic.name,
        **_row(inquiry, *facts, *ends),
        "contact": _opened(inquiry.contact),
        "answers": _opened(inquiry.answers),
        "events": [_event(each) for each in inquiry.events],
    }


def _event(event: InquiryEvent) -> dict[str, Any]:
    return {**_row(event, "at", "actor", "state"), "details": _opened(event.details)}


def _row(row: object, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _opened(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _address(inquiry: Inquiry) -> str | None:
    try:
        contact = contact_of(inquiry)
    except UnreadableError:
        return None
    return None if contact is None else contact.email.casefold()


def _recipient(message: OutboxMessage) -> str | None:
    try:
        return (message.recipient or "").casefold()
    except UnreadableError:
        return None


def _typed(draft: InquiryDraft) -> Iterator[str]:
    """Yield all text of a draft, valid or not."""
    try:
        steps = fields_of(draft).values()
    except UnreadableError:
        return
    for fields in steps:
        for values in fields.values():
            yield from (value.strip().casefold() for value in values)
