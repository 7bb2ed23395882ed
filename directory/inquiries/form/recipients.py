"""The clinic that an address or a button names, and who of it was chosen."""

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from directory.clinics.models import Clinic
from directory.clinics.queries import get_clinic, works_at
from directory.inquiries.models import InquiryDraft
from directory.providers.npi import is_npi
from directory.providers.queries import find_provider


def asked_clinic(session: Session, asked: MultiDict[str, str]) -> tuple[Clinic, str | None]:
    """Return the clinic and, when they work there, the professional."""
    clinic = get_clinic(session, asked.get("clinic", ""))
    npi = asked.get("npi", "")
    known = is_npi(npi) and works_at(session, clinic, npi)
    return clinic, npi if known else None


def recipients(session: Session, draft: InquiryDraft) -> list[tuple[Clinic, str | None]]:
    """Return the clinics that a draft goes to, each with the name of the professional."""
    return [recipient(session, each.clinic, each.npi) for each in draft.clinics]


def recipient(session: Session, clinic: Clinic, npi: str | None) -> tuple[Clinic, str | None]:
    """Return a clinic with the name of the professional."""
    provider = find_provider(session, npi) if npi else None
    return clinic, provider.full_name if provider else None
