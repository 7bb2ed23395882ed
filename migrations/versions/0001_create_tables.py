"""Create all tables: the facts of public files, and everything else.

The helpers at the end name every constraint after its table and columns. A table lists its
columns in the order of its model.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001_create_tables"
down_revision = None
branch_labels = None
depends_on = None

FACTS = "facts"  # a schema on PostgreSQL, the attached file on SQLite

MOMENT = sa.DateTime(timezone=True)
NPI = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LONG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(100).with_variant(sa.String(100, collation="C"), "postgresql")  # byte order

SOURCES = (
    *("nppes", "nppes-locations", "nppes-names", "nppes-endpoints", "nppes-deactivated"),
    *("medicare", "clinicians", "exclusions", "state", "nucc"),
    *("operator", "clinic", "own", "demo"),
)
ENTITY_TYPES = ("individual", "organization")
SEXES = ("F", "M", "X")
LICENSE_STATUSES = ("active", "inactive", "expired", "restricted", "revoked")
ACCEPTING_PATIENTS = ("no", "yes", "existing-only", "family-only")
PRECISIONS = ("exact", "coordinates", "zip", "city", "area", "state")
RUN_STATES = ("running", "done", "failed")
WRONG_FACTS = ("address", "phone", "treatment", "new-patients", "license", "other")
REPORT_STATES = ("open", "closed")
INQUIRY_STATES = (
    *("sent", "handed-off", "undeliverable", "opened", "needs-information", "times-proposed"),
    *("wait-list", "accepted", "scheduled", "completed", "repeat-due"),
    *("declined", "withdrawn", "expired"),
)
ROLES = ("patient", "clinic")
ACTORS = ("patient", "clinic", "worker", "operator")
MESSAGE_KINDS = (
    *("patient-code", "patient-sent", "patient-news"),
    *("clinic-inquiry", "clinic-reminder", "clinic-second", "clinic-news"),
    *("clinic-code", "clinic-proof", "test"),
)
MESSAGE_STATES = ("waiting", "sending", "handed-off", "failed", "bounced")
SMTP_PHASES = ("connect", "tls", "sign-in", "mail", "rcpt", "data", "dot")

POSITION_WHOLE = (
    "(latitude IS NULL) = (longitude IS NULL) AND (latitude IS NULL) = (precision IS NULL)"
)

OPENS_ONE = (
    "(role = 'patient' AND submission_id IS NOT NULL AND inquiry_id IS NULL)"
    " OR (role = 'clinic' AND inquiry_id IS NOT NULL AND submission_id IS NULL)"
)

FACT_TABLES = (
    *("provider", "provider_taxonomy", "other_name", "endpoint", "deactivation", "taxonomy"),
    *("practice_location", "group_practice"),
    *("license", "clinician", "procedure_volume", "exclusion"),
    "release",
    *("listing", "listing_cell", "listing_name", "data_version"),
)
TABLES = (
    *("import_run", "geocoded_address", "listing_change", "opt_out", "report"),
    *("clinic", "clinic_provider", "address_proof"),
    *("inquiry_draft", "draft_clinic"),
    *("submission", "inquiry", "inquiry_event"),
    *("access_link", "one_time_code", "browser_session"),
    "outbox_message",
    "audit_event",
)


def upgrade() -> None:
    if not is_sqlite():
        op.execute(f"CREATE SCHEMA {FACTS}")
    create_provider_facts()
    create_place_facts()
    create_record_facts()
    create_releases()
    create_search_index()
    create_operator_tables()
    create_clinics()
    create_drafts()
    create_inquiries()
    create_access()
    create_outbox()
    create_audit()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    for name in reversed(FACT_TABLES):
        op.drop_table(name, schema=FACTS)
    if not is_sqlite():
        op.execute(f"DROP SCHEMA {FACTS}")


def create_provider_facts() -> None:
    create_fact_table(
        "provider",
        required("npi", NPI),
        required("entity_type", sa.String(24)),
        optional("organization_name", sa.String(300)),
        optional("first_name", sa.String(100)),
        optional("middle_name", sa.String(100)),
        optional("last_name", sa.String(100)),
        optional("name_suffix", sa.String(20)),
        optional("credential", sa.String(60)),
        optional("sex", sa.String(1)),
        optional("enumerated_on", sa.Date()),
        optional("updated_on", sa.Date()),
        optional("deactivated_on", sa.Date()),
        optional("row_digest", sa.BigInteger()),
        primary_key=("npi",),
        checks={"entitytype": one_of("entity_type", ENTITY_TYPES), "sex": one_of("sex", SEXES)},
        has_rowid=True,
    )
    create_fact_table(
        "provider_taxonomy",
        required("npi", NPI),
        required("code", sa.String(10)),
        required("is_primary", sa.Boolean()),
        primary_key=("npi", "code"),
    )
    create_fact_table(
        "other_name",
        required("npi", NPI),
        required("name", sa.String(300)),
        optional("kind", sa.String(1)),
        primary_key=("npi", "name"),
    )
    create_fact_table(
        "endpoint",
        required("npi", NPI),
        required("kind", sa.String(20)),
        required("address", sa.String(300)),
        optional("use", sa.String(100)),
        primary_key=("npi", "kind", "address"),
    )
    create_fact_table(
        "deactivation",
        required("npi", NPI),
        required("deactivated_on", sa.Date()),
        primary_key=("npi",),
    )
    create_fact_table(
        "taxonomy",
        required("code", sa.String(10)),
        required("name", sa.String(200)),
        primary_key=("code",),
    )


def create_place_facts() -> None:
    create_fact_table(
        "practice_location",
        required("id", LONG_ID),
        required("npi", NPI),
        required("address_key", sa.String(160)),
        required("is_primary", sa.Boolean()),
        required("is_duplicate", sa.Boolean()),
        optional("group_id", sa.String(12)),
        optional("name", sa.String(300)),
        required("line1", sa.String(120)),
        optional("line2", sa.String(120)),
        required("city", sa.String(80)),
        required("state", sa.String(40)),
        required("zip_code", sa.String(20)),
        optional("phone", sa.String(20)),
        optional("latitude", sa.Double()),
        optional("longitude", sa.Double()),
        optional("precision", sa.String(12)),
        optional("accepting_patients", sa.String(24)),
        unique=[("npi", "address_key", "source")],
        checks={
            "acceptingpatients": one_of("accepting_patients", ACCEPTING_PATIENTS),
            "latitude_in_range": "latitude BETWEEN -90 AND 90",
            "longitude_in_range": "longitude BETWEEN -180 AND 180",
            "position_whole": POSITION_WHOLE,
            "precision": one_of("precision", PRECISIONS),
        },
        has_rowid=True,
    )
    create_fact_table(
        "group_practice",
        required("group_id", sa.String(12)),
        required("address_key", sa.String(160)),
        required("name", sa.String(300)),
        required("line1", sa.String(120)),
        optional("line2", sa.String(120)),
        required("city", sa.String(80)),
        required("state", sa.String(40)),
        required("zip_code", sa.String(20)),
        optional("phone", sa.String(20)),
        optional("member_count", sa.Integer()),
        primary_key=("group_id", "address_key"),
    )


def create_record_facts() -> None:
    create_fact_table(
        "license",
        required("npi", NPI),
        required("state", sa.String(2)),
        required("number", sa.String(40)),
        required("taxonomy_code", sa.String(10)),
        optional("status", sa.String(24)),
        optional("status_checked_on", sa.Date()),
        optional("status_gone_on", sa.Date()),
        optional("first_issued_on", sa.Date()),
        optional("expires_on", sa.Date()),
        optional("has_board_action", sa.Boolean()),
        primary_key=("npi", "state", "number", "taxonomy_code"),
        checks={"licensestatus": one_of("status", LICENSE_STATUSES)},
    )
    create_fact_table(
        "clinician",
        required("npi", NPI),
        optional("graduation_year", sa.SmallInteger()),
        optional("school", sa.String(200)),
        optional("telehealth", sa.Boolean()),
        primary_key=("npi",),
    )
    create_fact_table(
        "procedure_volume",
        required("npi", NPI),
        required("procedure_code", sa.String(5)),
        required("year", sa.SmallInteger()),
        required("services", sa.Integer()),
        optional("beneficiaries", sa.Integer()),
        primary_key=("npi", "procedure_code", "year"),
        checks={"services_not_negative": "services >= 0"},
    )
    create_fact_table(
        "exclusion",
        required("entry", sa.String(32)),
        optional("npi", NPI),
        optional("last_name", sa.String(100)),
        optional("first_name", sa.String(100)),
        optional("business_name", sa.String(100)),
        optional("state", sa.String(2)),
        required("exclusion_type", sa.String(12)),
        required("excluded_on", sa.Date()),
        optional("reinstated_on", sa.Date()),
        optional("waiver_state", sa.String(2)),
        primary_key=("entry",),
        indexes=[("last_name", "state"), ("npi",)],
        has_rowid=True,
    )


def create_releases() -> None:
    create_table(
        "release",
        required("id", sa.Integer()),
        required("source", sa.String(24)),
        required("part", sa.String(10)),
        required("file_name", sa.String(255)),
        required("file_digest", sa.String(64)),
        required("released_on", sa.Date()),
        required("is_full", sa.Boolean()),
        required("rows", sa.Integer()),
        required("options", sa.String(40)),
        required("loaded_at", MOMENT),
        checks={"source": one_of("source", SOURCES)},
        indexes=[("source", "released_on")],
        schema=FACTS,
    )


def create_search_index() -> None:
    create_table(
        "listing",
        required("npi", NPI),
        required("place", sa.Integer()),
        optional("clinic_id", sa.Integer()),
        required("name", sa.String(400)),
        required("is_shown", sa.Boolean()),
        required("tier", sa.SmallInteger()),
        required("specialties", sa.Integer()),
        required("lat_band", sa.SmallInteger()),
        required("lon_cell", sa.SmallInteger()),
        required("latitude", sa.Double()),
        required("longitude", sa.Double()),
        required("treatments", sa.Integer()),
        optional("sex", sa.String(1)),
        optional("is_accepting", sa.Boolean()),
        required("takes_inquiries", sa.Boolean()),
        required("has_telehealth", sa.Boolean()),
        required("languages", sa.Integer()),
        optional("answer_minutes", sa.Integer()),
        primary_key=("npi", "place"),
        checks={"sex": one_of("sex", SEXES)},
        schema=FACTS,
        has_rowid=False,
    )
    create_table(
        "listing_cell",
        required("cell", sa.BigInteger()),
        required("since", sa.BigInteger()),
        required("records", sa.LargeBinary()),
        primary_key=("cell", "since"),
        schema=FACTS,
    )
    create_table(
        "listing_name",
        required("word", WORD),
        required("since", sa.BigInteger()),
        required("records", sa.LargeBinary()),
        primary_key=("word", "since"),
        schema=FACTS,
    )
    create_table(
        "data_version",
        required("number", sa.BigInteger()),
        required("made_at", MOMENT),
        primary_key=("number",),
        schema=FACTS,
    )


def create_operator_tables() -> None:
    create_table(
        "import_run",
        required("id", sa.Integer()),
        required("source", sa.String(24)),
        required("file_name", sa.String(255)),
        optional("file_digest", sa.String(64)),
        optional("released_on", sa.Date()),
        required("state", sa.String(24)),
        required("started_at", MOMENT),
        optional("finished_at", MOMENT),
        required("counts", sa.JSON()),
        required("set_aside", sa.JSON()),
        optional("message", sa.String(1000)),
        checks={"runstate": one_of("state", RUN_STATES), "source": one_of("source", SOURCES)},
        indexes=[("source", "started_at")],
    )
    create_table(
        "geocoded_address",
        required("address_key", sa.String(160)),
        optional("latitude", sa.Double()),
        optional("longitude", sa.Double()),
        required("asked_at", MOMENT),
        primary_key=("address_key",),
        checks={"position_whole": "(latitude IS NULL) = (longitude IS NULL)"},
    )
    create_table(
        "listing_change",
        required("npi", NPI),
        primary_key=("npi",),
    )
    create_table(
        "opt_out",
        required("npi", NPI),
        required("created_at", MOMENT),
        optional("note", sa.String(500)),
        primary_key=("npi",),
    )
    create_table(
        "report",
        required("id", sa.Integer()),
        required("npi", NPI),
        required("fact", sa.String(24)),
        required("message", sa.String(1000)),
        required("state", sa.String(24)),
        required("created_at", MOMENT),
        checks={
            "reportstate": one_of("state", REPORT_STATES),
            "wrongfact": one_of("fact", WRONG_FACTS),
        },
        indexes=[("state", "created_at")],
    )


def create_clinics() -> None:
    create_table(
        "clinic",
        required("id", sa.Integer()),
        required("public_id", sa.String(22)),
        required("name", sa.String(300)),
        required("address_key", sa.String(160)),
        required("line1", sa.String(120)),
        optional("line2", sa.String(120)),
        required("city", sa.String(80)),
        required("state", sa.String(2)),
        required("zip_code", sa.String(5)),
        optional("phone", sa.String(20)),
        optional("latitude", sa.Double()),
        optional("longitude", sa.Double()),
        optional("precision", sa.String(12)),
        optional("email", sa.String(254)),
        optional("second_email", sa.String(254)),
        optional("email_confirmed_at", MOMENT),
        required("email_level", sa.SmallInteger()),
        optional("email_level_agreed_on", sa.Date()),
        optional("email_level_agreed_by", sa.String(120)),
        optional("tls_enforced_on", sa.Date()),
        optional("time_zone", sa.String(40)),
        required("languages", sa.String(100)),
        optional("accepting_patients", sa.String(24)),
        optional("facts_confirmed_on", sa.Date()),
        required("inquiries_received", sa.Integer(), default="0"),
        required("inquiries_answered", sa.Integer(), default="0"),
        optional("answer_minutes", sa.Integer()),
        required("created_at", MOMENT),
        required("source", sa.String(24)),
        required("as_of", sa.Date()),
        unique=[("public_id",), ("address_key", "name")],
        checks={
            "acceptingpatients": one_of("accepting_patients", ACCEPTING_PATIENTS),
            "email_level_agreed": "email_level = 0 OR email_level_agreed_on IS NOT NULL",
            "email_level_known": "email_level BETWEEN 0 AND 2",
            "position_whole": POSITION_WHOLE,
            "precision": one_of("precision", PRECISIONS),
            "source": one_of("source", SOURCES),
        },
    )
    create_table(
        "clinic_provider",
        required("clinic_id", sa.Integer()),
        required("npi", NPI),
        optional("treatment_confirmed_on", sa.Date()),
        primary_key=("clinic_id", "npi"),
        belongs_to={"clinic_id": "clinic"},
        indexes=[("npi",)],
    )
    create_table(
        "address_proof",
        required("id", sa.Integer()),
        required("clinic_id", sa.Integer()),
        required("email", sa.String(254)),
        required("token_digest", sa.String(64)),
        required("created_at", MOMENT),
        required("expires_at", MOMENT),
        optional("used_at", MOMENT),
        unique=[("token_digest",)],
        belongs_to={"clinic_id": "clinic"},
    )


def create_drafts() -> None:
    create_table(
        "inquiry_draft",
        required("id", sa.Integer()),
        required("public_id", sa.String(43)),
        optional("sealed_fields", sa.LargeBinary()),
        required("language", sa.String(5)),
        required("sender_digest", sa.String(64)),
        required("created_at", MOMENT),
        optional("sent_at", MOMENT),
        unique=[("public_id",)],
        indexes=[("created_at",), ("sender_digest", "created_at")],
    )
    create_table(
        "draft_clinic",
        required("draft_id", sa.Integer()),
        required("clinic_id", sa.Integer()),
        optional("npi", NPI),
        required("position", sa.SmallInteger()),
        primary_key=("draft_id", "clinic_id"),
        belongs_to={"draft_id": "inquiry_draft", "clinic_id": "clinic"},
    )


def create_inquiries() -> None:
    create_table(
        "submission",
        required("id", sa.Integer()),
        required("public_id", sa.String(22)),
        required("draft_public_id", sa.String(43)),
        required("language", sa.String(5)),
        required("email_digest", sa.String(64)),
        required("is_email_proven", sa.Boolean()),
        required("consent_version", sa.String(20)),
        required("consented_at", MOMENT),
        required("sent_at", MOMENT),
        unique=[("public_id",), ("draft_public_id",)],
        indexes=[("email_digest",)],
    )
    create_table(
        "inquiry",
        required("id", sa.Integer()),
        required("public_id", sa.String(22)),
        required("reference", sa.String(9)),
        required("submission_id", sa.Integer()),
        required("clinic_id", sa.Integer()),
        optional("npi", NPI),
        required("state", sa.String(24)),
        optional("sealed_contact", sa.LargeBinary()),
        optional("sealed_answers", sa.LargeBinary()),
        required("email_digest", sa.String(64)),
        required("sent_at", MOMENT),
        optional("handed_off_at", MOMENT),
        optional("opened_at", MOMENT),
        optional("answered_at", MOMENT),
        optional("treated_on", sa.Date()),
        optional("reminded_at", MOMENT),
        optional("second_contact_at", MOMENT),
        optional("patient_told_at", MOMENT),
        required("expire_at", MOMENT),
        required("delete_at", MOMENT),
        optional("deleted_at", MOMENT),
        unique=[("public_id",), ("reference",), ("submission_id", "clinic_id")],
        references={"clinic_id": "clinic"},
        belongs_to={"submission_id": "submission"},
        checks={"inquirystate": one_of("state", INQUIRY_STATES)},
        indexes=[
            ("clinic_id", "sent_at"),
            ("delete_at",),
            ("email_digest", "clinic_id", "sent_at"),
            ("state", "sent_at"),
        ],
    )
    create_table(
        "inquiry_event",
        required("id", sa.Integer()),
        required("public_id", sa.String(22)),
        required("inquiry_id", sa.Integer()),
        required("at", MOMENT),
        required("actor", sa.String(24)),
        required("state", sa.String(24)),
        optional("sealed_details", sa.LargeBinary()),
        unique=[("public_id",)],
        belongs_to={"inquiry_id": "inquiry"},
        checks={"actor": one_of("actor", ACTORS), "inquirystate": one_of("state", INQUIRY_STATES)},
        indexes=[("inquiry_id",)],
    )


def create_access() -> None:
    create_table(
        "access_link",
        required("id", sa.Integer()),
        required("role", sa.String(24)),
        optional("inquiry_id", sa.Integer()),
        optional("submission_id", sa.Integer()),
        required("token_digest", sa.String(64)),
        required("is_second_contact", sa.Boolean(), default=sa.false()),
        required("created_at", MOMENT),
        unique=[("token_digest",)],
        belongs_to={"inquiry_id": "inquiry", "submission_id": "submission"},
        checks={"role": one_of("role", ROLES), "opens_one": OPENS_ONE},
        indexes=[("inquiry_id",), ("submission_id",)],
    )
    create_table(
        "one_time_code",
        required("id", sa.Integer()),
        required("subject_id", sa.String(60)),
        required("code_digest", sa.String(64)),
        required("tries_left", sa.SmallInteger()),
        required("created_at", MOMENT),
        required("expires_at", MOMENT),
        optional("used_at", MOMENT),
        indexes=[("subject_id", "created_at")],
    )
    create_table(
        "browser_session",
        required("id", sa.Integer()),
        required("role", sa.String(24)),
        optional("inquiry_id", sa.Integer()),
        optional("submission_id", sa.Integer()),
        required("token_digest", sa.String(64)),
        required("created_at", MOMENT),
        required("expires_at", MOMENT),
        unique=[("token_digest",)],
        belongs_to={"inquiry_id": "inquiry", "submission_id": "submission"},
        checks={"role": one_of("role", ROLES), "opens_one": OPENS_ONE},
        indexes=[("inquiry_id",), ("submission_id",), ("expires_at",)],
    )


def create_outbox() -> None:
    create_table(
        "outbox_message",
        required("id", sa.Integer()),
        required("public_id", sa.String(22)),
        required("message_id", sa.String(255)),
        required("kind", sa.String(24)),
        optional("subject_id", sa.String(40)),
        required("sealed_recipient", sa.LargeBinary()),
        optional("sealed_content", sa.LargeBinary()),
        required("state", sa.String(24)),
        required("attempt", sa.Integer()),
        required("urgency", sa.SmallInteger(), default="2"),
        required("next_attempt_at", MOMENT),
        optional("lease_until", MOMENT),
        required("created_at", MOMENT),
        optional("handed_off_at", MOMENT),
        optional("failed_at", MOMENT),
        optional("bounced_at", MOMENT),
        optional("last_phase", sa.String(24)),
        optional("last_error", sa.String(500)),
        unique=[("public_id",), ("message_id",)],
        checks={
            "messagekind": one_of("kind", MESSAGE_KINDS),
            "messagestate": one_of("state", MESSAGE_STATES),
            "phase": one_of("last_phase", SMTP_PHASES),
        },
        indexes=[("state", "urgency", "next_attempt_at"), ("subject_id",)],
    )


def create_audit() -> None:
    create_table(
        "audit_event",
        required("id", sa.Integer()),
        required("at", MOMENT),
        required("actor", sa.String(60)),
        required("action", sa.String(60)),
        required("subject", sa.String(80)),
        required("details", sa.JSON()),
        optional("digest", sa.String(64)),
        indexes=[("at",), ("subject",)],
    )


def is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def required(name: str, kind: sa.types.TypeEngine, *, default: Any = None) -> sa.Column:
    """Return a column that may not be null; only one named `id` gets its numbers by itself."""
    return sa.Column(name, kind, nullable=False, server_default=default, autoincrement=name == "id")


def optional(name: str, kind: sa.types.TypeEngine) -> sa.Column:
    """Return a column that may be null."""
    return sa.Column(name, kind, nullable=True)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the condition that the column holds one of these values."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def create_fact_table(
    name: str, *columns: sa.Column, checks: dict[str, str] | None = None, **more: Any
) -> None:
    """Create a table of what files state, with the columns and the check that all of them have."""
    create_table(
        name,
        *columns,
        optional("gone_on", sa.Date()),
        required("source", sa.String(24)),
        required("as_of", sa.Date()),
        checks={**(checks or {}), "source": one_of("source", SOURCES)},
        schema=FACTS,
        **{"has_rowid": False, **more},
    )


def create_table(
    name: str,
    *columns: sa.Column,
    primary_key: tuple[str, ...] = ("id",),
    unique: Sequence[tuple[str, ...]] = (),
    references: dict[str, str] | None = None,
    belongs_to: dict[str, str] | None = None,
    checks: dict[str, str] | None = None,
    indexes: Sequence[tuple[str, ...]] = (),
    schema: str | None = None,
    has_rowid: bool = True,
) -> None:
    """Create a table with its indexes.

    `references` and `belongs_to` name the table that a column points to; a row is deleted with
    what it belongs to. `checks` are conditions by name. Without a row id, a table is kept in the
    order of its key on SQLite.
    """
    op.create_table(
        name,
        *columns,
        sa.PrimaryKeyConstraint(*primary_key, name=op.f(f"pk_{name}")),
        *(foreign_key(name, *each) for each in (references or {}).items()),
        *(foreign_key(name, *each, ondelete="CASCADE") for each in (belongs_to or {}).items()),
        *(sa.UniqueConstraint(*each, name=op.f(f"uq_{name}_{'_'.join(each)}")) for each in unique),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_{name}_{check}"))
            for check, condition in (checks or {}).items()
        ),
        schema=schema,
        sqlite_with_rowid=has_rowid,
    )
    for each in indexes:
        op.create_index(op.f(f"ix_{name}_{'_'.join(each)}"), name, list(each), schema=schema)


def foreign_key(
    table: str, column: str, target: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    """Return the constraint that a column holds the id of a row of another table."""
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
