"""The search rows: one professional at one place, and the blobs of records made from them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.core.db.columns import NPIColumn, one_of
from directory.core.db.database import FACTS, Base
from directory.providers.models import Sex


class Listing(Base):
    """A derived row, made anew from providers, locations, volumes and clinics.

    Excluded, deactivated and hidden providers have none.
    """

    __tablename__ = "listing"
    # By professional on both databases: they are made anew, and looked up, one by one.
    __table_args__ = ({"schema": FACTS, "sqlite_with_rowid": False},)

    npi: Mapped[str] = mapped_column(NPIColumn, primary_key=True, autoincrement=False)
    # The id of the practice location; or, below zero, of a clinic whose address no file states.
    place: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    clinic_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(sa.String(400))  # as files write it, for finding by name
    is_shown: Mapped[bool]  # without asking for every specialty
    tier: Mapped[int] = mapped_column(sa.SmallInteger)
    specialties: Mapped[int]  # a bit each, in the order of taxonomies.SPECIALTIES
    lat_band: Mapped[int] = mapped_column(sa.SmallInteger)
    lon_cell: Mapped[int] = mapped_column(sa.SmallInteger)
    latitude: Mapped[float]
    longitude: Mapped[float]
    treatments: Mapped[int]
    sex: Mapped[Sex | None] = mapped_column(one_of(Sex, length=1))
    is_accepting: Mapped[bool | None]
    takes_inquiries: Mapped[bool]
    has_telehealth: Mapped[bool]
    languages: Mapped[int]  # a bit each, in the order of records.LANGUAGES
    answer_minutes: Mapped[int | None]

    @property
    def practice_location_id(self) -> int | None:
        """The location, unless only a clinic states the place."""
        return self.place if self.place > 0 else None


class ListingCell(Base):
    """The records of one care group in one cell of the map, as of one version of the data."""

    __tablename__ = "listing_cell"
    __table_args__ = ({"schema": FACTS},)

    # `records.cell_number`: neighbors to the west and east are neighbors by number.
    cell: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    since: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    records: Mapped[bytes]


class ListingName(Base):
    """The records of all who bear a word in their name, as of one version of the data."""

    __tablename__ = "listing_name"
    __table_args__ = ({"schema": FACTS},)

    # Compared byte by byte on every database, so that a beginning is a range.
    word: Mapped[str] = mapped_column(
        sa.String(100).with_variant(sa.String(100, collation="C"), "postgresql"), primary_key=True
    )
    since: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    records: Mapped[bytes]


class DataVersion(Base):
    """A moment at which what a search shows changed. Those of the last hour can be paged on."""

    __tablename__ = "data_version"
    __table_args__ = ({"schema": FACTS},)

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]


class ListingChange(Base):
    """A provider whose listings changed for another reason than an import.

    An import that is under way does not know of it, so it makes these listings anew last.
    """

    __tablename__ = "listing_change"

    npi: Mapped[str] = mapped_column(NPIColumn, primary_key=True, autoincrement=False)
