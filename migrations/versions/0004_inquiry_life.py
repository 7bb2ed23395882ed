"""Give an inquiry its whole life: submissions to several clinics, steps with sealed details.

Drafts are dropped: none is older than a day, and those of before are sealed in another way.
"""

import secrets
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NPI = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

OLD_STATES = ("sent", "handed-off", "opened", "undeliverable")
NEW_STATES = (
    "sent",
    "handed-off",
    "undeliverable",
    "opened",
    "needs-information",
    "times-proposed",
    "wait-list",
    "accepted",
    "scheduled",
    "completed",
    "repeat-due",
    "declined",
    "withdrawn",
    "expired",
)
OLD_KINDS = ("patient-code", "clinic-inquiry", "clinic-code", "clinic-proof", "test")
NEW_KINDS = (
    "patient-code",
    "patient-sent",
    "patient-news",
    "clinic-inquiry",
    "clinic-reminder",
    "clinic-second",
    "clinic-news",
    "clinic-code",
    "clinic-proof",
    "test",
)
OLD_MESSAGE_STATES = ("waiting", "sending", "handed-off", "failed")
NEW_MESSAGE_STATES = (*OLD_MESSAGE_STATES, "bounced")
LIFETIME, ENDS_AFTER = timedelta(days=365), timedelta(days=60)


