"""Six-digit codes: made, sent by email, and tried a few times."""

import enum
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.errors import TooManyError
from directory.core.tokens import keyed_digest, new_code, same_digest
from directory.inquiries.models import EmailCode

LIFETIME = timedelta(minutes=10)
TRIES = 5
CODES_PER_HOUR = 5


class Verdict(enum.StrEnum):
    """What came of trying a code."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"  # too late, tried too often, used, or never sent


def issue_code(session: Session, subject_id: str, *, secret_key: str, now: datetime) -> str:
    """Return a new code for the subject; raise `TooManyError` after five within an hour."""
    at = EmailCode
    recent = session.scalar(
        sa.select(sa.func.count()).where(
            at.subject_id == subject_id, at.created_at > now - timedelta(hours=1)
        )
    )
    if (recent or 0) >= CODES_PER_HOUR:
        raise TooManyError("Five codes have been sent within an hour. Try again later.")
    code = new_code()
    session.add(
        EmailCode(
            subject_id=subject_id,
            code_digest=keyed_digest(secret_key, subject_id, code),
            tries_left=TRIES,
            created_at=now,
            expires_at=now + LIFETIME,
        )
    )
    session.flush()
    return code


def has_code(session: Session, subject_id: str, *, now: datetime) -> bool:
    """Tell whether a code is under way that can still be used."""
    return _usable(session.scalars(_newest(subject_id)).first(), now) is not None


def try_code(
    session: Session, subject_id: str, code: str, *, secret_key: str, now: datetime
) -> Verdict:
    """Use up one try of the newest code, and the code itself when it is right.

    The caller commits whatever the verdict is; else the tries would be free.
    """
    current = _current(session, subject_id, now)
    if current is None:
        return Verdict.EXPIRED
    current.tries_left -= 1
    if same_digest(current.code_digest, keyed_digest(secret_key, subject_id, code)):
        current.used_at = now
        session.flush()
        return Verdict.RIGHT
    session.flush()
    return Verdict.WRONG if current.tries_left else Verdict.EXPIRED


def _current(session: Session, subject_id: str, now: datetime) -> EmailCode | None:
    """Return the newest code if it can be used, locked; an older one never can."""
    return _usable(session.scalars(_newest(subject_id).with_for_update()).first(), now)


def _newest(subject_id: str) -> sa.Select[EmailCode]:
    at = EmailCode
    return sa.select(at).where(at.subject_id == subject_id).order_by(at.id.desc()).limit(1)


def _usable(code: EmailCode | None, now: datetime) -> EmailCode | None:
    if code is None or code.used_at or code.expires_at <= now or code.tries_left < 1:
        return None
    return code
