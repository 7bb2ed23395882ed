"""The patient's answers, choices and buttons behind the code; each leads back to the page."""

from datetime import datetime

from flask import Blueprint, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from directory.core.clock import utc_now
from directory.core.db.database import db
from directory.inquiries.lifecycle.patient_actions import (
    delete_now,
    mark_treated,
    reply,
    take_time,
    waiting_step,
    withdraw,
    withdraw_others,
)
from directory.inquiries.lifecycle.transitions import details_of
from directory.inquiries.models import Inquiry
from directory.inquiries.status.access import back, day_at, get_inquiry, pressed, pressed_all
from directory.inquiries.status.forms import ReplyForm, TimesForm, TreatedForm
from directory.inquiries.status.timeline import clinic_time

presses_bp = Blueprint("presses", __name__, url_prefix="/<token>")


@presses_bp.route("/<reference>/reply", methods=["GET", "POST"])
def answer(token: str, reference: str) -> str | Response | tuple[str, int]:
    """Ask for the answer to the clinic's question, and send it."""
    form = ReplyForm()
    if form.validate_on_submit():
        with pressed(token, reference) as (write, inquiry):
            reply(write, inquiry, form.data["text"], to=form.data["to"], now=utc_now())
        return back(token, reference)
    inquiry = get_inquiry(db.session(), token, reference)
    question = waiting_step(inquiry)
    if question is None:
        return back(token, reference)
    if not form.is_submitted():
        form.to.data = question.public_id
    page = render_template(
        "inquiries/status/reply.html",
        form=form,
        token=token,
        clinic=inquiry.clinic,
        question=details_of(question),
    )
    return (page, 422) if form.is_submitted() else page


@presses_bp.route("/<reference>/times", methods=["GET", "POST"])
def choose(token: str, reference: str) -> str | Response | tuple[str, int]:
    """Show the times that the clinic proposes, and take one, or none."""
    form, now = TimesForm(), utc_now()
    inquiry = get_inquiry(db.session(), token, reference)
    form.offer(_times(inquiry, form.data["of"] or ""))
    if form.validate_on_submit():
        with pressed(token, reference) as (write, inquiry):
            _choose(write, inquiry, form, now)
        return back(token, reference)
    proposal = waiting_step(inquiry)
    if proposal is None:
        return back(token, reference)
    form.offer([each for each in _times(inquiry, proposal.public_id) if each[0] > now])
    if not form.is_submitted():
        form.of.data = proposal.public_id
    page = render_template(
        "inquiries/status/times.html",
        form=form,
        token=token,
        clinic=inquiry.clinic,
        proposal=details_of(proposal),
    )
    return (page, 422) if form.is_submitted() else page


@presses_bp.route("/<reference>/treated", methods=["GET", "POST"])
def treated(token: str, reference: str) -> str | Response | tuple[str, int]:
    """Ask for the day of the treatment, and keep it."""
    inquiry, now = get_inquiry(db.session(), token, reference), utc_now()
    form = TreatedForm(first=day_at(inquiry, inquiry.sent_at), last=day_at(inquiry, now))
    if form.validate_on_submit():
        with pressed(token, reference) as (write, inquiry):
            mark_treated(write, inquiry, form.data["treated_on"], now=now)
        return back(token, reference)
    page = render_template(
        "inquiries/status/treated.html", form=form, token=token, clinic=inquiry.clinic
    )
    return (page, 422) if form.is_submitted() else page


@presses_bp.post("/<reference>/withdraw")
def withdraw_one(token: str, reference: str) -> Response:
    """Withdraw one inquiry."""
    with pressed(token, reference) as (write, inquiry):
        withdraw(write, [inquiry], now=utc_now())
    return back(token, reference)


@presses_bp.post("/<reference>/withdraw-others")
def withdraw_rest(token: str, reference: str) -> Response:
    """Withdraw all inquiries but this one."""
    with pressed(token, reference) as (write, inquiry):
        withdraw_others(write, inquiry, now=utc_now())
    return back(token, reference)


@presses_bp.post("/<reference>/delete")
def delete_one(token: str, reference: str) -> Response:
    """Delete what was written to and by one clinic."""
    with pressed(token, reference) as (write, inquiry):
        delete_now(write, [inquiry], now=utc_now())
    return back(token, reference)


@presses_bp.post("/withdraw")
def withdraw_all(token: str) -> Response:
    """Withdraw every inquiry."""
    with pressed_all(token) as (write, inquiries):
        withdraw(write, inquiries, now=utc_now())
    return back(token)


@presses_bp.post("/delete")
def delete_all(token: str) -> Response:
    """Delete everything that was written."""
    with pressed_all(token) as (write, inquiries):
        delete_now(write, inquiries, now=utc_now())
    return back(token)


def _choose(write: Session, inquiry: Inquiry, form: TimesForm, now: datetime) -> None:
    at, of = form.chosen(), form.data["of"]
    if at is None:
        reply(write, inquiry, form.data["text"], to=of, now=now)
    else:
        take_time(write, inquiry, at, of=of, now=now)


def _times(inquiry: Inquiry, step: str) -> list[tuple[datetime, str]]:
    """Return the times of a step of this inquiry, each with its words."""
    events = (each for each in inquiry.events if each.public_id == step)
    details = next(map(details_of, events), None)
    times = details.times if details else ()
    return [(at, clinic_time(at, inquiry.clinic)) for at in times]
