"""Tables of clinics, the professionals who work there, and the proof of their addresses."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.core.db.columns import NPIColumn, one_of
from directory.core.db.database import Base
from directory.geo.points import Precision
from directory.providers.models import AcceptingPatients, Sourced


class Clinic(Sourced, Base):
    """An organization that receives inquiries from us, tied to its practice locations."""

    __tablename__ = "clinic"
    __table_args__ = (
        sa.CheckConstraint("email_level BETWEEN 0 AND 2", name="email_level_known"),
        sa.CheckConstraint(
            "email_level = 0 OR email_level_agreed_on IS NOT NULL", name="email_level_agreed"
        ),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL) AND (latitude IS NULL) = (precision IS NULL)",
            name="position_whole",
        ),
        sa.UniqueConstraint("public_id"),
        sa.UniqueConstraint("address_key", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(sa.String(22))
    name: Mapped[str] = mapped_column(sa.String(300))
    # The same key as on practice locations: a branch belongs to its address.
    address_key: Mapped[str] = mapped_column(sa.String(160))
    line1: Mapped[str] = mapped_column(sa.String(120))
    line2: Mapped[str | None] = mapped_column(sa.String(120))
    city: Mapped[str] = mapped_column(sa.String(80))
    state: Mapped[str] = mapped_column(sa.String(2))
    zip_code: Mapped[str] = mapped_column(sa.String(5))
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    precision: Mapped[Precision | None] = mapped_column(one_of(Precision, length=12))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    second_email: Mapped[str | None] = mapped_column(sa.String(254))
    email_confirmed_at: Mapped[datetime | None]
    # How much an email may hold: 0 a link only, 1 contact data, 2 all answers.
    email_level: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    email_level_agreed_on: Mapped[date | None]
    email_level_agreed_by: Mapped[str | None] = mapped_column(sa.String(120))
    # The day the operator declared that TLS is enforced all the way to this clinic.
    tls_enforced_on: Mapped[date | None]
    time_zone: Mapped[str | None] = mapped_column(sa.String(40))  # None: that of its state
    languages: Mapped[str] = mapped_column(sa.String(100), default="en")
    accepting_patients: Mapped[AcceptingPatients | None] = mapped_column(one_of(AcceptingPatients))
    facts_confirmed_on: Mapped[date | None]
    # The response record: inquiries of the last year, and the median time to an answer.
    inquiries_received: Mapped[int] = mapped_column(default=0, server_default="0")
    inquiries_answered: Mapped[int] = mapped_column(default=0, server_default="0")
    answer_minutes: Mapped[int | None]
    created_at: Mapped[datetime]

    providers: Mapped[list["ClinicProvider"]] = relationship(
        order_by="ClinicProvider.npi", cascade="all, delete-orphan"
    )
    proofs: Mapped[list["AddressProof"]] = relationship(viewonly=True)

    @property
    def takes_inquiries(self) -> bool:
        """Return whether an inquiry can be sent: there is a confirmed address."""
        return self.email is not None and self.email_confirmed_at is not None

    @property
    def second_contact(self) -> str | None:
        """Return the second address once it is confirmed, unless it is the first one."""
        second = (self.second_email or "").casefold()
        if not second or second == (self.email or "").casefold():
            return None
        is_confirmed = any(
            proof.used_at is not None and proof.email.casefold() == second for proof in self.proofs
        )
        return self.second_email if is_confirmed else None


class ClinicProvider(Base):
    """A professional who works at a clinic."""

    __tablename__ = "clinic_provider"
    __table_args__ = (sa.Index(None, "npi"),)

    clinic_id: Mapped[int] = mapped_column(
        sa.ForeignKey("clinic.id", ondelete="CASCADE"), primary_key=True
    )
    npi: Mapped[str] = mapped_column(NPIColumn, primary_key=True)
    # The day the clinic said that this person gives Botox for chronic migraine.
    treatment_confirmed_on: Mapped[date | None]


class AddressProof(Base):
    """A link sent to one of a clinic's addresses, to be confirmed by a button."""

    __tablename__ = "address_proof"
    __table_args__ = (sa.UniqueConstraint("token_digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[int] = mapped_column(sa.ForeignKey("clinic.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(sa.String(254))
    token_digest: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
