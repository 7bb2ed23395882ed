"""The clinic's way to an inquiry: a link, a button, a code, the inquiry. No account."""

from flask import Blueprint, redirect, render_template, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from directory.core.clock import utc_now
from directory.core.database import db, writing
from directory.core.responses import keep_private
from directory.core.text import masked_email
from directory.core.tokens import secret_key
from directory.inquiries.actions import open_for_clinic
from directory.inquiries.emails import code_for_clinic
from directory.inquiries.forms import ButtonForm, CodeForm
from directory.inquiries.models import InquiryLink
from directory.inquiries.queries import InquiryNotFoundError, get_for_visit, get_link
from directory.inquiries.summary import view_of
from directory.inquiries.verification import Verdict, issue_code, try_code
from directory.outbox.actions import post
from directory.outbox.models import MessageKind
from directory.providers.queries import find_provider

portal_bp = Blueprint("portal", __name__, url_prefix="/clinic")
portal_bp.after_request(keep_private)

_VISIT = "visit"


@portal_bp.get("/link/<token>")
def door(token: str) -> str:
    """Show a button. Mail scanners open links, so opening one changes nothing."""
    return _door_page(get_link(db.session(), token), token, ButtonForm())


@portal_bp.post("/link/<token>")
def ask_code(token: str) -> str | Response | tuple[str, int]:
    """Send a code to the clinic's own address, whoever holds the link."""
    form = ButtonForm()
    if not form.validate_on_submit():
        return _door_page(get_link(db.session(), token), token, form), 422
    with writing() as write:
        link = get_link(write, token)
        clinic = link.inquiry.clinic
        six_digits = issue_code(write, _subject(link), secret_key=secret_key(), now=utc_now())
        if clinic.email:
            content = code_for_clinic(six_digits, link.inquiry.reference)
            post(
                write, kind=MessageKind.CLINIC_CODE, to=clinic.email, content=content, now=utc_now()
            )
    return redirect(url_for("portal.code", token=token), 303)


@portal_bp.get("/link/<token>/code")
def code(token: str) -> str:
    """Ask for the six digits."""
    return _code_page(get_link(db.session(), token), token, CodeForm())


@portal_bp.post("/link/<token>/code")
def enter(token: str) -> str | Response | tuple[str, int]:
    """Open the inquiry in this browser when the code is right."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _code_page(get_link(db.session(), token), token, form), 422
    now = utc_now()
    with writing() as write:
        link = get_link(write, token)
        verdict = try_code(
            write, _subject(link), form.data["code"], secret_key=secret_key(), now=now
        )
        if verdict is Verdict.RIGHT:
            session[_VISIT] = open_for_clinic(write, link.inquiry, now=now)
    if verdict is Verdict.RIGHT:
        return redirect(url_for("portal.inquiry", reference=link.inquiry.reference), 303)
    form.refuse(
        _("This is not the code we sent. Look again, or ask for a new one.")
        if verdict is Verdict.WRONG
        else _("This code no longer works. Go back and ask for a new one.")
    )
    return _code_page(link, token, form), 422


@portal_bp.get("/inquiries/<reference>")
def inquiry(reference: str) -> str:
    """Show the inquiry, laid out for triage."""
    found = get_for_visit(db.session(), reference, session.get(_VISIT, ""), now=utc_now())
    provider = find_provider(db.session(), found.npi) if found.npi else None
    view = view_of(found, provider.full_name if provider else None)
    if view is None:
        raise InquiryNotFoundError
    return render_template("portal/inquiry.html", inquiry=view, clinic=found.clinic)


def _door_page(link: InquiryLink, token: str, form: ButtonForm) -> str:
    clinic = link.inquiry.clinic
    return render_template(
        "portal/door.html",
        form=form,
        token=token,
        clinic_name=clinic.name,
        reference=link.inquiry.reference,
        masked_email=masked_email(clinic.email or ""),
    )


def _code_page(link: InquiryLink, token: str, form: CodeForm) -> str:
    return render_template(
        "portal/code.html",
        form=form,
        resend_url=url_for("portal.ask_code", token=token),
        masked_email=masked_email(link.inquiry.clinic.email or ""),
    )


def _subject(link: InquiryLink) -> str:
    return f"link:{link.id}"
