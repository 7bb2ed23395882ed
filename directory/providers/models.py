"""Tables of what public files state about people and organizations with an NPI."""

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.core.columns import NPIColumn, one_of
from directory.core.database import Base
from directory.geo.precision import Precision


class Source(enum.StrEnum):
    """Where a fact comes from."""

    NPPES = "nppes"
    MEDICARE = "medicare"  # Physician & Other Practitioners, by Provider and Service
    CLINICIANS = "clinicians"  # Doctors and Clinicians national file
    EXCLUSIONS = "exclusions"  # the federal exclusion list (LEIE)
    STATE = "state"  # a state's license file
    NUCC = "nucc"
    OPERATOR = "operator"
    CLINIC = "clinic"
    OWN = "own"  # words and groupings of this project
    DEMO = "demo"


class EntityType(enum.StrEnum):
    """The two NPPES entity types."""

    INDIVIDUAL = "individual"
    ORGANIZATION = "organization"


class Sex(enum.StrEnum):
    """As reported to NPPES; unknown is None."""

    FEMALE = "F"
    MALE = "M"
    OTHER = "X"


class AcceptingPatients(enum.StrEnum):
    """The four Plan-Net answers; unknown is None."""

    NO = "no"
    YES = "yes"
    EXISTING_ONLY = "existing-only"
    FAMILY_ONLY = "family-only"


class LicenseStatus(enum.StrEnum):
    """Only ever taken from a state's file."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    EXPIRED = "expired"
    RESTRICTED = "restricted"
    REVOKED = "revoked"


class Sourced:
    """What every fact bears: where it comes from, and the day that source speaks for."""

    source: Mapped[Source] = mapped_column(one_of(Source))
    as_of: Mapped[date]


class Provider(Sourced, Base):
    """A person or an organization with an NPI."""

    __tablename__ = "provider"

    npi: Mapped[str] = mapped_column(NPIColumn, primary_key=True, autoincrement=False)
    entity_type: Mapped[EntityType] = mapped_column(one_of(EntityType))
    organization_name: Mapped[str | None] = mapped_column(sa.String(300))
    first_name: Mapped[str | None] = mapped_column(sa.String(100))
    middle_name: Mapped[str | None] = mapped_column(sa.String(100))
    last_name: Mapped[str | None] = mapped_column(sa.String(100))
    name_suffix: Mapped[str | None] = mapped_column(sa.String(20))
    credential: Mapped[str | None] = mapped_column(sa.String(60))
    sex: Mapped[Sex | None] = mapped_column(one_of(Sex, length=1))
    enumerated_on: Mapped[date | None]
    updated_on: Mapped[date | None]
    deactivated_on: Mapped[date | None]
    graduation_year: Mapped[int | None] = mapped_column(sa.SmallInteger)
    # Digest of what the file said, so that an unchanged row costs one comparison.
    row_digest: Mapped[bytes | None] = mapped_column(sa.LargeBinary(16))

    taxonomies: Mapped[list["ProviderTaxonomy"]] = relationship(
        order_by="ProviderTaxonomy.is_primary.desc(), ProviderTaxonomy.code", viewonly=True
    )
    licenses: Mapped[list["License"]] = relationship(
        order_by="License.state, License.number", viewonly=True
    )
    practice_locations: Mapped[list["PracticeLocation"]] = relationship(
        order_by="PracticeLocation.is_primary.desc(), PracticeLocation.id", viewonly=True
    )
    procedure_volumes: Mapped[list["ProcedureVolume"]] = relationship(
        order_by="ProcedureVolume.year.desc()", viewonly=True
    )

    @property
    def is_individual(self) -> bool:
        """Tell whether this is a person."""
        return self.entity_type is EntityType.INDIVIDUAL

    @property
    def name(self) -> str:
        """The name without credential, as it is shown."""
        if not self.is_individual:
            return self.organization_name or ""
        parts = (self.first_name, self.middle_name, self.last_name, self.name_suffix)
        return " ".join(part for part in parts if part)

    @property
    def full_name(self) -> str:
        """The name with the credential behind it."""
        return f"{self.name}, {self.credential}" if self.credential else self.name


class Taxonomy(Base):
    """A NUCC code and its name: ours, or the operator's own NUCC download."""

    __tablename__ = "taxonomy"

    code: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    source: Mapped[Source] = mapped_column(one_of(Source))


