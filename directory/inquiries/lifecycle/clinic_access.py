"""How a clinic gets from the link in its email to an inquiry: a code, then a session."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.access.codes import code_for_link
from directory.access.models import Role
from directory.access.sessions import start_session
from directory.inquiries.emails import code_for_clinic
from directory.inquiries.lifecycle.notifications import code_address
from directory.inquiries.lifecycle.transitions import move
from directory.inquiries.models import Inquiry
from directory.inquiries.queries import ClinicLink
from directory.inquiries.states import ENDED, Actor, InquiryState, can_become
from directory.outbox.actions import post
from directory.outbox.models import MessageKind
from directory.privacy.audit import record


def is_open_to_clinic(inquiry: Inquiry) -> bool:
    """Return whether the link still leads to the answers: not once the inquiry has ended."""
    return inquiry.deleted_at is None and inquiry.state not in ENDED


def send_code(session: Session, link: ClinicLink, *, secret_key: str, now: datetime) -> None:
    """Send a code to the clinic's own address, unless one under way still works."""
    address = code_address(link.inquiry.clinic, link.row)
    if address is None:
        return
    code = code_for_link(session, code_subject(link), secret_key=secret_key, now=now)
    if code is not None:
        content = code_for_clinic(code, link.inquiry)
        post(session, kind=MessageKind.CLINIC_CODE, to=address, content=content, now=now)


def code_subject(link: ClinicLink) -> str:
    """Return what the code of a link opens."""
    return f"link:{link.row.id}"


def open_for_clinic(session: Session, inquiry: Inquiry, *, now: datetime) -> str:
    """Let the browser that proved itself read the inquiry; return its session's token."""
    if can_become(inquiry.state, InquiryState.OPENED, Actor.CLINIC):
        move(session, inquiry, InquiryState.OPENED, actor=Actor.CLINIC, now=now)
    record(session, actor="clinic", action="inquiry opened", subject=inquiry.public_id, now=now)
    return start_session(session, Role.CLINIC, inquiry_id=inquiry.id, now=now)
