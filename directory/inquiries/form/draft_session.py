"""The draft of this browser: its session holds the draft's id and nothing else of it."""

from datetime import datetime

from flask import current_app, g, request, session
from sqlalchemy.orm import Session

from directory.core.errors import NotFoundError, RefusedError
from directory.core.tokens import secret_key
from directory.inquiries.drafts import LIFETIME, Limits, sender_digest
from directory.inquiries.models import InquiryDraft, Submission
from directory.inquiries.queries import find_draft, find_submission

_DRAFT = "draft"


class NoDraftError(NotFoundError):
    """This browser has begun nothing, or what it began has been deleted."""


class AlreadySentError(RefusedError):
    """The draft of this browser has been sent."""


def remember(public_id: str) -> None:
    """Go on with this draft in this browser."""
    session[_DRAFT] = public_id


def forget() -> None:
    """Let this browser begin anew."""
    session.pop(_DRAFT, None)


def find_open_draft(
    reading: Session, *, now: datetime, is_changing: bool = False
) -> InquiryDraft | None:
    """Return what this browser is filling in, or None."""
    draft = find_draft(reading, session.get(_DRAFT), is_changing=is_changing)
    if draft is None or draft.sent_at is not None or draft.created_at <= now - LIFETIME:
        return None
    # Without its key, after a store was lost, there is nothing to go on with.
    return draft if draft.fields is not None else None


def get_open_draft(reading: Session, *, now: datetime, is_changing: bool = False) -> InquiryDraft:
    """Return what this browser is filling in; raise `AlreadySentError` or `NoDraftError`."""
    draft = find_open_draft(reading, now=now, is_changing=is_changing)
    if draft is None:
        if find_sent(reading, now=now) is not None:
            raise AlreadySentError("This inquiry has been sent.")
        raise NoDraftError("There is no inquiry in this browser.")
    # An error page names a clinic's phone number as a way on.
    g.clinic_phone = next((each.clinic.phone for each in draft.clinics if each.clinic.phone), None)
    return draft


def find_sent(reading: Session, *, now: datetime) -> Submission | None:
    """Return what this browser sent within the last day."""
    public_id = session.get(_DRAFT)
    submission = find_submission(reading, public_id) if public_id else None
    if submission is None or submission.sent_at <= now - LIFETIME:
        return None
    return submission


def limits() -> Limits:
    """Return how much one sender may send here."""
    settings = current_app.config["SETTINGS"]
    return Limits(per_hour=settings.inquiries_per_hour, per_day=settings.inquiries_per_day)


def sender() -> str:
    """Return what the network address of the request is counted by."""
    return sender_digest(secret_key(), request.remote_addr or "")
