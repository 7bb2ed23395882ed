"""Links in emails: stored by the digest of their token, found by the token."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.access.models import AccessLink, Role
from directory.core.tokens import token_digest


def new_link(
    role: Role, token: str, *, now: datetime, is_second_contact: bool = False
) -> AccessLink:
    """Return the row of a link with this token; the caller adds it to what it opens."""
    return AccessLink(
        role=role,
        token_digest=token_digest(token),
        is_second_contact=is_second_contact,
        created_at=now,
    )


def find_link(session: Session, role: Role, token: str) -> AccessLink | None:
    """Return the link with this token, if this role holds it."""
    return session.scalars(
        sa.select(AccessLink).where(
            AccessLink.token_digest == token_digest(token), AccessLink.role == role
        )
    ).first()
