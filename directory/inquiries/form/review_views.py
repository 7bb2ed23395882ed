"""All answers in sight, who gets them, and the consents."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import current_app, g, redirect, render_template, request, url_for
from flask_babel import get_locale
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from directory.access.codes import has_code
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.tokens import secret_key
from directory.inquiries.drafts import (
    MOST_CLINICS,
    Ready,
    code_address_of,
    email_digest,
    fields_of,
    inquiry_ids_of,
    keep_ready,
    keep_step,
)
from directory.inquiries.form.answer_lines import lines_of
from directory.inquiries.form.code_views import code_subject, post_code, send_draft
from directory.inquiries.form.draft_session import get_open_draft, limits
from directory.inquiries.form.form_pages import (
    QUESTIONS,
    STEPS,
    TITLES,
    FilledIn,
    Step,
    answered,
    filled_in,
    first_wrong,
    form_of,
    is_stale,
    typed_in,
)
from directory.inquiries.form.page_views import Page, step_url
from directory.inquiries.form.recipients import recipients
from directory.inquiries.lifecycle.submit import check_clinic, forget_draft_key, new_inquiry_ids
from directory.inquiries.models import InquiryDraft
from directory.inquiries.nearby_clinics import clinics_near


def review() -> Page:
    """Show all answers and who gets them; or the step where something is missing."""
    draft = get_open_draft(db.session(), now=utc_now())
    fields = fields_of(draft)
    filled = filled_in(fields)
    if filled is None:
        return redirect(step_url(first_wrong(fields) or Step.WHO, check="yes"))
    return _review_page(form_of(Step.REVIEW, fields.get(Step.REVIEW.value, {})), draft, filled)


def agree() -> Page:
    """Check everything again, then send a code; or send at once where no code is asked for."""
    now, form = utc_now(), form_of(Step.REVIEW)
    is_right = form.validate()
    is_again = is_stale(form)
    draft = get_open_draft(db.session(), now=now)
    fields = fields_of(draft)
    filled = filled_in(fields)
    if filled is None:
        return redirect(step_url(first_wrong(fields) or Step.WHO, check="yes"), 303)
    if is_again:
        return _review_page(form, draft, filled, is_again=True), 422
    inquiry_ids = inquiry_ids_of(fields)
    if is_right and len(inquiry_ids) < len(draft.clinics):
        inquiry_ids += new_inquiry_ids(len(draft.clinics) - len(inquiry_ids), now=now)
    answer: Page | None = None
    with writing() as write:
        draft = get_open_draft(write, now=now, is_changing=True)
        is_changed = answered(fields_of(draft)) != answered(fields)
        if is_changed or (is_right and len(draft.clinics) > len(inquiry_ids)):
            return redirect(step_url(Step.REVIEW), 303)  # in another tab: look again
        keep_step(draft, Step.REVIEW.value, typed_in(form, request.form))
        is_open = bool(draft.clinics) and all(each.clinic.takes_inquiries for each in draft.clinics)
        if is_right and is_open:
            answers = replace(filled.answers, may_repeat=form.data["may_repeat"])
            draft.language = str(get_locale())
            answer = _go_on(write, draft, Ready(filled.contact, answers, inquiry_ids), now)
    if draft.sent_at:
        forget_draft_key(draft.public_id)
    return answer or (_review_page(form, draft, filled), 422 if is_open else 409)


def _go_on(write: Session, draft: InquiryDraft, ready: Ready, now: datetime) -> Response:
    """Send a code, or the inquiry itself, in the transaction that found everything right."""
    email = ready.contact.email
    for chosen in draft.clinics:
        g.clinic_phone = chosen.clinic.phone
        check_clinic(write, chosen.clinic, email_digest(secret_key(), email), limits(), now)
    if not current_app.config["SETTINGS"].proves_email:
        send_draft(write, draft, ready, now, is_email_proven=False)
        return redirect(url_for("inquiries.sent"), 303)
    keep_ready(draft, ready)
    is_under_way = has_code(write, code_subject(draft), now=now)
    if not is_under_way or code_address_of(fields_of(draft)) != email:
        post_code(write, draft, email, now)
    return redirect(url_for("inquiries.code"), 303)


def _review_page(
    form: Any, draft: InquiryDraft, filled: FilledIn, *, is_again: bool = False
) -> str:
    session = db.session()
    chosen = draft.clinics
    others = []
    if chosen and len(chosen) < MOST_CLINICS:
        but = {each.clinic_id for each in chosen}
        others = clinics_near(session, chosen[0].clinic, but=but)
    return render_template(
        "inquiries/form/review.html",
        step=Step.REVIEW,
        steps=STEPS,
        title=TITLES[Step.REVIEW],
        form=form,
        recipients=recipients(session, draft),
        sections=[(step, TITLES[step], lines_of(filled.forms[step])) for step in QUESTIONS],
        others=others,
        most=MOST_CLINICS,
        proves_email=current_app.config["SETTINGS"].proves_email,
        is_again=is_again,
    )
