"""Deleting links, codes and sessions: on time, and with what they open."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.access.models import AccessLink, BrowserSession, OneTimeCode

_CODES_KEPT = timedelta(days=1)  # for so long they are counted against the limits


def delete_expired(session: Session, *, now: datetime) -> None:
    """Delete codes that are a day old and sessions that have ended."""
    session.execute(sa.delete(OneTimeCode).where(OneTimeCode.created_at < now - _CODES_KEPT))
    session.execute(sa.delete(BrowserSession).where(BrowserSession.expires_at < now))


def delete_access(
    session: Session, *, inquiry_ids: Collection[int], submission_ids: Collection[int]
) -> None:
    """Delete all links and sessions that open these inquiries and submissions."""
    for model in (AccessLink, BrowserSession):
        opens_one = sa.or_(
            model.inquiry_id.in_(inquiry_ids), model.submission_id.in_(submission_ids)
        )
        session.execute(sa.delete(model).where(opens_one))
