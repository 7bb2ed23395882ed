"""Adds and updates clinics, and confirms their addresses and facts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.clinics.errors import ClinicError
from directory.clinics.models import AddressProof, Clinic, ClinicProvider
from directory.core.tokens import new_public_id, new_token, token_digest
from directory.geo.places import zip_position
from directory.privacy.audit import record
from directory.providers.addresses import address_key, formatted_phone
from directory.providers.models import AcceptingPatients, PracticeLocation, Source
from directory.providers.queries import known_npis

PROOF_LIFETIME = timedelta(days=30)


@dataclass(frozen=True)
class ClinicDraft:
    """A clinic as entered by the operator."""

    name: str
    line1: str
    city: str
    state: str
    zip_code: str
    npis: tuple[str, ...]
    line2: str | None = None
    phone: str | None = None
    email: str | None = None
    second_email: str | None = None
    languages: tuple[str, ...] = ("en",)
    accepting_patients: AcceptingPatients | None = None


def save_clinic(session: Session, draft: ClinicDraft, *, now: datetime) -> tuple[Clinic, bool]:
    """Add the clinic, or update the one of this name and address.

    Returns the clinic and whether its address has yet to be confirmed. A changed address
    loses its confirmation. Raises `ClinicError` for professionals who are not loaded.
    """
    if missing := set(draft.npis) - known_npis(session, draft.npis):
        raise ClinicError(
            f"{draft.name}: no professional with the NPI {', '.join(sorted(missing))} is loaded; "
            "load the NPI registry first, or correct the number."
        )
    clinic = _find(session, draft) or _new(session, draft, now)
    if clinic.email != draft.email:
        clinic.email, clinic.email_confirmed_at = draft.email, None
        clinic.tls_enforced_on = None  # that was declared for the former address
    clinic.line2, clinic.second_email = draft.line2, draft.second_email
    clinic.phone = formatted_phone(draft.phone) or clinic.phone or _phone_there(session, draft)
    clinic.as_of = now.date()
    if clinic.facts_confirmed_on is None:
        # Facts confirmed by the clinic take precedence over later lists.
        clinic.languages = ",".join(draft.languages)
        clinic.accepting_patients = draft.accepting_patients
    _set_providers(clinic, draft.npis)
    session.flush()
    record(session, actor="operator", action="clinic saved", subject=clinic.public_id, now=now)
    return clinic, clinic.email is not None and clinic.email_confirmed_at is None


def current_members(session: Session, draft: ClinicDraft) -> list[str]:
    """Return the NPIs of the clinic's current providers, if it exists."""
    clinic = _find(session, draft)
    return [each.npi for each in clinic.providers] if clinic else []


def new_proof(session: Session, clinic: Clinic, email: str, *, now: datetime) -> str:
    """Return the token of a link for an address of the clinic; only its digest is stored."""
    token = new_token()
    session.add(
        AddressProof(
            clinic_id=clinic.id,
            email=email,
            token_digest=token_digest(token),
            created_at=now,
            expires_at=now + PROOF_LIFETIME,
        )
    )
    return token


def find_proof(
    session: Session, token: str, *, now: datetime
) -> tuple[AddressProof, Clinic] | None:
    """Return the proof of a valid link, with its clinic."""
    proof = session.scalars(
        sa.select(AddressProof).where(AddressProof.token_digest == token_digest(token))
    ).first()
    if proof is None or proof.expires_at <= now:
        return None
    clinic = session.get_one(Clinic, proof.clinic_id)
    return (proof, clinic) if proof.email in (clinic.email, clinic.second_email) else None


def confirm(
    session: Session,
    proof: AddressProof,
    clinic: Clinic,
    *,
    giving_treatment: Collection[str],
    accepting: AcceptingPatients | None,
    now: datetime,
) -> None:
    """Record that the clinic confirmed its address and, as of today, its facts."""
    today = now.date()
    proof.used_at = now
    clinic.email_confirmed_at = now
    clinic.facts_confirmed_on = today
    clinic.accepting_patients = accepting
    for membership in clinic.providers:
        gives = membership.npi in giving_treatment
        membership.treatment_confirmed_on = today if gives else None
    record(session, actor="clinic", action="facts confirmed", subject=clinic.public_id, now=now)
    session.flush()


def confirm_second(session: Session, proof: AddressProof, clinic: Clinic, *, now: datetime) -> None:
    """Record that the second contact agreed to receive inquiries."""
    proof.used_at = now
    record(
        session,
        actor="clinic",
        action="second contact confirmed",
        subject=clinic.public_id,
        now=now,
    )
    session.flush()


def _find(session: Session, draft: ClinicDraft) -> Clinic | None:
    key = address_key(draft.line1, draft.zip_code)
    return session.scalars(
        sa.select(Clinic).where(Clinic.address_key == key, Clinic.name == draft.name)
    ).first()


def _new(session: Session, draft: ClinicDraft, now: datetime) -> Clinic:
    position = zip_position(draft.zip_code)
    clinic = Clinic(
        public_id=new_public_id(),
        name=draft.name,
        address_key=address_key(draft.line1, draft.zip_code),
        line1=draft.line1,
        city=draft.city,
        state=draft.state,
        zip_code=draft.zip_code,
        latitude=position[0].latitude if position else None,
        longitude=position[0].longitude if position else None,
        precision=position[1] if position else None,
        email=draft.email,
        email_level=0,
        languages=",".join(draft.languages),
        source=Source.OPERATOR,
        as_of=now.date(),
        created_at=now,
    )
    session.add(clinic)
    return clinic


def _set_providers(clinic: Clinic, npis: Sequence[str]) -> None:
    clinic.providers = [each for each in clinic.providers if each.npi in npis]
    known = {each.npi for each in clinic.providers}
    clinic.providers += [ClinicProvider(npi=npi) for npi in dict.fromkeys(npis) if npi not in known]


def _phone_there(session: Session, draft: ClinicDraft) -> str | None:
    return session.scalars(
        sa.select(PracticeLocation.phone)
        .where(
            PracticeLocation.npi.in_(draft.npis),
            PracticeLocation.address_key == address_key(draft.line1, draft.zip_code),
            PracticeLocation.phone.is_not(None),
        )
        .limit(1)
    ).first()
