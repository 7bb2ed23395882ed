"""Links and sessions: of clinics and patients side by side, deleted with what they open."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory.access.deletion import delete_access
from directory.access.links import find_link, new_link
from directory.access.models import AccessLink, BrowserSession, Role
from directory.access.sessions import remember_session, session_token, start_session
from directory.core.tokens import token_digest
from directory.inquiries.models import Inquiry, Submission
from directory.outbox.models import MessageKind
from tests.factories import make_clinic, make_inquiry
from tests.inquiries.patient import content_of, messages, newest_code
from tests.portal.staff import open_it, waiting

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)


@pytest.fixture
def inquiry(session: Session) -> Inquiry:
    return make_inquiry(session, make_clinic(session), now=NOW)


def test_a_clinic_and_a_patient_are_signed_in_side_by_side(app: Flask) -> None:
    browser, inquiry_page = open_it(app, waiting())
    text = content_of(messages(MessageKind.PATIENT_SENT)[-1]).text
    status_link = text.partition("http://directory.test")[2].split()[0]
    browser.post(status_link)
    browser.post(f"{status_link}/code", data={"code": newest_code(MessageKind.PATIENT_CODE)})
    pages = [browser.get(inquiry_page), browser.get(f"{status_link}/all")]
    assert [page.status_code for page in pages] == [200, 200]


def test_a_browser_keeps_the_newest_ten_tokens_of_each_role(app: Flask) -> None:
    with app.test_request_context():
        remember_session(Role.PATIENT, "submission", "kept")
        for number in range(11):
            remember_session(Role.CLINIC, f"inquiry {number}", f"token {number}")
        remember_session(Role.CLINIC, "inquiry 1", "newer")
        remember_session(Role.CLINIC, "inquiry 11", "token 11")
        kept = [session_token(Role.CLINIC, f"inquiry {number}") for number in range(4)]
        assert kept == ["", "newer", "", "token 3"]
        assert session_token(Role.PATIENT, "submission") == "kept"


def test_a_session_is_stored_as_a_digest_for_eight_hours(
    session: Session, inquiry: Inquiry
) -> None:
    token = start_session(session, Role.CLINIC, inquiry_id=inquiry.id, now=NOW)
    stored = session.scalars(sa.select(BrowserSession)).one()
    assert stored.token_digest == token_digest(token)
    assert stored.expires_at == NOW + timedelta(hours=8)


def test_a_link_is_found_by_its_token_and_role_only(session: Session, inquiry: Inquiry) -> None:
    link = new_link(Role.CLINIC, "of the clinic", now=NOW)
    inquiry.links.add(link)
    session.flush()
    assert find_link(session, Role.CLINIC, "of the clinic") is link
    assert find_link(session, Role.PATIENT, "of the clinic") is None
    assert find_link(session, Role.CLINIC, "another") is None


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("opens", ["nothing", "both", "other"])
def test_a_session_opens_what_its_role_may(
    session: Session, inquiry: Inquiry, role: Role, opens: str
) -> None:
    has_inquiry = opens == "both" or (opens == "other" and role is Role.PATIENT)
    has_submission = opens == "both" or (opens == "other" and role is Role.CLINIC)
    inquiry_id = inquiry.id if has_inquiry else None
    submission_id = inquiry.submission_id if has_submission else None
    start_session(session, role, inquiry_id=inquiry_id, submission_id=submission_id, now=NOW)
    with pytest.raises(IntegrityError, match="opens_one"):
        session.flush()


@pytest.mark.parametrize("is_whole_submission", [True, False])
def test_links_and_sessions_are_deleted_with_what_they_open(
    session: Session, inquiry: Inquiry, *, is_whole_submission: bool
) -> None:
    _open_both(session, inquiry)
    if is_whole_submission:
        session.execute(sa.delete(Submission).where(Submission.id == inquiry.submission_id))
    else:
        session.execute(sa.delete(Inquiry).where(Inquiry.id == inquiry.id))
    left = set() if is_whole_submission else {Role.PATIENT}
    assert set(session.scalars(sa.select(AccessLink.role))) == left
    assert set(session.scalars(sa.select(BrowserSession.role))) == left


def test_access_to_some_inquiries_is_deleted(session: Session, inquiry: Inquiry) -> None:
    other = make_inquiry(session, make_clinic(session), now=NOW)
    for each in (inquiry, other):
        _open_both(session, each)
    delete_access(session, inquiry_ids=[inquiry.id], submission_ids=[inquiry.submission_id])
    for model in (AccessLink, BrowserSession):
        opened = session.execute(sa.select(model.inquiry_id, model.submission_id)).all()
        assert set(opened) == {(other.id, None), (None, other.submission_id)}


def _open_both(session: Session, inquiry: Inquiry) -> None:
    inquiry.links.add(new_link(Role.CLINIC, f"clinic {inquiry.id}", now=NOW))
    inquiry.submission.links.add(new_link(Role.PATIENT, f"patient {inquiry.id}", now=NOW))
    start_session(session, Role.CLINIC, inquiry_id=inquiry.id, now=NOW)
    start_session(session, Role.PATIENT, submission_id=inquiry.submission_id, now=NOW)
    session.flush()
