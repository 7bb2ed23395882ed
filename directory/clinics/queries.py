"""Queries of clinics and their confirmations."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.clinics.models import Clinic, ClinicProvider
from directory.core.errors import NotFoundError

_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,22}")


class ClinicNotFoundError(NotFoundError):
    """No clinic has this id here."""

    def __init__(self, public_id: str) -> None:
        super().__init__("This clinic is not known here.")
        self.public_id = public_id


@dataclass(frozen=True)
class Confirmation:
    """A clinic's confirmation that a provider gives the treatment."""

    clinic_name: str
    confirmed_on: date


def get_clinic(session: Session, public_id: str) -> Clinic:
    """Return the clinic, or raise `ClinicNotFoundError`."""
    if not _PUBLIC_ID.fullmatch(public_id):
        raise ClinicNotFoundError(public_id)
    clinic = session.scalars(sa.select(Clinic).where(Clinic.public_id == public_id)).first()
    if clinic is None:
        raise ClinicNotFoundError(public_id)
    return clinic


def all_clinics(session: Session) -> list[Clinic]:
    """Return every clinic by state, city and name."""
    return list(session.scalars(sa.select(Clinic).order_by(Clinic.state, Clinic.city, Clinic.name)))


def clinics_of(session: Session, npi: str) -> list[Clinic]:
    """Return the clinics where a professional works."""
    return clinics_by_npi(session, [npi])[npi]


def clinics_by_npi(session: Session, npis: Sequence[str]) -> dict[str, list[Clinic]]:
    """Return the clinics where each professional works, by name."""
    found: dict[str, list[Clinic]] = defaultdict(list)
    statement = (
        sa.select(ClinicProvider.npi, Clinic)
        .join(Clinic, Clinic.id == ClinicProvider.clinic_id)
        .where(ClinicProvider.npi.in_(npis))
        .order_by(Clinic.name)
    )
    for npi, clinic in session.execute(statement):
        found[npi].append(clinic)
    return found


def works_at(session: Session, clinic: Clinic, npi: str) -> bool:
    """Return whether the provider works at the clinic."""
    return session.get(ClinicProvider, (clinic.id, npi)) is not None


def confirmations_by_npi(session: Session, npis: Sequence[str]) -> dict[str, Confirmation]:
    """Return the latest confirmation of each professional who has one."""
    statement = (
        sa.select(ClinicProvider.npi, Clinic.name, ClinicProvider.treatment_confirmed_on)
        .join(Clinic, Clinic.id == ClinicProvider.clinic_id)
        .where(ClinicProvider.npi.in_(npis), ClinicProvider.treatment_confirmed_on.is_not(None))
        .order_by(ClinicProvider.treatment_confirmed_on)
    )
    return {npi: Confirmation(name, day) for npi, name, day in session.execute(statement) if day}
