"""The pages of a clinic, rendered: the door, the code, the inquiry."""

from datetime import datetime

from flask import render_template, url_for
from flask_babel import gettext as _

from directory.access.code_page import CodePage
from directory.access.forms import ButtonForm
from directory.clinics.local_time import clinic_zone, local_text
from directory.core.db.database import db
from directory.core.text import masked_email
from directory.inquiries.lifecycle.clinic_access import code_subject, is_open_to_clinic
from directory.inquiries.lifecycle.clinic_actions import last_step
from directory.inquiries.lifecycle.notifications import answers_of, code_address, contact_of
from directory.inquiries.models import Inquiry
from directory.inquiries.presentation.clinic_summary import InquiryView, view_of
from directory.inquiries.queries import ClinicLink
from directory.inquiries.states import InquiryState
from directory.portal.forms import AnswerForm
from directory.portal.replies import boxes
from directory.portal.timeline import history_of, standing
from directory.providers.queries import find_provider

_NOT_SHOWN = frozenset({InquiryState.WITHDRAWN, InquiryState.EXPIRED})


def shows_answers(inquiry: Inquiry) -> bool:
    """Tell whether a browser that proved itself still sees the answers."""
    return inquiry.deleted_at is None and inquiry.state not in _NOT_SHOWN


def door_page(link: ClinicLink, token: str, form: ButtonForm, *, is_busy: bool = False) -> str:
    """Return what whoever holds the link may see: where the inquiry stands, and nothing else."""
    found = link.inquiry
    return render_template(
        "portal/link_page.html",
        form=form,
        token=token,
        is_busy=is_busy,
        is_open=is_open_to_clinic(found),
        clinic=found.clinic,
        reference=found.reference,
        sent=local_text(found.sent_at, clinic_zone(found.clinic)),
        standing=standing(found),
        masked_email=_masked(link),
    )


def code_page(link: ClinicLink, token: str) -> CodePage:
    """Return what the page shows that takes the six digits."""
    return CodePage(
        subject_id=code_subject(link),
        address=_masked(link),
        hint=_(
            "It can take a minute. Look in the spam folder, too. Several codes there: the newest "
            "one works. While it does, we send no other."
        ),
        button=_("Open the inquiry"),
        enter_url=url_for("portal.enter", token=token),
        resend_url=url_for("portal.ask_code", token=token),
    )


def inquiry_page(
    found: Inquiry,
    *,
    now: datetime,
    name: str = "",
    form: AnswerForm | None = None,
    status: int = 200,
) -> str:
    """Return the inquiry for triage; a form that was sent stays open, as it was filled in."""
    zone = clinic_zone(found.clinic)
    last = last_step(found)
    return render_template(
        "portal/inquiry.html",
        found=found,
        view=_view_of(found, now),
        zone=now.astimezone(zone).tzname(),
        sent=local_text(found.sent_at, zone),
        standing=standing(found),
        steps=history_of(found, zone),
        boxes=boxes(found, now=now, name=name, form=form),
        form=form,
        has_changed=status == 409,
        after=last.public_id if last else "",
    )


def _view_of(found: Inquiry, now: datetime) -> InquiryView | None:
    contact, answers = contact_of(found), answers_of(found)
    if contact is None or answers is None or not shows_answers(found):
        return None
    provider = find_provider(db.session(), found.npi) if found.npi else None
    today = now.astimezone(clinic_zone(found.clinic)).date()
    name = provider.full_name if provider else None
    return view_of(found, contact, answers, today=today, provider_name=name)


def _masked(link: ClinicLink) -> str:
    address = code_address(link.inquiry.clinic, link.row)
    return masked_email(address) if address else ""
