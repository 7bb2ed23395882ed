"""Asking again from the status page: another clinic, or the same one after a treatment."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, g, redirect, render_template, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from directory.clinics.queries import get_clinic
from directory.core.clock import utc_now
from directory.core.db.database import db
from directory.core.errors import DirectoryError
from directory.core.tokens import new_token
from directory.inquiries.form.draft_session import limits, remember, sender
from directory.inquiries.form.repeat import begin_repeat, repeat_from
from directory.inquiries.lifecycle.notifications import answers_of, contact_of
from directory.inquiries.lifecycle.patient_actions import OutOfDateError
from directory.inquiries.lifecycle.submit import Outgoing, add_inquiry, new_inquiry_ids
from directory.inquiries.models import draft_key, inquiry_key
from directory.inquiries.status.access import back, day_at, get_inquiry, pressed
from directory.inquiries.status.forms import AskForm, RepeatForm
from directory.privacy.rowkeys import row_keys

again_bp = Blueprint("again", __name__, url_prefix="/<token>/<reference>")


@again_bp.post("/ask")
def ask(token: str, reference: str) -> Response:
    """Send the same answers to one more clinic."""
    form, now = AskForm(), utc_now()
    inquiry = get_inquiry(db.session(), token, reference)
    clinic = get_clinic(db.session(), form.data["clinic"] or "")
    g.clinic_phone = clinic.phone
    for each in inquiry.submission.inquiries:
        if each.clinic_id == clinic.id:
            return back(token, each.reference)
    [public_id] = new_inquiry_ids(1, now=now)
    with _only_if_used(inquiry_key(public_id)), pressed(token, reference) as (write, inquiry):
        contact, answers = contact_of(inquiry), answers_of(inquiry)
        if contact is None or answers is None:
            raise OutOfDateError("The answers have been deleted.")
        clinic = get_clinic(write, clinic.public_id)
        outgoing = Outgoing(contact, answers, inquiry.email_digest, (public_id,))
        asked = add_inquiry(
            write, inquiry.submission, clinic, None, outgoing, limits=limits(), now=now
        )
    return back(token, asked.reference)


@again_bp.route("/repeat", methods=["GET", "POST"])
def repeat(token: str, reference: str) -> str | Response:
    """Begin a new inquiry with the old answers; warn first when it is early."""
    form, now = RepeatForm(), utc_now()
    inquiry = get_inquiry(db.session(), token, reference)
    first = repeat_from(inquiry)
    is_early = first is not None and day_at(inquiry, now) < first
    if not form.validate_on_submit() or (is_early and not form.data["is_warned"]):
        return render_template(
            "inquiries/status/repeat.html",
            inquiry=inquiry,
            first=first,
            is_early=is_early,
            token=token,
        )
    public_id = new_token()
    row_keys().make([draft_key(public_id)], now=now)
    with _only_if_used(draft_key(public_id)), pressed(token, reference) as (write, inquiry):
        g.clinic_phone = inquiry.clinic.phone
        begin_repeat(
            write,
            inquiry,
            public_id,
            sender_digest=sender(),
            language=str(get_locale()),
            limits=limits(),
            now=now,
        )
    remember(public_id)
    return redirect(url_for("inquiries.review"), 303)


@contextmanager
def _only_if_used(key: str) -> Iterator[None]:
    """Keep a key, made before the row that it is for, only when that row could be written."""
    try:
        yield
    except DirectoryError:
        row_keys().delete([key])
        raise