class ProviderTaxonomy(Sourced, Base):
    """A taxonomy that a provider reported."""

    __tablename__ = "provider_taxonomy"

    npi: Mapped[str] = mapped_column(
        NPIColumn, sa.ForeignKey("provider.npi", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    is_primary: Mapped[bool]


class License(Sourced, Base):
    """A license number with its state. The status is None until a state file gave it."""

    __tablename__ = "license"
    __table_args__ = (
        sa.UniqueConstraint("npi", "state", "number", "taxonomy_code"),
        sa.Index(None, "state", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    npi: Mapped[str] = mapped_column(NPIColumn, sa.ForeignKey("provider.npi", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(sa.String(40))
    state: Mapped[str] = mapped_column(sa.String(2))
    taxonomy_code: Mapped[str] = mapped_column(sa.String(10))
    status: Mapped[LicenseStatus | None] = mapped_column(one_of(LicenseStatus))
    status_checked_on: Mapped[date | None]
    first_issued_on: Mapped[date | None]


class PracticeLocation(Sourced, Base):
    """A place where a provider sees patients. Never a mailing address."""

    __tablename__ = "practice_location"
    __table_args__ = (
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_in_range"),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_in_range"),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL) AND (latitude IS NULL) = (precision IS NULL)",
            name="position_whole",
        ),
        sa.UniqueConstraint("npi", "address_key"),
        sa.Index(None, "address_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    npi: Mapped[str] = mapped_column(NPIColumn, sa.ForeignKey("provider.npi", ondelete="CASCADE"))
    # First line and ZIP, folded: the same place written differently has the same key.
    address_key: Mapped[str] = mapped_column(sa.String(160))
    is_primary: Mapped[bool]
    name: Mapped[str | None] = mapped_column(sa.String(300))
    line1: Mapped[str] = mapped_column(sa.String(120))
    line2: Mapped[str | None] = mapped_column(sa.String(120))
    city: Mapped[str] = mapped_column(sa.String(80))
    state: Mapped[str] = mapped_column(sa.String(40))
    zip_code: Mapped[str] = mapped_column(sa.String(20))
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    precision: Mapped[Precision | None] = mapped_column(one_of(Precision, length=12))
    accepting_patients: Mapped[AcceptingPatients | None] = mapped_column(one_of(AcceptingPatients))


class ProcedureVolume(Sourced, Base):
    """How often a provider billed a procedure to Medicare in a year; 11 or more."""

    __tablename__ = "procedure_volume"
    __table_args__ = (sa.CheckConstraint("services >= 0", name="services_not_negative"),)

    npi: Mapped[str] = mapped_column(
        NPIColumn, sa.ForeignKey("provider.npi", ondelete="CASCADE"), primary_key=True
    )
    procedure_code: Mapped[str] = mapped_column(sa.String(5), primary_key=True)
    year: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    services: Mapped[int]
    beneficiaries: Mapped[int | None]


class Exclusion(Sourced, Base):
    """An entry on the federal exclusion list. Dates of birth are never stored."""

    __tablename__ = "exclusion"
    __table_args__ = (sa.Index(None, "npi"), sa.Index(None, "last_name", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    # None when the list does not know it; such an entry is for the operator alone.
    npi: Mapped[str | None] = mapped_column(NPIColumn)
    last_name: Mapped[str | None] = mapped_column(sa.String(100))
    first_name: Mapped[str | None] = mapped_column(sa.String(100))
    business_name: Mapped[str | None] = mapped_column(sa.String(100))
    state: Mapped[str | None] = mapped_column(sa.String(2))
    exclusion_type: Mapped[str] = mapped_column(sa.String(12))
    excluded_on: Mapped[date]
    reinstated_on: Mapped[date | None]


class OptOut(Base):
    """A provider who asked not to be listed. Kept apart, so that no import brings them back."""

    __tablename__ = "opt_out"

    npi: Mapped[str] = mapped_column(NPIColumn, primary_key=True, autoincrement=False)
    created_at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(sa.String(500))


class ReportState(enum.StrEnum):
    """Whether the operator has dealt with a report."""

    OPEN = "open"
    CLOSED = "closed"


class WrongFact(enum.StrEnum):
    """What a visitor says is wrong."""

    ADDRESS = "address"
    PHONE = "phone"
    TREATMENT = "treatment"
    NEW_PATIENTS = "new-patients"
    LICENSE = "license"
    OTHER = "other"


class Report(Base):
    """A fact that a visitor reported as wrong."""

    __tablename__ = "report"
    __table_args__ = (sa.Index(None, "state", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    npi: Mapped[str] = mapped_column(NPIColumn)
    fact: Mapped[WrongFact] = mapped_column(one_of(WrongFact))
    message: Mapped[str] = mapped_column(sa.String(1000))
    state: Mapped[ReportState] = mapped_column(one_of(ReportState))
    created_at: Mapped[datetime]


class RunState(enum.StrEnum):
    """How an import run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImportRun(Base):
    """One loading of a public file."""

    __tablename__ = "import_run"
    __table_args__ = (sa.Index(None, "source", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[Source] = mapped_column(one_of(Source))
    file_name: Mapped[str] = mapped_column(sa.String(255))
    file_digest: Mapped[str | None] = mapped_column(sa.String(64))
    released_on: Mapped[date | None]
    state: Mapped[RunState] = mapped_column(one_of(RunState))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    set_aside: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    message: Mapped[str | None] = mapped_column(sa.String(1000))
