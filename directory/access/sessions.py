"""Sessions of browsers that typed a code: started here, and remembered by one cookie.

A browser may hold several at the same time, of patients and of clinics. The cookie holds the
tokens; the database holds their digests, and until when they are valid.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import session as cookie
from sqlalchemy.orm import Session

from directory.access.models import BrowserSession, Role
from directory.core.tokens import new_token, token_digest

LIFETIME = timedelta(hours=8)
_TOKENS = "sessions"  # in the cookie: for each role, the token of each subject
_MOST_TOKENS = 10  # of each role: a cookie holds 4 KB


def start_session(
    session: Session,
    role: Role,
    *,
    inquiry_id: int | None = None,
    submission_id: int | None = None,
    now: datetime,
) -> str:
    """Store a session that opens one inquiry or submission; return its token."""
    token = new_token()
    session.add(
        BrowserSession(
            role=role,
            inquiry_id=inquiry_id,
            submission_id=submission_id,
            token_digest=token_digest(token),
            created_at=now,
            expires_at=now + LIFETIME,
        )
    )
    return token


def is_session(role: Role, token: str, *, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a row is the valid session with this token."""
    return sa.and_(
        BrowserSession.role == role,
        BrowserSession.token_digest == token_digest(token),
        BrowserSession.expires_at > now,
    )


def remember_session(role: Role, subject: str, token: str) -> None:
    """Keep the token in this browser, with the newest others of the role."""
    tokens = {name: kept for name, kept in _tokens(role).items() if name != subject}
    newest = list({**tokens, subject: token}.items())[-_MOST_TOKENS:]
    cookie[_TOKENS] = {**cookie.get(_TOKENS, {}), role.value: dict(newest)}


def session_token(role: Role, subject: str) -> str:
    """Return the token that this browser holds for the subject, or an empty text."""
    return _tokens(role).get(subject, "")


def _tokens(role: Role) -> dict[str, str]:
    tokens: dict[str, str] = cookie.get(_TOKENS, {}).get(role.value, {})
    return tokens
