"""The clinic's way to an inquiry: a link, a button, a code, the inquiry, an answer. No account."""

import json
from datetime import datetime

from flask import Blueprint, Response, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answered

from directory.access.code_page import Entrance, enter_code, show_code_page
from directory.access.forms import ButtonForm
from directory.access.models import Role
from directory.access.sessions import remember_session, session_token
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.errors import TooManyError
from directory.core.http import keep_private, public_url
from directory.core.tokens import secret_key
from directory.inquiries.lifecycle.clinic_access import (
    is_open_to_clinic,
    open_for_clinic,
    send_code,
)
from directory.inquiries.lifecycle.clinic_actions import hold
from directory.inquiries.lifecycle.notifications import answers_of, contact_of
from directory.inquiries.presentation.fhir_bundle import bundle_of
from directory.inquiries.queries import ClinicLink, InquiryNotFoundError, get_for_clinic, get_link
from directory.inquiries.states import StepNotAllowedError
from directory.portal.pages import code_page, door_page, inquiry_page, shows_answers
from directory.portal.replies import ANSWERS, form_of, is_allowed, take

portal_bp = Blueprint("portal", __name__, url_prefix="/clinic")
portal_bp.after_request(keep_private)

_ANSWER = f"/inquiries/<reference>/<any({', '.join(map(repr, ANSWERS))}):name>"
_Page = str | Answered | tuple[str, int]


@portal_bp.get("/link/<token>")
def door(token: str) -> str:
    """Show where the inquiry stands, and a button. Opening the link changes nothing."""
    return door_page(get_link(db.session(), token), token, ButtonForm())


@portal_bp.post("/link/<token>")
def ask_code(token: str) -> _Page:
    """Send a code to the clinic's own address, whoever holds the link."""
    form = ButtonForm()
    if not form.validate_on_submit():
        return door_page(get_link(db.session(), token), token, form), 422
    try:
        with writing() as write:
            link = get_link(write, token)
            hold(write, link.row)
            if is_open_to_clinic(link.inquiry):
                send_code(write, link, secret_key=secret_key(), now=utc_now())
    except TooManyError:
        return door_page(get_link(db.session(), token), token, form, is_busy=True), 429
    return redirect(url_for("portal.code", token=token), 303)


@portal_bp.get("/link/<token>/code")
def code(token: str) -> _Page:
    """Ask for the six digits."""
    link = get_link(db.session(), token)
    if not is_open_to_clinic(link.inquiry):
        return redirect(url_for("portal.door", token=token), 303)
    return show_code_page(code_page(link, token))


@portal_bp.post("/link/<token>/code")
def enter(token: str) -> _Page:
    """Open the inquiry in this browser when the code is right."""

    def find_entrance(session: Session, *, is_changing: bool) -> Entrance | Answered:
        link = get_link(session, token)
        if is_changing:
            hold(session, link.inquiry)
        if not is_open_to_clinic(link.inquiry):
            return redirect(url_for("portal.door", token=token), 303)
        return _entrance(link, token)

    return enter_code(find_entrance)


@portal_bp.get("/inquiries/<reference>")
def inquiry(reference: str) -> str:
    """Show the inquiry, laid out for triage, and what can be answered."""
    now = utc_now()
    found = get_for_clinic(db.session(), reference, _session_of(reference), now=now)
    return inquiry_page(found, now=now)


@portal_bp.get(_ANSWER)
def back(reference: str, name: str) -> Answered:  # noqa: ARG001 - as in the address
    """Lead whoever reloads an answer back to the inquiry."""
    get_for_clinic(db.session(), reference, _session_of(reference), now=utc_now())
    return redirect(url_for("portal.inquiry", reference=reference), 303)


@portal_bp.post(_ANSWER)
def answer(reference: str, name: str) -> _Page:
    """Give an answer. A second press changes nothing more."""
    now = utc_now()
    try:
        with writing() as write:
            found = get_for_clinic(write, reference, _session_of(reference), now=now)
            hold(write, found)
            form = form_of(found, name, now=now)
            is_valid = form.validate_on_submit()
            if is_valid:
                take(write, found, name, form, now=now)
    except StepNotAllowedError:
        is_valid = False
    if is_valid:
        return redirect(url_for("portal.inquiry", reference=reference), 303)
    status = 422 if form.errors and is_allowed(found, name) else 409
    return inquiry_page(found, now=now, name=name, form=form, status=status), status


@portal_bp.get("/inquiries/<reference>/fhir.json")
def fhir(reference: str) -> Response:
    """Give the inquiry to a program of the clinic, as FHIR R4."""
    found = get_for_clinic(db.session(), reference, _session_of(reference), now=utc_now())
    contact, answers = contact_of(found), answers_of(found)
    if contact is None or answers is None or not shows_answers(found):
        raise InquiryNotFoundError
    base_url = public_url("pages.home").rstrip("/")
    bundle = bundle_of(found, contact, answers, base_url=base_url)
    response = Response(
        json.dumps(bundle, ensure_ascii=False, indent=2), content_type="application/fhir+json"
    )
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"inquiry-{found.reference}.json"
    )
    return response


def _entrance(link: ClinicLink, token: str) -> Entrance:
    reference = link.inquiry.reference

    def accept(session: Session, now: datetime) -> None:
        remember_session(Role.CLINIC, reference, open_for_clinic(session, link.inquiry, now=now))

    def proceed() -> str:
        return url_for("portal.inquiry", reference=reference)

    return Entrance(code_page(link, token), accept, proceed)


def _session_of(reference: str) -> str:
    return session_token(Role.CLINIC, reference)
