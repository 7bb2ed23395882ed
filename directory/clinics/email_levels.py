"""The level of detail that emails to a clinic may hold, as agreed with the clinic.

Level 0 is a reference, a time and a link. Level 1 adds how to reach the patient, level 2 all
answers. Levels above 0 also require the operator's declaration that TLS is enforced end to end.
"""

from datetime import date, datetime

from sqlalchemy.orm import Session

from directory.clinics.errors import ClinicError
from directory.clinics.models import Clinic
from directory.privacy.audit import record

LEVELS = (0, 1, 2)
_LONGEST_NAME = 120


def effective_level(clinic: Clinic) -> int:
    """Return the level in effect: 0 unless it is agreed and TLS is enforced."""
    if clinic.email_level_agreed_on is None or clinic.tls_enforced_on is None:
        return 0
    return clinic.email_level


def set_level(
    session: Session,
    clinic: Clinic,
    level: int,
    *,
    agreed_by: str | None,
    agreed_on: date | None,
    tls_enforced: bool | None,
    now: datetime,
) -> None:
    """Store the agreed level; `tls_enforced` None leaves that declaration unchanged.

    Raises `ClinicError` for a level above 0 without the clinic's agreement.
    """
    if level not in LEVELS:
        raise ClinicError(f"{level} is not a level; it must be 0, 1 or 2.")
    if level > 0 and not agreed_by:
        raise ClinicError("A level above 0 needs the clinic's agreement: say who gave it.")
    if len(agreed_by or "") > _LONGEST_NAME:
        raise ClinicError(f"A name of at most {_LONGEST_NAME} characters is kept; shorten it.")
    agreed_on = agreed_on or now.date()
    if agreed_on > now.date():
        raise ClinicError(f"{agreed_on} is in the future; an agreement has been given already.")
    clinic.email_level = level
    clinic.email_level_agreed_by = agreed_by if level else None
    clinic.email_level_agreed_on = agreed_on if level else None
    if tls_enforced is not None:
        clinic.tls_enforced_on = now.date() if tls_enforced else None
    session.flush()
    record(
        session,
        actor="operator",
        action="email level set",
        subject=clinic.public_id,
        now=now,
        level=str(level),
        tls="enforced" if clinic.tls_enforced_on else "not enforced",
    )