def closed(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def renew_check(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        batch_op.create_check_constraint(op.f(f"ck_{table}_{name}"), f"{column} IN ({listed})")


def upgrade() -> None:
    renew_check("inquiry_event", "state", "inquirystate", NEW_STATES)
    renew_check("outbox_message", "kind", "messagekind", NEW_KINDS)
    renew_check("outbox_message", "state", "messagestate", NEW_MESSAGE_STATES)
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bounced_at", MOMENT, nullable=True))
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.String(length=64), nullable=True))
    with op.batch_alter_table("clinic", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email_level_agreed_by", sa.String(120), nullable=True))
        batch_op.add_column(sa.Column("tls_enforced_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("time_zone", sa.String(length=40), nullable=True))
    _make_tables()
    _move_inquiries_up()
    _give_events_ids()


def downgrade() -> None:
    _move_inquiries_down()
    for table in (
        "patient_visit",
        "submission_link",
        "submission",
        "draft_clinic",
        "inquiry_draft",
    ):
        op.drop_table(table)
    _make_old_drafts()
    with op.batch_alter_table("inquiry_link", schema=None) as batch_op:
        batch_op.drop_column("is_second_contact")
    # Not in batch mode: making the table anew would turn the checks of its columns into checks
    # of the table, which an earlier migration cannot drop on SQLite.
    for column in ("time_zone", "tls_enforced_on", "email_level_agreed_by"):
        op.drop_column("clinic", column)
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_column("digest")
    kinds = ", ".join(f"'{kind}'" for kind in OLD_KINDS)
    op.execute(f"DELETE FROM outbox_message WHERE kind NOT IN ({kinds})")
    op.execute(
        "UPDATE outbox_message SET state = 'failed', failed_at = bounced_at WHERE state = 'bounced'"
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_column("bounced_at")
    renew_check("outbox_message", "state", "messagestate", OLD_MESSAGE_STATES)
    renew_check("outbox_message", "kind", "messagekind", OLD_KINDS)


def _make_tables() -> None:
    op.drop_table("inquiry_draft")
    op.create_table(
        "inquiry_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=43), nullable=False),
        sa.Column("sealed_fields", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("sender_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_draft")),
        sa.UniqueConstraint("public_id", name=op.f("uq_inquiry_draft_public_id")),
    )
    op.create_index(op.f("ix_inquiry_draft_created_at"), "inquiry_draft", ["created_at"])
    op.create_index(
        op.f("ix_inquiry_draft_sender_digest_created_at"),
        "inquiry_draft",
        ["sender_digest", "created_at"],
    )
    op.create_table(
        "draft_clinic",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("npi", NPI, nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "clinic_id", name=op.f("pk_draft_clinic")),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["inquiry_draft.id"],
            name=op.f("fk_draft_clinic_draft_id_inquiry_draft"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"],
            ["clinic.id"],
            name=op.f("fk_draft_clinic_clinic_id_clinic"),
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("draft_public_id", sa.String(length=43), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("email_digest", sa.String(length=64), nullable=False),
        sa.Column("is_email_proven", sa.Boolean(), nullable=False),
        sa.Column("consent_version", sa.String(length=20), nullable=False),
        sa.Column("consented_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("public_id", name=op.f("uq_submission_public_id")),
        sa.UniqueConstraint("draft_public_id", name=op.f("uq_submission_draft_public_id")),
    )
    op.create_index(op.f("ix_submission_email_digest"), "submission", ["email_digest"])
    for table, extra in (("submission_link", False), ("patient_visit", True)):
        until = [sa.Column("expires_at", MOMENT, nullable=False)] if extra else []
        op.create_table(
            table,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("submission_id", sa.Integer(), nullable=False),
            sa.Column("token_digest", sa.String(length=64), nullable=False),
            sa.Column("created_at", MOMENT, nullable=False),
            *until,
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
            sa.UniqueConstraint("token_digest", name=op.f(f"uq_{table}_token_digest")),
            sa.ForeignKeyConstraint(
                ["submission_id"],
                ["submission.id"],
                name=op.f(f"fk_{table}_submission_id_submission"),
                ondelete="CASCADE",
            ),
        )
    op.create_index(op.f("ix_submission_link_submission_id"), "submission_link", ["submission_id"])
    op.create_index(op.f("ix_patient_visit_expires_at"), "patient_visit", ["expires_at"])
    with op.batch_alter_table("inquiry_link", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_second_contact", sa.Boolean(), nullable=False, server_default=sa.false())
        )


_MOVED = ("draft_public_id", "language", "consent_version", "consented_at")


def _move_inquiries_up() -> None:
    bind = op.get_bind()
    op.execute(
        "INSERT INTO submission (public_id, draft_public_id, language, email_digest, "
        "is_email_proven, consent_version, consented_at, sent_at) SELECT public_id, "
        "draft_public_id, language, email_digest, true, consent_version, consented_at, sent_at "
        "FROM inquiry"
    )
    moments = ("answered_at", "reminded_at", "second_contact_at", "patient_told_at")
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_inquiry_inquirystate"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_inquiry_inquirystate"),
            "state IN ({})".format(", ".join(f"'{state}'" for state in NEW_STATES)),
        )
        for name in (*moments, "expire_at", "delete_at", "deleted_at"):
            batch_op.add_column(sa.Column(name, MOMENT, nullable=True))
        batch_op.add_column(sa.Column("treated_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("submission_id", sa.Integer(), nullable=True))
        batch_op.drop_index(op.f("ix_inquiry_clinic_id_state"))
    op.execute(
        "UPDATE inquiry SET submission_id = (SELECT submission.id FROM submission "
        "WHERE submission.draft_public_id = inquiry.draft_public_id)"
    )
    inquiry = _inquiry("sent_at", "expire_at", "delete_at")
    for row in bind.execute(sa.select(inquiry.c.id, inquiry.c.sent_at)).all():
        bind.execute(
            sa.update(inquiry)
            .where(inquiry.c.id == row.id)
            .values(expire_at=row.sent_at + ENDS_AFTER, delete_at=row.sent_at + LIFETIME)
        )
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_inquiry_draft_public_id_clinic_id"), type_="unique")
        for name in _MOVED:
            batch_op.drop_column(name)
        for name, kind in (
            ("submission_id", sa.Integer()),
            ("expire_at", MOMENT),
            ("delete_at", MOMENT),
        ):
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        batch_op.create_unique_constraint(
            op.f("uq_inquiry_submission_id_clinic_id"), ["submission_id", "clinic_id"]
        )
        batch_op.create_foreign_key(
            op.f("fk_inquiry_submission_id_submission"),
            "submission",
            ["submission_id"],
            ["id"],
            ondelete="CASCADE",
        )
        for columns in (["clinic_id", "sent_at"], ["state", "sent_at"], ["delete_at"]):
            batch_op.create_index(op.f(f"ix_inquiry_{'_'.join(columns)}"), columns)


def _give_events_ids() -> None:
    bind = op.get_bind()
    with op.batch_alter_table("inquiry_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("public_id", sa.String(length=22), nullable=True))
        batch_op.add_column(sa.Column("sealed_details", sa.LargeBinary(), nullable=True))
    event = sa.table("inquiry_event", sa.column("id"), sa.column("public_id"))
    for (number,) in bind.execute(sa.select(event.c.id)).all():
        bind.execute(
            sa.update(event).where(event.c.id == number).values(public_id=secrets.token_urlsafe(16))
        )
    with op.batch_alter_table("inquiry_event", schema=None) as batch_op:
        batch_op.alter_column("public_id", existing_type=sa.String(22), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_inquiry_event_public_id"), ["public_id"])


def _move_inquiries_down() -> None:
    with op.batch_alter_table("inquiry_event", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_inquiry_event_public_id"), type_="unique")
        batch_op.drop_column("sealed_details")
        batch_op.drop_column("public_id")
    old = ", ".join(f"'{state}'" for state in OLD_STATES)
    op.execute(f"DELETE FROM inquiry_event WHERE state NOT IN ({old})")
    # An inquiry that came further had been opened.
    op.execute(f"UPDATE inquiry SET state = 'opened' WHERE state NOT IN ({old})")
    renew_check("inquiry_event", "state", "inquirystate", OLD_STATES)
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("uq_inquiry_submission_id_clinic_id"), type_="unique")
        batch_op.drop_constraint(op.f("fk_inquiry_submission_id_submission"), type_="foreignkey")
        for columns in ("clinic_id_sent_at", "state_sent_at", "delete_at"):
            batch_op.drop_index(op.f(f"ix_inquiry_{columns}"))
        batch_op.add_column(sa.Column("draft_public_id", sa.String(43), nullable=True))
        batch_op.add_column(sa.Column("consent_version", sa.String(20), nullable=True))
        batch_op.add_column(sa.Column("consented_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("language", sa.String(5), nullable=True))
    for name in _MOVED:
        op.execute(
            f"UPDATE inquiry SET {name} = (SELECT {name} FROM submission "
            "WHERE submission.id = inquiry.submission_id)"
        )
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_inquiry_inquirystate"), type_="check")
        batch_op.create_check_constraint(op.f("ck_inquiry_inquirystate"), f"state IN ({old})")
        for name in (
            "submission_id",
            "treated_on",
            "answered_at",
            "reminded_at",
            "second_contact_at",
            "patient_told_at",
            "expire_at",
            "delete_at",
            "deleted_at",
        ):
            batch_op.drop_column(name)
        for name, kind in (
            ("draft_public_id", sa.String(43)),
            ("consent_version", sa.String(20)),
            ("consented_at", MOMENT),
            ("language", sa.String(5)),
        ):
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        batch_op.create_unique_constraint(
            op.f("uq_inquiry_draft_public_id_clinic_id"), ["draft_public_id", "clinic_id"]
        )
        batch_op.create_index(op.f("ix_inquiry_clinic_id_state"), ["clinic_id", "state"])


def _make_old_drafts() -> None:
    op.create_table(
        "inquiry_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=43), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=False),
        sa.Column("npi", NPI, nullable=True),
        sa.Column("sealed_contact", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_answers", sa.LargeBinary(), nullable=True),
        sa.Column("consent_version", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("sender_digest", sa.String(length=64), nullable=False),
        sa.Column("email_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"],
            ["clinic.id"],
            name=op.f("fk_inquiry_draft_clinic_id_clinic"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_draft")),
        sa.UniqueConstraint("public_id", name=op.f("uq_inquiry_draft_public_id")),
    )
    for columns in (
        ["created_at"],
        ["email_digest", "created_at"],
        ["sender_digest", "created_at"],
    ):
        op.create_index(op.f(f"ix_inquiry_draft_{'_'.join(columns)}"), "inquiry_draft", columns)


def _inquiry(*moments: str) -> Any:
    columns = [sa.column("id", sa.Integer), *(sa.column(name, MOMENT) for name in moments)]
    return sa.table("inquiry", *columns)
