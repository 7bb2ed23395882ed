"""Create the tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_subject"), ["subject"], unique=False)

    op.create_table(
        "clinic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("address_key", sa.String(length=160), nullable=False),
        sa.Column("line1", sa.String(length=120), nullable=False),
        sa.Column("line2", sa.String(length=120), nullable=True),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("zip_code", sa.String(length=5), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("second_email", sa.String(length=254), nullable=True),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("email_level", sa.SmallInteger(), nullable=False),
        sa.Column("email_level_agreed_on", sa.Date(), nullable=True),
        sa.Column("languages", sa.String(length=100), nullable=False),
        sa.Column(
            "accepting_patients",
            sa.Enum(
                "no",
                "yes",
                "existing-only",
                "family-only",
                name="acceptingpatients",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("facts_confirmed_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "medicare",
                "clinicians",
                "exclusions",
                "state",
                "nucc",
                "operator",
                "clinic",
                "own",
                "demo",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "email_level = 0 OR email_level_agreed_on IS NOT NULL",
            name=op.f("ck_clinic_email_level_agreed"),
        ),
        sa.CheckConstraint("email_level BETWEEN 0 AND 2", name=op.f("ck_clinic_email_level_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic")),
        sa.UniqueConstraint("address_key", "name", name=op.f("uq_clinic_address_key_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_clinic_public_id")),
    )
    op.create_table(
        "email_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.String(length=60), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("tries_left", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_code")),
    )
    with op.batch_alter_table("email_code", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_email_code_subject_id_created_at"),
            ["subject_id", "created_at"],
            unique=False,
        )

    op.create_table(
        "exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("last_name", sa.String(length=100), nullable=True),
        sa.Column("first_name", sa.String(length=100), nullable=True),
        sa.Column("business_name", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=2), nullable=True),
        sa.Column("exclusion_type", sa.String(length=12), nullable=False),
        sa.Column("excluded_on", sa.Date(), nullable=False),
        sa.Column("reinstated_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "medicare",
                "clinicians",
                "exclusions",
                "state",
                "nucc",
                "operator",
                "clinic",
                "own",
                "demo",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
    )
    with op.batch_alter_table("exclusion", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exclusion_last_name_state"), ["last_name", "state"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_exclusion_npi"), ["npi"], unique=False)

    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "medicare",
                "clinicians",
                "exclusions",
                "state",
                "nucc",
                "operator",
                "clinic",
                "own",
                "demo",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "done",
                "failed",
                name="runstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("set_aside", sa.JSON(), nullable=False),
        sa.Column("message", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_import_run_source_started_at"), ["source", "started_at"], unique=False
        )

    op.create_table(
        "opt_out",
        sa.Column(
            "npi",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("npi", name=op.f("pk_opt_out")),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "patient-code",
                "clinic-inquiry",
                "clinic-code",
                "clinic-proof",
                "test",
                name="messagekind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.String(length=40), nullable=True),
        sa.Column("sealed_recipient", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sending",
                "handed-off",
                "failed",
                name="messagestate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_phase",
            sa.Enum(
                "connect",
                "tls",
                "sign-in",
                "mail",
                "rcpt",
                "data",
                "dot",
                name="phase",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_message_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_outbox_message_public_id")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outbox_message_state_next_attempt_at"),
            ["state", "next_attempt_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_outbox_message_subject_id"), ["subject_id"], unique=False
        )

    op.create_table(
        "provider",
        sa.Column(
            "npi",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "entity_type",
            sa.Enum(
                "individual",
                "organization",
                name="entitytype",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("organization_name", sa.String(length=300), nullable=True),
        sa.Column("first_name", sa.String(length=100), nullable=True),
        sa.Column("middle_name", sa.String(length=100), nullable=True),
        sa.Column("last_name", sa.String(length=100), nullable=True),
        sa.Column("name_suffix", sa.String(length=20), nullable=True),
        sa.Column("credential", sa.String(length=60), nullable=True),
        sa.Column(
            "sex",
            sa.Enum("F", "M", "X", name="sex", native_enum=False, create_constraint=True),
            nullable=True,
        ),
        sa.Column("enumerated_on", sa.Date(), nullable=True),
        sa.Column("updated_on", sa.Date(), nullable=True),
        sa.Column("deactivated_on", sa.Date(), nullable=True),
        sa.Column("graduation_year", sa.SmallInteger(), nullable=True),
        sa.Column("row_digest", sa.LargeBinary(length=16), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "medicare",
                "clinicians",
                "exclusions",
                "state",
                "nucc",
                "operator",
                "clinic",
                "own",
                "demo",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("npi", name=op.f("pk_provider")),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "fact",
            sa.Enum(
                "address",
                "phone",
                "treatment",
                "new-patients",
                "license",
                "other",
                name="wrongfact",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "closed",
                name="reportstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_report_state_created_at"), ["state", "created_at"], unique=False
        )

    op.create_table(
        "taxonomy",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "medicare",
                "clinicians",
                "exclusions",
                "state",
                "nucc",
                "operator",
                "clinic",
                "own",
                "demo",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_taxonomy")),
    )
    op.create_table(
        "address_proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"],
            ["clinic.id"],
            name=op.f("fk_address_proof_clinic_id_clinic"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_proof")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_address_proof_token_digest")),
    )
    op.create_table(
        "clinic_provider",
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("treatment_confirmed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"],
            ["clinic.id"],
            name=op.f("fk_clinic_provider_clinic_id_clinic"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "npi", name=op.f("pk_clinic_provider")),
    )
    with op.batch_alter_table("clinic_provider", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clinic_provider_npi"), ["npi"], unique=False)

    op.create_table(
        "inquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("reference", sa.String(length=9), nullable=False),
        sa.Column("draft_public_id", sa.String(length=43), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "sent",
                "handed-off",
                "opened",
                "undeliverable",
                name="inquirystate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("sealed_contact", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_answers", sa.LargeBinary(), nullable=True),
        sa.Column("consent_version", sa.String(length=20), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("email_digest", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_inquiry_clinic_id_clinic")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
        sa.UniqueConstraint(
            "draft_public_id", "clinic_id", name=op.f("uq_inquiry_draft_public_id_clinic_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_inquiry_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_inquiry_reference")),
    )
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inquiry_clinic_id_state"), ["clinic_id", "state"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inquiry_email_digest_clinic_id_sent_at"),
            ["email_digest", "clinic_id", "sent_at"],
            unique=False,
        )

    op.create_table(
        "inquiry_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=43), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sealed_contact", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_answers", sa.LargeBinary(), nullable=True),
        sa.Column("consent_version", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("sender_digest", sa.String(length=64), nullable=False),
        sa.Column("email_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"],
            ["clinic.id"],
            name=op.f("fk_inquiry_draft_clinic_id_clinic"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_draft")),
        sa.UniqueConstraint("public_id", name=op.f("uq_inquiry_draft_public_id")),
    )
    with op.batch_alter_table("inquiry_draft", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inquiry_draft_created_at"), ["created_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_inquiry_draft_email_digest_created_at"),
            ["email_digest", "created_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_inquiry_draft_sender_digest_created_at"),
            ["sender_digest", "created_at"],
            unique=False,
        )

    op.create_table(
        "license",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("taxonomy_code", sa.String(length=10), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "inactive",
                "expired",
                "restricted",
                "revoked",
                name="licensestatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("status_checked_on", sa.Date(), nullable=True),
        sa.Column("first_issued_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "medicare",
                "clinicians",
                "exclusions",
                "state",
                "nucc",
                "operator",
                "clinic",
                "own",
                "demo",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["npi"], ["provider.npi"], name=op.f("fk_license_npi_provider"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_license")),
        sa.UniqueConstraint(
            "npi",
            "state",
            "number",
            "taxonomy_code",
            name=op.f("uq_license_npi_state_number_taxonomy_code"),
        ),
    )
    with op.batch_alter_table("license", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_license_state_number"), ["state", "number"], unique=False
        )

    op.create_table(
        "practice_location",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address_key", sa.String(length=160), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("line1", sa.String(length=120), nullable=False),
        sa.Column("line2", sa.String(length=120), nullable=True),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("zip_code", sa.String(length=20), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column(
            "precision",
            sa.Enum(
                "exact",
                "coordinates",
                "zip",
                "city",
                "area",
                "state",
                name="precision",
                native_enum=False,
                create_constraint=True,
                length=12,
            ),
            nullable=True,
        ),
        sa.Column(
            "accepting_patients",
            sa.Enum(
                "no",
                "yes",
                "existing-only",
                "family-only",
                name="acceptingpatients",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "medicare",
                "clinicians",
                "exclusions",
                "state",
                "nucc",
                "operator",
                "clinic",
                "own",
                "demo",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL) AND (latitude IS NULL) = (precision IS NULL)",
            name=op.f("ck_practice_location_position_whole"),
        ),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90", name=op.f("ck_practice_location_latitude_in_range")
        ),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180", name=op.f("ck_practice_location_longitude_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["npi"],
            ["provider.npi"],
            name=op.f("fk_practice_location_npi_provider"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_location")),
        sa.UniqueConstraint(
            "npi", "address_key", name=op.f("uq_practice_location_npi_address_key")
        ),
    )
    with op.batch_alter_table("practice_location", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_practice_location_address_key"), ["address_key"], unique=False
        )

    op.create_table(
        "procedure_volume",
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("procedure_code", sa.String(length=5), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("services", sa.Integer(), nullable=False),
        sa.Column("beneficiaries", sa.Integer(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "medicare",
                "clinicians",
                "exclusions",
                "state",
                "nucc",
                "operator",
                "clinic",
                "own",
                "demo",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.CheckConstraint("services >= 0", name=op.f("ck_procedure_volume_services_not_negative")),
        sa.ForeignKeyConstraint(
            ["npi"],
            ["provider.npi"],
            name=op.f("fk_procedure_volume_npi_provider"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("npi", "procedure_code", "year", name=op.f("pk_procedure_volume")),
    )
    op.create_table(
        "provider_taxonomy",
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "medicare",
                "clinicians",
                "exclusions",
                "state",
                "nucc",
                "operator",
                "clinic",
                "own",
                "demo",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["npi"],
            ["provider.npi"],
            name=op.f("fk_provider_taxonomy_npi_provider"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("npi", "code", name=op.f("pk_provider_taxonomy")),
    )
    op.create_table(
        "clinic_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["inquiry_id"],
            ["inquiry.id"],
            name=op.f("fk_clinic_visit_inquiry_id_inquiry"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic_visit")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_clinic_visit_token_digest")),
    )
    with op.batch_alter_table("clinic_visit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_clinic_visit_expires_at"), ["expires_at"], unique=False
        )

    op.create_table(
        "inquiry_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor",
            sa.Enum(
                "patient",
                "clinic",
                "worker",
                "operator",
                name="actor",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "sent",
                "handed-off",
                "opened",
                "undeliverable",
                name="inquirystate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["inquiry_id"],
            ["inquiry.id"],
            name=op.f("fk_inquiry_event_inquiry_id_inquiry"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_event")),
    )
    with op.batch_alter_table("inquiry_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inquiry_event_inquiry_id"), ["inquiry_id"], unique=False
        )

    op.create_table(
        "inquiry_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["inquiry_id"],
            ["inquiry.id"],
            name=op.f("fk_inquiry_link_inquiry_id_inquiry"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_inquiry_link_token_digest")),
    )
    with op.batch_alter_table("inquiry_link", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inquiry_link_inquiry_id"), ["inquiry_id"], unique=False
        )

    op.create_table(
        "listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("practice_location_id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.Column("care_group", sa.SmallInteger(), nullable=False),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("lat_band", sa.SmallInteger(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("x", sa.Double(), nullable=False),
        sa.Column("y", sa.Double(), nullable=False),
        sa.Column("z", sa.Double(), nullable=False),
        sa.Column("treatments", sa.Integer(), nullable=False),
        sa.Column(
            "sex",
            sa.Enum("F", "M", "X", name="sex", native_enum=False, create_constraint=True),
            nullable=True,
        ),
        sa.Column("is_accepting", sa.Boolean(), nullable=True),
        sa.Column("takes_inquiries", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"],
            ["clinic.id"],
            name=op.f("fk_listing_clinic_id_clinic"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["npi"], ["provider.npi"], name=op.f("fk_listing_npi_provider"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["practice_location_id"],
            ["practice_location.id"],
            name=op.f("fk_listing_practice_location_id_practice_location"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint(
            "npi",
            "practice_location_id",
            "care_group",
            name=op.f("uq_listing_npi_practice_location_id_care_group"),
        ),
    )
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_listing_clinic_id"), ["clinic_id"], unique=False)
        batch_op.create_index(
            "ix_listing_nearest",
            [
                "care_group",
                "lat_band",
                "longitude",
                "latitude",
                "x",
                "y",
                "z",
                "tier",
                "treatments",
                "npi",
                "sex",
                "is_accepting",
                "takes_inquiries",
                "id",
            ],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_listing_practice_location_id"), ["practice_location_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_listing_practice_location_id"))
        batch_op.drop_index("ix_listing_nearest")
        batch_op.drop_index(batch_op.f("ix_listing_clinic_id"))

    op.drop_table("listing")
    with op.batch_alter_table("inquiry_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inquiry_link_inquiry_id"))

    op.drop_table("inquiry_link")
    with op.batch_alter_table("inquiry_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inquiry_event_inquiry_id"))

    op.drop_table("inquiry_event")
    with op.batch_alter_table("clinic_visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clinic_visit_expires_at"))

    op.drop_table("clinic_visit")
    op.drop_table("provider_taxonomy")
    op.drop_table("procedure_volume")
    with op.batch_alter_table("practice_location", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_practice_location_address_key"))

    op.drop_table("practice_location")
    with op.batch_alter_table("license", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_license_state_number"))

    op.drop_table("license")
    with op.batch_alter_table("inquiry_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inquiry_draft_sender_digest_created_at"))
        batch_op.drop_index(batch_op.f("ix_inquiry_draft_email_digest_created_at"))
        batch_op.drop_index(batch_op.f("ix_inquiry_draft_created_at"))

    op.drop_table("inquiry_draft")
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inquiry_email_digest_clinic_id_sent_at"))
        batch_op.drop_index(batch_op.f("ix_inquiry_clinic_id_state"))

    op.drop_table("inquiry")
    with op.batch_alter_table("clinic_provider", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clinic_provider_npi"))

    op.drop_table("clinic_provider")
    op.drop_table("address_proof")
    op.drop_table("taxonomy")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_state_created_at"))

    op.drop_table("report")
    op.drop_table("provider")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_message_subject_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_message_state_next_attempt_at"))

    op.drop_table("outbox_message")
    op.drop_table("opt_out")
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_run_source_started_at"))

    op.drop_table("import_run")
    with op.batch_alter_table("exclusion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exclusion_npi"))
        batch_op.drop_index(batch_op.f("ix_exclusion_last_name_state"))

    op.drop_table("exclusion")
    with op.batch_alter_table("email_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_email_code_subject_id_created_at"))

    op.drop_table("email_code")
    op.drop_table("clinic")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_subject"))
        batch_op.drop_index(batch_op.f("ix_audit_event_at"))

    op.drop_table("audit_event")
