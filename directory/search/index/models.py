"""Tables of the search index: one row per professional and place, and the posting blocks."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.core.db.columns import NPIColumn, one_of
from directory.core.db.database import FACTS, Base
from directory.providers.models import Sex


class Listing(Base):
    """A derived row, built from providers, locations, volumes and clinics.

    Excluded, deactivated and opted-out providers have none.
    """

    __tablename__ = "listing"
    # Clustered by provider on both databases: listings are rebuilt and read by provider.
    __table_args__ = ({"schema": FACTS, "sqlite_with_rowid": False},)

    npi: Mapped[str] = mapped_column(NPIColumn, primary_key=True, autoincrement=False)
    # The id of the practice location, or the negated id of a clinic whose address no file states.
    place: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    clinic_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(sa.String(400))  # as the file spells it, for search by name
    is_shown: Mapped[bool]  # in searches that do not include all specialties
    tier: Mapped[int] = mapped_column(sa.SmallInteger)
    specialties: Mapped[int]  # one bit each, in the order of taxonomies.SPECIALTIES
    lat_band: Mapped[int] = mapped_column(sa.SmallInteger)
    lon_cell: Mapped[int] = mapped_column(sa.SmallInteger)
    latitude: Mapped[float]
    longitude: Mapped[float]
    treatments: Mapped[int]
    sex: Mapped[Sex | None] = mapped_column(one_of(Sex, length=1))
    is_accepting: Mapped[bool | None]
    takes_inquiries: Mapped[bool]
    has_telehealth: Mapped[bool]
    languages: Mapped[int]  # one bit each, in the order of packed_listing.LANGUAGES
    answer_minutes: Mapped[int | None]

    @property
    def practice_location_id(self) -> int | None:
        """The id of the practice location, or None if only a clinic states the place."""
        return self.place if self.place > 0 else None


class ListingCell(Base):
    """The records of one care group in one cell of the map, as of one version of the data."""

    __tablename__ = "listing_cell"
    __table_args__ = ({"schema": FACTS},)

    # `packed_listing.cell_number`: cells adjacent from west to east have adjacent numbers.
    cell: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    since: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    records: Mapped[bytes]


class ListingName(Base):
    """The records of all with a word in their name, as of one version of the data."""

    __tablename__ = "listing_name"
    __table_args__ = ({"schema": FACTS},)

    # Compared byte by byte on every database, so that a prefix is a range of the key.
    word: Mapped[str] = mapped_column(
        sa.String(100).with_variant(sa.String(100, collation="C"), "postgresql"), primary_key=True
    )
    since: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    records: Mapped[bytes]


class DataVersion(Base):
    """A change of the search data. Versions of the last hour can still be paged through."""

    __tablename__ = "data_version"
    __table_args__ = ({"schema": FACTS},)

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]


class ListingChange(Base):
    """A provider whose listings changed outside an import.

    A running import does not see the change, so it rebuilds these listings at its end.
    """

    __tablename__ = "listing_change"

    npi: Mapped[str] = mapped_column(NPIColumn, primary_key=True, autoincrement=False)
