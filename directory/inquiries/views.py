"""The patient's way: form, code, sent. Or, without an email on file, a summary to bring."""

import ipaddress
import re
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from directory.clinics.models import Clinic
from directory.clinics.queries import ClinicNotFoundError, get_clinic, works_at
from directory.core.clock import utc_now
from directory.core.database import db, writing
from directory.core.responses import keep_private
from directory.core.tokens import keyed_digest, new_token, secret_key
from directory.inquiries.actions import Limits, Sender, email_digest, save_draft, send
from directory.inquiries.answers import Answers, Contact
from directory.inquiries.emails import code_for_patient, new_inquiry
from directory.inquiries.forms import AnswersForm, ButtonForm, CodeForm, InquiryForm
from directory.inquiries.models import InquiryDraft
from directory.inquiries.queries import InquiryNotFoundError, find_draft, find_sent
from directory.inquiries.summary import call_place, printed
from directory.inquiries.verification import Verdict, issue_code, try_code
from directory.outbox.actions import post
from directory.outbox.models import MessageKind
from directory.providers.npi import is_npi
from directory.providers.queries import ProviderNotFoundError, find_provider, get_provider

inquiries_bp = Blueprint("inquiries", __name__, url_prefix="/inquiry")
inquiries_bp.after_request(keep_private)

_DRAFT = "draft"  # the key of the browser session; it holds the draft's id and nothing else
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@inquiries_bp.get("/new")
def start() -> str | Response:
    """Show the form, with what this browser filled in before."""
    clinic, npi = _clinic_asked()
    if not clinic.takes_inquiries:
        npi = npi or next((each.npi for each in clinic.providers), None)
        if npi is None:
            raise ClinicNotFoundError(clinic.public_id)
        return redirect(url_for("inquiries.prepare", npi=npi))
    form = InquiryForm()
    draft = find_draft(db.session(), session.get(_DRAFT))
    form.form_id.data = new_token()
    if draft and draft.contact and draft.answers:
        form.form_id.data = draft.public_id
        form.show_contact(Contact.from_json(draft.contact))
        form.show_answers(Answers.from_json(draft.answers))
    return _form_page(form, clinic, npi)


@inquiries_bp.post("/new")
def submit() -> str | Response | tuple[str, int]:
    """Keep the answers and send a code to the patient's address."""
    clinic, npi = _clinic_asked()
    form = InquiryForm()
    if not form.validate_on_submit():
        return _form_page(form, clinic, npi), 422
    with writing() as write:
        public_id = _draft_id(form.form_id.data or "")
        draft = save_draft(
            write,
            public_id,
            clinic=get_clinic(write, clinic.public_id),
            npi=npi,
            contact=form.contact(),
            answers=form.answers(),
            sender=_sender(form.contact().email),
            limits=_limits(),
            language=str(get_locale()),
            now=utc_now(),
        )
        if draft.sent_at is None:
            _post_code(draft, form.contact().email)
    session[_DRAFT] = public_id
    return redirect(url_for("inquiries.code"), 303)


@inquiries_bp.get("/code")
def code() -> str | Response:
    """Ask for the six digits."""
    draft = _own_draft()
    if draft.sent_at:
        return redirect(url_for("inquiries.sent"))
    return _code_page(CodeForm(), draft)


@inquiries_bp.post("/code")
def verify() -> str | Response | tuple[str, int]:
    """Send the inquiry when the code is right: the inquiry and its email, or neither."""
    form = CodeForm()
    draft = _own_draft()
    if draft.sent_at:
        return redirect(url_for("inquiries.sent"), 303)
    if not form.validate_on_submit():
        return _code_page(form, draft), 422
    now = utc_now()
    with writing() as write:
        draft = _own_draft()
        if draft.sent_at:  # a second click was faster
            return redirect(url_for("inquiries.sent"), 303)
        verdict = try_code(
            write, f"draft:{draft.public_id}", form.data["code"], secret_key=secret_key(), now=now
        )
        if verdict is Verdict.RIGHT:
            inquiry, token = send(write, draft, limits=_limits(), now=now)
            if token and inquiry.clinic.email:
                content = new_inquiry(inquiry, token)
                post(
                    write,
                    kind=MessageKind.CLINIC_INQUIRY,
                    to=inquiry.clinic.email,
                    content=content,
                    subject_id=inquiry.public_id,
                    now=now,
                )
    if verdict is Verdict.RIGHT:
        return redirect(url_for("inquiries.sent"), 303)
    form.refuse(_reason(verdict))
    return _code_page(form, draft), 422


