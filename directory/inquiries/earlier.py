"""Inquiries written before each had a key of its own, and before the form asked so much."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.care.answers import Answers, Contact, Language, Length, Told, YesNo
from directory.core.dataclass_json import from_json, to_json
from directory.inquiries.models import Inquiry, inquiry_key
from directory.privacy.encryption import ROW_KEY, UnreadableError, keyring, sealed_by_other
from directory.privacy.rotation import Batch
from directory.privacy.rowkeys import row_keys

_BATCH = 200
# What the form did not ask then is an answer left open.
_NOT_ASKED = {"told": [Told.UNSURE], "length": Length.UNSURE, "over_three_months": YesNo.UNSURE}


def reseal_earlier(session: Session, *, now: datetime, after: int = 0) -> Batch | None:
    """Give the next earlier inquiries keys of their own; return None when there are no more.

    Killed half-way it loses nothing: the keys are made first, and a key that is there stays.
    """
    columns = (Inquiry.sealed_contact, Inquiry.sealed_answers)
    inquiries = session.scalars(
        sa.select(Inquiry)
        .where(sa.or_(*(sealed_by_other(each, ROW_KEY) for each in columns)), Inquiry.id > after)
        .order_by(Inquiry.id)
        .limit(_BATCH)
        .with_for_update()
    ).all()
    if not inquiries:
        return None
    row_keys().make([inquiry_key(each.public_id) for each in inquiries], now=now)
    resealed = sum(map(_reseal, inquiries))
    session.flush()
    return Batch(inquiries[-1].id, resealed, len(inquiries) - resealed)


def _reseal(inquiry: Inquiry) -> bool:
    try:
        contact, answers = _opened(inquiry, "contact"), _opened(inquiry, "answers")
    except UnreadableError:
        return False
    if contact is not None:
        is_known = inquiry.submission.language in set(Language)
        language = inquiry.submission.language if is_known else Language.ENGLISH
        inquiry.contact = _renewed(Contact, {**contact, "language": language})
    if answers is not None:
        inquiry.answers = _renewed(Answers, {**_NOT_ASKED, **answers})
    return True


def _opened(inquiry: Inquiry, name: str) -> dict[str, Any] | None:
    column = f"sealed_{name}"
    sealed: bytes | None = getattr(inquiry, column)
    if sealed is None:
        return None
    bound_to = f"{inquiry.__tablename__}.{column}:{inquiry.public_id}"
    opened: dict[str, Any] = json.loads(keyring().open(sealed, bound_to=bound_to))
    return opened


def _renewed(kind: type[Any], values: dict[str, Any]) -> str:
    return to_json(from_json(kind, json.dumps(values)))
