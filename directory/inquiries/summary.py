"""What is asked, in the words that a clinic reads or a patient prints."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from directory.clinics.queries import clinics_of
from directory.inquiries.answers import AgeBand, Answers, Contact
from directory.inquiries.models import Inquiry
from directory.inquiries.questions import AGE_BANDS, REASONS
from directory.inquiries.states import InquiryState
from directory.providers.models import Provider

_CHRONIC_DAYS = 15  # ICHD-3 1.3 and the US label: headache on 15 or more days a month
_MIGRAINE_DAYS = 8  # ICHD-3 1.3: migraine on 8 or more of them


@dataclass(frozen=True)
class InquiryView:
    """An inquiry, laid out for somebody who decides what comes next."""

    reference: str
    sent_at: datetime
    state: InquiryState
    reason: Any
    patient_name: str
    email: str
    phone: str | None
    age_band: Any
    zip_code: str
    headache_days: str
    migraine_days: str
    message: str
    provider_name: str | None
    notes: tuple[str, ...]


def view_of(inquiry: Inquiry, provider_name: str | None) -> InquiryView | None:
    """Return the inquiry as a clinic reads it, or None when its answers have been deleted."""
    if inquiry.contact is None or inquiry.answers is None:
        return None
    contact, answers = Contact.from_json(inquiry.contact), Answers.from_json(inquiry.answers)
    return InquiryView(
        reference=inquiry.reference,
        sent_at=inquiry.sent_at,
        state=inquiry.state,
        reason=REASONS[answers.reason],
        patient_name=contact.name,
        email=contact.email,
        phone=contact.phone,
        age_band=AGE_BANDS[answers.age_band],
        zip_code=answers.zip_code,
        headache_days=days(answers.headache_days),
        migraine_days=days(answers.migraine_days),
        message=answers.message,
        provider_name=provider_name,
        notes=tuple(_notes(answers)),
    )


@dataclass(frozen=True)
class CallPlace:
    """Whom to call."""

    name: str
    phone: str | None


def call_place(session: Session, provider: Provider) -> CallPlace:
    """Return the clinic to call, else the professional's first practice location."""
    for clinic in clinics_of(session, provider.npi):
        if clinic.phone:
            return CallPlace(clinic.name, clinic.phone)
    location = next((each for each in provider.practice_locations if each.phone), None)
    return CallPlace(provider.full_name, location.phone if location else None)


def printed(answers: Answers) -> list[tuple[Any, Any]]:
    """Return the answers as label and value, for a page to print and bring."""
    lines = [
        (_("Looking for"), REASONS[answers.reason]),
        (_("Age"), AGE_BANDS[answers.age_band]),
        (_("ZIP code"), answers.zip_code),
        (_("Headache days in the last 30"), days(answers.headache_days)),
        (_("Of these, migraine-like"), days(answers.migraine_days)),
    ]
    if answers.message:
        lines.append((_("Message"), answers.message))
    return lines


def days(number: int | None) -> str:
    """Return a number of days for people."""
    return _("not sure") if number is None else str(number)


def _notes(answers: Answers) -> list[str]:
    """Say what matters first. It never says whether a treatment suits anybody."""
    notes = []
    headache, migraine = answers.headache_days, answers.migraine_days
    if answers.age_band is AgeBand.UNDER_18:
        notes.append(_("Under 18: the US approval is for adults."))
    if headache is None or migraine is None:
        notes.append(_("The patient is not sure of the days. A one-month diary may help."))
    elif headache < _CHRONIC_DAYS:
        notes.append(_("Fewer than 15 headache days in the last 30."))
    elif migraine >= _MIGRAINE_DAYS:
        notes.append(_("15 or more headache days, 8 or more of them migraine-like."))
    else:
        notes.append(_("15 or more headache days, fewer than 8 of them migraine-like."))
    return notes
