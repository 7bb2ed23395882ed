"""Tables of links in emails, of codes on their way, and of browsers that typed a code."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.core.db.columns import one_of
from directory.core.db.database import Base


class Role(enum.StrEnum):
    """Who holds a link or a session, which is also what it opens."""

    PATIENT = "patient"  # a submission
    CLINIC = "clinic"  # an inquiry


# The tables they point to are defined in a higher slice, so they are named as text. A link or a
# session is deleted with what it opens.
_OPENS_ONE = (
    "(role = 'patient' AND submission_id IS NOT NULL AND inquiry_id IS NULL)"
    " OR (role = 'clinic' AND inquiry_id IS NOT NULL AND submission_id IS NULL)"
)


class AccessLink(Base):
    """A link in an email. The token itself is never stored."""

    __tablename__ = "access_link"
    __table_args__ = (
        sa.UniqueConstraint("token_digest"),
        sa.CheckConstraint(_OPENS_ONE, name="opens_one"),
        sa.Index(None, "inquiry_id"),
        sa.Index(None, "submission_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[Role] = mapped_column(one_of(Role))
    inquiry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inquiry.id", ondelete="CASCADE"))
    submission_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("submission.id", ondelete="CASCADE")
    )
    token_digest: Mapped[str] = mapped_column(sa.String(64))
    # The clinic's second contact gets a link of its own; its code goes there, too.
    is_second_contact: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[datetime]


class OneTimeCode(Base):
    """A six-digit code on its way to an address. Stored as a keyed digest, with few tries."""

    __tablename__ = "one_time_code"
    __table_args__ = (sa.Index(None, "subject_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[str] = mapped_column(sa.String(60))  # what the code opens
    code_digest: Mapped[str] = mapped_column(sa.String(64))
    tries_left: Mapped[int] = mapped_column(sa.SmallInteger)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class BrowserSession(Base):
    """A browser that proved by a code that it reads the mail of a clinic or a patient."""

    __tablename__ = "browser_session"
    __table_args__ = (
        sa.UniqueConstraint("token_digest"),
        sa.CheckConstraint(_OPENS_ONE, name="opens_one"),
        sa.Index(None, "inquiry_id"),
        sa.Index(None, "submission_id"),
        sa.Index(None, "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[Role] = mapped_column(one_of(Role))
    inquiry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inquiry.id", ondelete="CASCADE"))
    submission_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("submission.id", ondelete="CASCADE")
    )
    token_digest: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