@inquiries_bp.post("/code/again")
def resend() -> str | Response | tuple[str, int]:
    """Send another code; the one before stops working."""
    if not ButtonForm().validate_on_submit():
        return redirect(url_for("inquiries.code"), 303)
    with writing():
        draft = _own_draft()
        if draft.sent_at is None and draft.contact:
            _post_code(draft, Contact.from_json(draft.contact).email)
    return redirect(url_for("inquiries.code"), 303)


@inquiries_bp.get("/sent")
def sent() -> str:
    """Say that it is on its way, and what happens next."""
    draft = _own_draft()
    inquiry = find_sent(db.session(), draft.public_id)
    if inquiry is None:
        raise InquiryNotFoundError
    contact = Contact.from_json(inquiry.contact) if inquiry.contact else None
    return render_template(
        "inquiries/sent.html",
        reference=inquiry.reference,
        clinic=inquiry.clinic,
        email=contact.email if contact else None,
    )


@inquiries_bp.route("/prepare/<npi>", methods=["GET", "POST"])
def prepare(npi: str) -> str | tuple[str, int]:
    """Help with a call: the phone number, what to ask, and answers to print. Nothing is kept."""
    if not is_npi(npi):
        raise ProviderNotFoundError(npi[:10])
    provider = get_provider(db.session(), npi)
    place = call_place(db.session(), provider)
    form = AnswersForm()
    answers = None
    if form.validate_on_submit():
        answers = printed(form.answers())
    page = render_template(
        "inquiries/call.html", provider=provider, place=place, form=form, answers=answers
    )
    return (page, 422) if form.errors else page


def _clinic_asked() -> tuple[Clinic, str | None]:
    """Return the clinic of the address and, when they work there, the professional."""
    clinic = get_clinic(db.session(), request.args.get("clinic", ""))
    npi = request.args.get("npi", "")
    known = is_npi(npi) and works_at(db.session(), clinic, npi)
    return clinic, npi if known else None


def _form_page(form: InquiryForm, clinic: Clinic, npi: str | None) -> str:
    provider = find_provider(db.session(), npi) if npi else None
    return render_template(
        "inquiries/form.html",
        form=form,
        clinic=clinic,
        provider_name=provider.full_name if provider else None,
    )


def _code_page(form: CodeForm, draft: InquiryDraft) -> str:
    contact = Contact.from_json(draft.contact) if draft.contact else None
    return render_template(
        "inquiries/code.html",
        form=form,
        email=contact.email if contact else "",
        clinic=db.session().get_one(Clinic, draft.clinic_id),
        resend_url=url_for("inquiries.resend"),
    )


def _own_draft() -> InquiryDraft:
    draft = find_draft(db.session(), session.get(_DRAFT))
    if draft is None:
        raise InquiryNotFoundError
    # An error page names this clinic's phone number as a way on.
    g.clinic_phone = db.session().get_one(Clinic, draft.clinic_id).phone
    return draft


def _draft_id(form_id: str) -> str:
    """Return the id of the form, unless it is made up or belongs to another browser."""
    if not _TOKEN.fullmatch(form_id):
        return new_token()
    existing = find_draft(db.session(), form_id)
    if existing is not None and session.get(_DRAFT) != form_id:
        return new_token()
    return form_id


def _post_code(draft: InquiryDraft, email: str) -> None:
    write = db.session()
    six_digits = issue_code(
        write, f"draft:{draft.public_id}", secret_key=secret_key(), now=utc_now()
    )
    content = code_for_patient(six_digits, language=draft.language)
    post(write, kind=MessageKind.PATIENT_CODE, to=email, content=content, now=utc_now())


def _sender(email: str) -> Sender:
    return Sender(
        address_digest=keyed_digest(secret_key(), "address", _network(request.remote_addr or "")),
        email_digest=email_digest(secret_key(), email),
    )


def _network(address: str) -> str:
    """Return the address; of an IPv6 address the /64 that one household has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _limits() -> Limits:
    settings: Any = current_app.config["SETTINGS"]
    return Limits(per_hour=settings.inquiries_per_hour, per_day=settings.inquiries_per_day)


def _reason(verdict: Verdict) -> str:
    if verdict is Verdict.WRONG:
        return str(_("This is not the code we sent. Look again, or ask for a new one."))
    return str(_("This code no longer works. Ask for a new one below; your answers are kept."))
