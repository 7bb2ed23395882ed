"""Six-digit codes: made, sent by email, and tried a few times."""

import enum
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.access.models import OneTimeCode
from directory.core.errors import TooManyError
from directory.core.tokens import keyed_digest, new_code, same_digest

LIFETIME = timedelta(minutes=10)
TRIES = 5
CODES_PER_HOUR = 5
LINK_CODES_PER_HOUR = 10
_TIME_TO_READ = timedelta(minutes=3)


class Verdict(enum.StrEnum):
    """What came of trying a code."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"  # too late, tried too often, used, or never sent


def issue_code(session: Session, subject_id: str, *, secret_key: str, now: datetime) -> str:
    """Return a new code for the subject; raise `TooManyError` after five within an hour."""
    if _codes_within_hour(session, subject_id, now) >= CODES_PER_HOUR:
        raise TooManyError("Five codes have been sent within an hour. Try again later.")
    return _new_code(session, subject_id, secret_key, now)


def code_for_link(
    session: Session, subject_id: str, *, secret_key: str, now: datetime
) -> str | None:
    """Return a code to send for a link in an email; None while one under way still works.

    Mail scanners open links, and some press every button and send every form, over and over:

    - While a code works for three minutes more, no second one is sent. It opens the inquiry in
      whichever browser it is typed into, so a scanner that pressed first takes nothing away.
    - Wrong tries use up that code alone. The next press sends another at once, ten an hour.
    - After ten, one more is sent whenever the last is ten minutes old. So a scanner may slow a
      person down and never locks them out, and nobody gets more than 16 codes of 5 tries an hour.

    The caller holds the link's row locked: else two presses at once send two codes. Raises
    `TooManyError`.
    """
    if has_code(session, subject_id, now=now + _TIME_TO_READ):
        return None
    newest = _newest(session, subject_id)
    is_recent = newest is not None and newest.created_at > now - LIFETIME
    if is_recent and _codes_within_hour(session, subject_id, now) >= LINK_CODES_PER_HOUR:
        raise TooManyError("Many codes have been sent. Try again in ten minutes.")
    return _new_code(session, subject_id, secret_key, now)


def _codes_within_hour(session: Session, subject_id: str, now: datetime) -> int:
    at = OneTimeCode
    recent = sa.and_(at.subject_id == subject_id, at.created_at > now - timedelta(hours=1))
    return session.scalar(sa.select(sa.func.count()).where(recent)) or 0


def _new_code(session: Session, subject_id: str, secret_key: str, now: datetime) -> str:
    code = new_code()
    session.add(
        OneTimeCode(
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
    return _usable(_newest(session, subject_id), now) is not None


def is_right(
    session: Session, subject_id: str, code: str, *, secret_key: str, now: datetime
) -> bool:
    """Tell whether a code would be right, for work that may begin before it is tried.

    It uses up no try: nobody may be told what it says.
    """
    current = _usable(_newest(session, subject_id), now)
    return current is not None and _is_of(current, code, secret_key)


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
    if _is_of(current, code, secret_key):
        current.used_at = now
        return Verdict.RIGHT
    return Verdict.WRONG if current.tries_left else Verdict.EXPIRED


def _is_of(current: OneTimeCode, code: str, secret_key: str) -> bool:
    return same_digest(current.code_digest, keyed_digest(secret_key, current.subject_id, code))


def _current(session: Session, subject_id: str, now: datetime) -> OneTimeCode | None:
    """Return the newest code if it can be used, locked; an older one never can."""
    return _usable(_newest(session, subject_id, is_changing=True), now)


_NEWEST = (
    sa.select(OneTimeCode)
    .where(OneTimeCode.subject_id == sa.bindparam("subject_id"))
    .order_by(OneTimeCode.id.desc())
    .limit(1)
)
_NEWEST_ALONE = _NEWEST.with_for_update()


def _newest(session: Session, subject_id: str, *, is_changing: bool = False) -> OneTimeCode | None:
    statement = _NEWEST_ALONE if is_changing else _NEWEST
    return session.scalars(statement, {"subject_id": subject_id}).first()


def _usable(code: OneTimeCode | None, now: datetime) -> OneTimeCode | None:
    if code is None or code.used_at or code.expires_at <= now or code.tries_left < 1:
        return None
    return code
