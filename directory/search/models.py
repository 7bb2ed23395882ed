"""The search row: one professional at one place, filed under a care group."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.core.columns import NPIColumn, one_of
from directory.core.database import FACTS, Base
from directory.providers.models import Sex


class Listing(Base):
    """A derived row, made anew from providers, locations, volumes and clinics.

    It repeats what filtering and ranking need, so that the index alone answers a search.
    Excluded, deactivated and hidden providers have none.
    """

    __tablename__ = "listing"
    __table_args__ = (
        sa.Index(None, "npi"),
        sa.Index(
            "ix_listing_nearest",
            *("care_group", "lat_band", "longitude", "latitude", "x", "y", "z"),
            *("tier", "treatments", "npi", "sex", "is_accepting", "takes_inquiries", "id"),
        ),
        {"schema": FACTS},
    )

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    npi: Mapped[str] = mapped_column(NPIColumn)
    # One of the two: what a file states, or a clinic's own address that no file states.
    practice_location_id: Mapped[int | None] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    )
    clinic_id: Mapped[int | None]
    care_group: Mapped[int] = mapped_column(sa.SmallInteger)
    tier: Mapped[int] = mapped_column(sa.SmallInteger)
    lat_band: Mapped[int] = mapped_column(sa.SmallInteger)
    latitude: Mapped[float]
    longitude: Mapped[float]
    # The place as a unit vector: squared chords sort like great-circle distances.
    x: Mapped[float]
    y: Mapped[float]
    z: Mapped[float]
    treatments: Mapped[int]
    sex: Mapped[Sex | None] = mapped_column(one_of(Sex, length=1))
    is_accepting: Mapped[bool | None]
    takes_inquiries: Mapped[bool]


class ListingChange(Base):
    """A provider whose listings changed for another reason than an import.

    An import that is under way does not know of it, so it makes these listings anew last.
    """

    __tablename__ = "listing_change"

    npi: Mapped[str] = mapped_column(NPIColumn, primary_key=True, autoincrement=False)
