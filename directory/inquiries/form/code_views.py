"""The code that proves the address, and sending once it is right."""

from datetime import datetime

from flask import current_app, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from directory.access.code_page import CodePage, Entrance, enter_code, show_code_page
from directory.access.codes import is_right, issue_code
from directory.access.forms import ButtonForm, CodeForm
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.tokens import secret_key
from directory.inquiries.drafts import Ready, email_digest, fields_of, keep_code_address, ready_of
from directory.inquiries.emails import code_for_patient
from directory.inquiries.form.draft_session import (
    NoDraftError,
    find_open_draft,
    find_sent,
    get_open_draft,
    limits,
)
from directory.inquiries.form.form_pages import Step
from directory.inquiries.form.page_views import Page, step_url
from directory.inquiries.form.recipients import recipients
from directory.inquiries.lifecycle.notifications import contact_of
from directory.inquiries.lifecycle.submit import Outgoing, Packed, forget_draft_key, pack, send
from directory.inquiries.models import InquiryDraft
from directory.outbox.actions import post
from directory.outbox.models import MessageKind
from directory.privacy.rowkeys import row_keys


def code() -> Page:
    """Ask for the six digits."""
    draft = get_open_draft(db.session(), now=utc_now())
    ready = ready_of(fields_of(draft))
    if ready is None:
        return redirect(step_url(Step.REVIEW))
    return show_code_page(_code_page(draft, ready))


def enter() -> Page:
    """Send when the code is right: the inquiries and their emails, or nothing."""
    now = utc_now()
    with row_keys().cached():
        packed = _packed(now)

        def find_entrance(session: Session, *, is_changing: bool) -> Entrance | Response:
            # A second click waits here, and then finds it sent.
            draft = get_open_draft(session, now=now, is_changing=is_changing)
            ready = ready_of(fields_of(draft))
            if ready is None:
                return redirect(step_url(Step.REVIEW), 303)
            return _entrance(draft, ready, packed)

        return enter_code(find_entrance)


def resend() -> Page:
    """Send another code; the one before stops working."""
    now = utc_now()
    if ButtonForm().validate_on_submit():
        with writing() as write:
            draft = get_open_draft(write, now=now, is_changing=True)
            ready = ready_of(fields_of(draft))
            if ready is not None:
                post_code(write, draft, ready.contact.email, now)
    return redirect(url_for("inquiries.code"), 303)


def sent() -> str:
    """Say that it is on its way, and what happens next."""
    submission = find_sent(db.session(), now=utc_now())
    if submission is None:
        raise NoDraftError("Nothing was sent from this browser.")
    contacts = [contact_of(inquiry) for inquiry in submission.inquiries]
    return render_template(
        "inquiries/form/sent.html",
        inquiries=submission.inquiries,
        email=next((contact.email for contact in contacts if contact), None),
        settings=current_app.config["SETTINGS"],
    )


def send_draft(
    write: Session,
    draft: InquiryDraft,
    ready: Ready,
    now: datetime,
    *,
    is_email_proven: bool,
    packed: Packed | None = None,
) -> None:
    """Send a draft in the caller's transaction; its key goes by the caller."""
    outgoing = _outgoing(ready, is_email_proven=is_email_proven)
    send(write, draft, outgoing, limits=limits(), now=now, packed=packed)


def post_code(write: Session, draft: InquiryDraft, email: str, now: datetime) -> None:
    """Send a code to the address; the code before stops working."""
    six_digits = issue_code(write, code_subject(draft), secret_key=secret_key(), now=now)
    content = code_for_patient(six_digits, language=draft.language)
    post(write, kind=MessageKind.PATIENT_CODE, to=email, content=content, now=now)
    keep_code_address(draft, email)


def code_subject(draft: InquiryDraft) -> str:
    """Return what a code of this draft opens."""
    return f"draft:{draft.public_id}"


def _packed(now: datetime) -> Packed | None:
    """Write the emails before the lock is taken, if the typed code is going to send them."""
    form, reading = CodeForm(), db.session()
    draft = find_open_draft(reading, now=now) if form.validate_on_submit() else None
    ready = ready_of(fields_of(draft)) if draft else None
    if draft is None or ready is None:
        return None
    typed = form.data["code"]
    if not is_right(reading, code_subject(draft), typed, secret_key=secret_key(), now=now):
        return None
    return pack(draft, _outgoing(ready, is_email_proven=True), now=now)


def _outgoing(ready: Ready, *, is_email_proven: bool) -> Outgoing:
    return Outgoing(
        contact=ready.contact,
        answers=ready.answers,
        email_digest=email_digest(secret_key(), ready.contact.email),
        inquiry_ids=ready.inquiry_ids,
        is_email_proven=is_email_proven,
    )


def _entrance(draft: InquiryDraft, ready: Ready, packed: Packed | None) -> Entrance:
    def accept(session: Session, now: datetime) -> None:
        send_draft(session, draft, ready, now, is_email_proven=True, packed=packed)

    def proceed() -> str:
        forget_draft_key(draft.public_id)
        return url_for("inquiries.sent")

    return Entrance(_code_page(draft, ready), accept, proceed)


def _code_page(draft: InquiryDraft, ready: Ready) -> CodePage:
    return CodePage(
        subject_id=code_subject(draft),
        address=ready.contact.email,
        hint=_(
            "It can take a minute. Look in the spam folder too. If the address is wrong, correct "
            "it. Your answers are kept."
        ),
        button=_button(draft),
        enter_url=url_for("inquiries.enter"),
        resend_url=url_for("inquiries.resend"),
        template="inquiries/form/code.html",
        context=lambda: {"recipients": recipients(db.session(), draft)},
    )


def _button(draft: InquiryDraft) -> str:
    if len(draft.clinics) == 1:
        return str(_("Send to %(clinic)s", clinic=draft.clinics[0].clinic.name))
    return str(_("Send to %(number)s clinics", number=len(draft.clinics)))
