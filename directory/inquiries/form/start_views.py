"""Beginning an inquiry to a clinic, or adding the clinic to the one that is begun."""

from datetime import datetime
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import get_locale

from directory.care.answers import Language
from directory.clinics.models import Clinic
from directory.clinics.queries import ClinicNotFoundError
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.errors import TooManyError
from directory.inquiries.drafts import (
    MOST_CLINICS,
    TooManyClinicsError,
    add_clinic,
    begin_draft,
    fields_of,
    keep_step,
)
from directory.inquiries.form.draft_session import (
    find_open_draft,
    get_open_draft,
    limits,
    remember,
    sender,
)
from directory.inquiries.form.form_pages import Step, first_form, is_stale, typed_in
from directory.inquiries.form.form_token import FormId, new_form_id, read_form_id, signed_form_id
from directory.inquiries.form.page_views import Page, page_of, step_url
from directory.inquiries.form.recipients import asked_clinic, recipient, recipients
from directory.inquiries.lifecycle.submit import forget_draft_key
from directory.inquiries.models import InquiryDraft, draft_key
from directory.inquiries.queries import find_draft
from directory.privacy.rowkeys import row_keys


def start() -> Page:
    """Show the first step, or where this browser is when it has begun already."""
    session, now = db.session(), utc_now()
    clinic, npi = asked_clinic(session, request.args)
    if not clinic.takes_inquiries:
        npi = npi or next((each.npi for each in clinic.providers), None)
        if npi is None:
            raise ClinicNotFoundError(clinic.public_id)
        return redirect(url_for("inquiries.prepare", npi=npi))
    draft = find_open_draft(session, now=now)
    if draft and draft.clinics:
        known = {each.clinic_id: each.npi for each in draft.clinics}
        if clinic.id in known and npi in (None, known[clinic.id]):
            return redirect(step_url(Step.WHO))
        return _join_page(draft, clinic, npi)
    typed = fields_of(draft).get(Step.WHO.value, {}) if draft else {}
    form = first_form(typed)
    if "language" not in typed:
        form.language.data = Language(str(get_locale()))
    form.form_id.data = signed_form_id(draft.public_id, now=now) if draft else new_form_id(now=now)
    return _first_page(form, clinic, npi)


def begin() -> Page:
    """Begin the draft with what was typed, right or wrong, and choose the clinic."""
    session, now = db.session(), utc_now()
    clinic, npi = asked_clinic(session, request.args)
    form = first_form()
    is_right = form.validate()
    form_id = read_form_id(form.form_id.data or "", now=now)
    if is_stale(form) or form_id is None or _is_sent_by_program(form, form_id, now):
        if form_id is None:
            form.form_id.data = new_form_id(now=now)
        form.website.data = ""
        return _first_page(form, clinic, npi, is_again=True), 422
    own = find_open_draft(session, now=now)
    public_id = own.public_id if own else form_id.public_id
    existing = find_draft(session, public_id)
    if existing and existing.sent_at:
        return redirect(url_for("inquiries.sent"), 303)
    try:
        _begin(public_id, typed_in(form, request.form), now)
    except TooManyClinicsError:
        draft = get_open_draft(db.session(), now=now)
        return _join_page(draft, clinic, npi), 409
    if not is_right:
        return _first_page(form, clinic, npi), 422
    return redirect(step_url(Step.WHO.after), 303)


def _begin(public_id: str, typed: dict[str, list[str]], now: datetime) -> None:
    row_keys().make([draft_key(public_id)], now=now)
    try:
        with writing() as write:
            draft = begin_draft(
                write,
                public_id,
                sender_digest=sender(),
                language=str(get_locale()),
                limits=limits(),
                now=now,
            )
            clinic, npi = asked_clinic(write, request.args)
            add_clinic(write, draft, clinic, npi)
            keep_step(draft, Step.WHO.value, typed)
    except TooManyError:
        forget_draft_key(public_id)
        raise
    remember(public_id)


def _is_sent_by_program(form: Any, form_id: FormId, now: datetime) -> bool:
    settings = current_app.config["SETTINGS"]
    return bool(form.website.data) or form_id.seconds(now) < settings.form_seconds


def _first_page(form: Any, clinic: Clinic, npi: str | None, *, is_again: bool = False) -> str:
    return page_of(Step.WHO, form, [recipient(db.session(), clinic, npi)], is_again=is_again)


def _join_page(draft: InquiryDraft, clinic: Clinic, npi: str | None) -> str:
    return render_template(
        "inquiries/form/join.html",
        clinic=clinic,
        npi=npi,
        recipients=recipients(db.session(), draft),
        is_full=len(draft.clinics) >= MOST_CLINICS
        and clinic.id not in {each.clinic_id for each in draft.clinics},
        most=MOST_CLINICS,
    )
