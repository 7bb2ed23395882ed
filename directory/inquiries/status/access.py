"""Who may see the status page: a browser that typed the code, for eight hours."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from flask import redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from directory.access.models import Role
from directory.access.sessions import session_token
from directory.clinics.local_time import clinic_zone
from directory.core.clock import utc_now
from directory.core.db.database import writing
from directory.inquiries.lifecycle.notifications import hold_emails
from directory.inquiries.models import Inquiry, Submission
from directory.inquiries.queries import InquiryNotFoundError, get_for_patient, get_submission_link


class SessionOverError(InquiryNotFoundError):
    """The link is right, but this browser has not typed a code, or too long ago."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token


def get_submission(session: Session, token: str) -> Submission:
    """Return what the link is about, for a browser that typed the code.

    Raises `SessionOverError`, or `InquiryNotFoundError` when there is no such link.
    """
    link = get_submission_link(session, token)
    key = link.submission.public_id
    try:
        submission = get_for_patient(session, session_token(Role.PATIENT, key), now=utc_now())
    except InquiryNotFoundError as error:
        raise SessionOverError(token) from error
    if submission.id != link.submission.id:
        raise SessionOverError(token)
    return submission


def get_inquiry(session: Session, token: str, reference: str) -> Inquiry:
    """Return one inquiry of the submission, with errors as `get_submission`."""
    for inquiry in get_submission(session, token).inquiries:
        if inquiry.reference == reference:
            return inquiry
    raise InquiryNotFoundError


@contextmanager
def pressed(token: str, reference: str) -> Iterator[tuple[Session, Inquiry]]:
    """Give the inquiry to be changed, locked, in a transaction that may write."""
    with writing() as write:
        inquiry = get_inquiry(write, token, reference)
        _lock(write, inquiry.submission)
        yield write, inquiry


@contextmanager
def pressed_all(token: str) -> Iterator[tuple[Session, Sequence[Inquiry]]]:
    """Give all inquiries of the submission, in the same way."""
    with writing() as write:
        submission = get_submission(write, token)
        _lock(write, submission)
        yield write, submission.inquiries


def back(token: str, reference: str | None = None) -> Response:
    """Lead back to the page that shows everything, to one inquiry on it."""
    return redirect(url_for("status.everything", token=token, _anchor=reference), 303)


def day_at(inquiry: Inquiry, at: datetime) -> date:
    """Return which day it is at the clinic."""
    return at.astimezone(clinic_zone(inquiry.clinic)).date()


def _lock(session: Session, submission: Submission) -> None:
    """Have whoever presses at the same moment wait, and read what is there now.

    SQLite has one writer at a time anyway. On PostgreSQL a clinic's step may hold an inquiry and
    be about to add a link of the submission: a lock that lets it do so does not end in a deadlock.
    Emails come first, as they do for the worker, who moves an inquiry on with its email.
    """
    hold_emails(session, submission.inquiries)
    for row in (submission, *submission.inquiries):
        session.refresh(row, with_for_update={"key_share": True})
