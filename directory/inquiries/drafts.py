"""Drafts: what a browser has filled in, kept sealed until it is sent, a day at most."""

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory.care.answers import Answers, Contact
from directory.clinics.models import Clinic
from directory.core.dataclass_json import from_json, to_json
from directory.core.errors import RefusedError, TooManyError
from directory.core.tokens import keyed_digest
from directory.inquiries.models import DraftClinic, InquiryDraft
from directory.inquiries.queries import drafts_since, find_draft

LIFETIME = timedelta(hours=24)
MOST_CLINICS = 3

# What was typed, by step and field: a list of texts each, as a form sends them.
Fields = dict[str, dict[str, list[str]]]
# Beside the steps, under names that no step has.
_READY, _INQUIRIES, _CODE = "+ready", "+inquiries", "+code"


class TooManyClinicsError(RefusedError):
    """An inquiry goes to three clinics at most."""


@dataclass(frozen=True)
class Limits:
    """How much one sender may send."""

    per_hour: int  # drafts from one network address
    per_day: int  # inquiries from one email address to one clinic


@dataclass(frozen=True, repr=False)
class Ready:
    """What was checked on the review page and only waits for the code."""

    contact: Contact
    answers: Answers
    inquiry_ids: tuple[str, ...]  # their keys have been made


def begin_draft(
    session: Session,
    public_id: str,
    *,
    sender_digest: str,
    language: str,
    limits: Limits,
    now: datetime,
) -> InquiryDraft:
    """Return the draft of this id, new or already begun; its key has to be in the store.

    Raises `TooManyError` past the limit.
    """
    existing = find_draft(session, public_id, is_changing=True)
    if existing is not None:
        return existing
    since = now - timedelta(hours=1)
    if drafts_since(session, sender_digest, since) >= limits.per_hour:
        raise TooManyError("Too many inquiries have come from here within an hour.")
    draft = InquiryDraft(
        public_id=public_id,
        language=language,
        sender_digest=sender_digest,
        created_at=now,
    )
    draft.fields = "{}"
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError:  # a second click was faster
        existing = find_draft(session, public_id, is_changing=True)
        if existing is None:
            raise
        return existing
    return draft


def fields_of(draft: InquiryDraft) -> Fields:
    """Return everything that was typed so far."""
    return json.loads(draft.fields) if draft.fields else {}


def keep_step(draft: InquiryDraft, step: str, typed: Mapping[str, Sequence[str]]) -> None:
    """Keep what was typed at a step, right or wrong."""
    keep_steps(draft, {step: {name: list(values) for name, values in typed.items()}})


def keep_steps(draft: InquiryDraft, typed: Fields) -> None:
    """Keep what was typed at several steps. What was ready to be sent has to be checked anew."""
    fields = {**fields_of(draft), **typed}
    fields.pop(_READY, None)
    _write(draft, fields)


def keep_ready(draft: InquiryDraft, ready: Ready) -> None:
    """Keep what was checked, to be sent once the address is proven."""
    fields = fields_of(draft)
    fields[_READY] = {
        "contact": [to_json(ready.contact)],
        "answers": [to_json(ready.answers)],
    }
    fields[_INQUIRIES] = {"ids": list(ready.inquiry_ids)}
    _write(draft, fields)


def ready_of(fields: Fields) -> Ready | None:
    """Return what was checked, unless something has been changed since."""
    kept = fields.get(_READY)
    if kept is None:
        return None
    return Ready(
        contact=from_json(Contact, kept["contact"][0]),
        answers=from_json(Answers, kept["answers"][0]),
        inquiry_ids=inquiry_ids_of(fields),
    )


def inquiry_ids_of(fields: Fields) -> tuple[str, ...]:
    """Return the ids for which keys have been made, whatever was changed since."""
    return tuple(fields.get(_INQUIRIES, {}).get("ids", ()))


def keep_code_address(draft: InquiryDraft, email: str) -> None:
    """Keep where the newest code went: it proves that address and no other."""
    fields = fields_of(draft)
    fields[_CODE] = {"email": [email]}
    _write(draft, fields)


def code_address_of(fields: Fields) -> str | None:
    """Return where the newest code went."""
    found = fields.get(_CODE)
    return found["email"][0] if found else None


def add_clinic(session: Session, draft: InquiryDraft, clinic: Clinic, npi: str | None) -> None:
    """Add a clinic that the draft goes to; once more is no mistake.

    Raises `RefusedError` when the clinic takes no inquiries, `TooManyClinicsError` after three.
    """
    if not clinic.takes_inquiries:
        raise RefusedError(f"{clinic.name} takes no inquiries here.")
    known = next((each for each in draft.clinics if each.clinic_id == clinic.id), None)
    if known is not None:
        known.npi = npi or known.npi
        return
    if len(draft.clinics) >= MOST_CLINICS:
        raise TooManyClinicsError(f"An inquiry goes to {MOST_CLINICS} clinics at most.")
    position = max((each.position for each in draft.clinics), default=0) + 1
    keep_steps(draft, {})  # nothing is ready any more: the patient has not seen this clinic
    draft.clinics.append(DraftClinic(clinic=clinic, npi=npi, position=position))
    session.flush()


def remove_clinic(session: Session, draft: InquiryDraft, clinic: Clinic) -> None:
    """Do not send to this clinic."""
    draft.clinics = [each for each in draft.clinics if each.clinic_id != clinic.id]
    session.flush()


def sender_digest(secret_key: str, address: str) -> str:
    """Return what a network address is counted by; of IPv6 the /64 that one household has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return keyed_digest(secret_key, "address", address)
    if found.version == 6:
        address = str(ipaddress.ip_network((found, 64), strict=False))
    return keyed_digest(secret_key, "address", address)


def email_digest(secret_key: str, email: str) -> str:
    """Return what an email address is counted by."""
    return keyed_digest(secret_key, "email", email.casefold())


def _write(draft: InquiryDraft, fields: Fields) -> None:
    draft.fields = json.dumps(fields, ensure_ascii=False)
