"""The patient's page about what they sent: a link shows the states, a code the rest."""

from datetime import datetime

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from directory.access.code_page import CodePage, Entrance, enter_code, show_code_page
from directory.access.forms import ButtonForm
from directory.access.models import Role
from directory.access.sessions import remember_session
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.http import keep_private
from directory.core.tokens import secret_key
from directory.inquiries.drafts import TooManyClinicsError
from directory.inquiries.form.answer_lines import lines_of
from directory.inquiries.form.form_pages import QUESTIONS, TITLES, form_of
from directory.inquiries.form.prefill import kept_fields
from directory.inquiries.lifecycle.notifications import answers_of, contact_of
from directory.inquiries.lifecycle.patient_access import code_subject, open_for_patient, send_code
from directory.inquiries.lifecycle.patient_actions import OutOfDateError
from directory.inquiries.lifecycle.submit import may_ask_another
from directory.inquiries.queries import PatientLink, get_submission_link
from directory.inquiries.states import StepNotAllowedError
from directory.inquiries.status.access import SessionOverError, get_submission
from directory.inquiries.status.action_views import presses_bp
from directory.inquiries.status.ask_again_views import again_bp
from directory.inquiries.status.state_text import standing_of
from directory.inquiries.status.timeline import stories_of

status_bp = Blueprint("status", __name__, url_prefix="/inquiry/status")
status_bp.after_request(keep_private)
status_bp.register_blueprint(presses_bp)
status_bp.register_blueprint(again_bp)


@status_bp.errorhandler(SessionOverError)
def session_over(error: SessionOverError) -> Response:
    """Lead back to the button that sends a code."""
    return redirect(url_for("status.door", token=error.token), 303)


@status_bp.errorhandler(OutOfDateError)
@status_bp.errorhandler(StepNotAllowedError)
def out_of_date(_error: Exception) -> tuple[str, int]:
    """Say that something else has happened meanwhile, and give back what was typed."""
    return _changed_page(), 409


@status_bp.errorhandler(TooManyClinicsError)
def too_many_clinics(_error: TooManyClinicsError) -> tuple[str, int]:
    """Say that three clinics can still answer."""
    return _changed_page(is_too_many=True), 409


@status_bp.get("/<token>")
def door(token: str) -> str:
    """Show where each inquiry stands. Opening the link changes nothing."""
    return _door_page(get_submission_link(db.session(), token), token)


@status_bp.post("/<token>")
def ask_code(token: str) -> Response | tuple[str, int]:
    """Send a code to the patient's own address, whoever holds the link."""
    if not ButtonForm().validate_on_submit():
        return _door_page(get_submission_link(db.session(), token), token), 422
    with writing() as write:
        link = get_submission_link(write, token)
        # Of two presses at once, the second waits and finds the code of the first.
        write.refresh(link.row, with_for_update=True)
        send_code(write, link, secret_key=secret_key(), now=utc_now())
    return redirect(url_for("status.code", token=token), 303)


@status_bp.get("/<token>/code")
def code(token: str) -> str:
    """Ask for the six digits."""
    return show_code_page(_code_page(get_submission_link(db.session(), token), token))


@status_bp.post("/<token>/code")
def enter(token: str) -> Response | tuple[str, int]:
    """Show everything in this browser when the code is right."""

    def find_entrance(session: Session, *, is_changing: bool) -> Entrance:  # noqa: ARG001
        return _entrance(get_submission_link(session, token), token)

    return enter_code(find_entrance)


@status_bp.get("/<token>/all")
def everything(token: str) -> str:
    """Show what the clinics wrote, and what can be done."""
    submission = get_submission(db.session(), token)
    return render_template(
        "inquiries/status/overview.html",
        stories=stories_of(db.session(), submission, days=_days(), now=utc_now()),
        may_ask_another=may_ask_another(submission),
        token=token,
    )


@status_bp.get("/<token>/answers")
def answers(token: str) -> str:
    """Show the answers in the words of the form, until they are deleted."""
    inquiries = get_submission(db.session(), token).inquiries
    inquiry = next((each for each in inquiries if each.deleted_at is None), inquiries[0])
    contact, given = contact_of(inquiry), answers_of(inquiry)
    sections = []
    if contact is not None and given is not None:
        fields = kept_fields(contact, given)
        sections = [(TITLES[step], lines_of(form_of(step, fields[step]))) for step in QUESTIONS]
    return render_template("inquiries/status/answers.html", sections=sections, token=token)


def _door_page(link: PatientLink, token: str) -> str:
    inquiries = link.submission.inquiries
    return render_template(
        "inquiries/status/link_page.html",
        standings=[standing_of(each, days=_days()) for each in inquiries],
        is_deleted=all(each.deleted_at for each in inquiries),
        token=token,
    )


def _code_page(link: PatientLink, token: str) -> CodePage:
    return CodePage(
        subject_id=code_subject(link),
        address=None,
        hint=_(
            "It can take a minute. Look in the spam folder too. If nothing comes within "
            "10 minutes, ask for a new code."
        ),
        button=_("Show everything"),
        enter_url=url_for("status.enter", token=token),
        resend_url=url_for("status.ask_code", token=token),
    )


def _entrance(link: PatientLink, token: str) -> Entrance:
    submission = link.submission

    def accept(session: Session, now: datetime) -> None:
        session_token = open_for_patient(session, submission, now=now)
        remember_session(Role.PATIENT, submission.public_id, session_token)

    def proceed() -> str:
        return url_for("status.everything", token=token)

    return Entrance(_code_page(link, token), accept, proceed)


def _days() -> int:
    days: int = current_app.config["SETTINGS"].tell_patient_after
    return days


def _changed_page(*, is_too_many: bool = False) -> str:
    assert request.view_args is not None
    return render_template(
        "inquiries/status/changed.html",
        token=request.view_args["token"],
        unsent=request.form.get("text", ""),
        is_too_many=is_too_many,
    )
