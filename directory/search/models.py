"""The search row: one professional at one place, filed under a care group."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.core.columns import NPIColumn, one_of
from directory.core.database import Base
from directory.providers.models import Sex


class Listing(Base):
    """A derived row, made anew from providers, locations, volumes and clinics.

    It repeats what filtering and ranking need, so that the index alone answers a search.
    Excluded, deactivated and hidden providers have none.
    """

    __tablename__ = "listing"
    __table_args__ = (
        sa.UniqueConstraint("npi", "practice_location_id", "care_group"),
        sa.Index(
            "ix_listing_nearest",
            *("care_group", "lat_band", "longitude", "latitude", "x", "y", "z"),
            *("tier", "treatments", "npi", "sex", "is_accepting", "takes_inquiries", "id"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    npi: Mapped[str] = mapped_column(NPIColumn, sa.ForeignKey("provider.npi", ondelete="CASCADE"))
    practice_location_id: Mapped[int] = mapped_column(
        sa.ForeignKey("practice_location.id", ondelete="CASCADE"), index=True
    )
    clinic_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("clinic.id", ondelete="SET NULL"), index=True
    )
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
