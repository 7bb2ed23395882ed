"""The screens of questions: shown, kept as they are typed, checked."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from directory.clinics.models import Clinic
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.inquiries.drafts import fields_of, keep_step
from directory.inquiries.form.draft_session import get_open_draft
from directory.inquiries.form.form_pages import STEPS, TITLES, Step, form_of, is_stale, typed_in
from directory.inquiries.form.recipients import recipients
from directory.inquiries.models import InquiryDraft

Page = str | Response | tuple[str, int]


def show_step(step: str) -> Page:
    """Show a step with what was typed there before."""
    wanted = _question(step)
    draft = get_open_draft(db.session(), now=utc_now())
    form = form_of(wanted, fields_of(draft).get(wanted.value, {}))
    if "check" in request.args:
        form.validate()
    return step_page(wanted, form, draft)


def take_step(step: str) -> Page:
    """Keep exactly what was typed; then name what is wrong, or go on."""
    wanted, now = _question(step), utc_now()
    form = form_of(wanted)
    is_right = form.validate()
    if is_stale(form):
        return step_page(wanted, form, get_open_draft(db.session(), now=now), is_again=True), 422
    is_for_more = wanted is Step.TREATMENT and "add" in request.form
    typed = typed_in(form, request.form)
    if is_for_more:
        typed["rows"] = [str(form.rows_after_one_more())]
    with writing() as write:
        draft = get_open_draft(write, now=now, is_changing=True)
        keep_step(draft, wanted.value, typed)
    if "back" in request.form:
        return redirect(step_url(wanted.before), 303)
    if is_for_more:
        return redirect(f"{step_url(wanted)}#preventive-{typed['rows'][0]}", 303)
    if not is_right:
        return step_page(wanted, form, draft), 422
    is_for_review = {"edit", "check"} & request.args.keys()
    return redirect(step_url(Step.REVIEW if is_for_review else wanted.after), 303)


def step_url(step: Step, **query: Any) -> str:
    """Return the address of a step."""
    if step is Step.REVIEW:
        return url_for("inquiries.review", **query)
    return url_for("inquiries.show_step", step=step.value, **query)


def step_page(step: Step, form: Any, draft: InquiryDraft, *, is_again: bool = False) -> str:
    """Return the page of a step of a draft."""
    to = recipients(db.session(), draft)
    return page_of(step, form, to, is_again=is_again)


def page_of(step: Step, form: Any, to: list[tuple[Clinic, str | None]], *, is_again: bool) -> str:
    """Return a page of questions to these clinics."""
    return render_template(
        f"inquiries/form/{step.value}.html",
        step=step,
        steps=STEPS,
        title=TITLES[step],
        form=form,
        recipients=to,
        is_again=is_again,
    )


def _question(step: str) -> Step:
    try:
        found = Step(step)
    except ValueError as error:
        raise NotFound from error
    if found is Step.REVIEW:
        raise NotFound
    return found
