"""Keep a listing a place, with records packed by cell and by name, and the answering record.

Listings are derived, so none are carried over: `flask serve` or `flask search rebuild` makes
them anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NPI = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def sex() -> sa.Enum:
    return sa.Enum(
        *("F", "M", "X"), name="sex", native_enum=False, create_constraint=True, length=1
    )


def upgrade() -> None:
    op.drop_table("listing", schema="facts")
    op.create_table(
        "listing",
        sa.Column("npi", NPI, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("specialties", sa.Integer(), nullable=False),
        sa.Column("lat_band", sa.SmallInteger(), nullable=False),
        sa.Column("lon_cell", sa.SmallInteger(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("treatments", sa.Integer(), nullable=False),
        sa.Column("sex", sex(), nullable=True),
        sa.Column("is_accepting", sa.Boolean(), nullable=True),
        sa.Column("takes_inquiries", sa.Boolean(), nullable=False),
        sa.Column("has_telehealth", sa.Boolean(), nullable=False),
        sa.Column("languages", sa.Integer(), nullable=False),
        sa.Column("answer_minutes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("npi", "place", name=op.f("pk_listing")),
        schema="facts",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "listing_cell",
        sa.Column("cell", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("records", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("cell", "since", name=op.f("pk_listing_cell")),
        schema="facts",
    )
    op.create_table(
        "listing_name",
        sa.Column(
            "word",
            sa.String(length=100).with_variant(sa.String(100, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("records", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("word", "since", name=op.f("pk_listing_name")),
        schema="facts",
    )
    op.create_table(
        "data_version",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_data_version")),
        schema="facts",
    )
    op.add_column(
        "clinic",
        sa.Column("inquiries_received", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column(
        "clinic",
        sa.Column("inquiries_answered", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column("clinic", sa.Column("answer_minutes", sa.Integer(), nullable=True))


def downgrade() -> None:
    for column in ("answer_minutes", "inquiries_answered", "inquiries_received"):
        op.execute(f"ALTER TABLE clinic DROP COLUMN {column}")
    for table in ("data_version", "listing_name", "listing_cell", "listing"):
        op.drop_table(table, schema="facts")
    op.create_table(
        "listing",
        sa.Column("id", NPI, nullable=False),
        sa.Column("npi", NPI, nullable=False),
        sa.Column("practice_location_id", NPI, nullable=True),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.Column("care_group", sa.SmallInteger(), nullable=False),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("lat_band", sa.SmallInteger(), nullable=False),
        *(
            sa.Column(name, sa.Double(), nullable=False)
            for name in ("latitude", "longitude", "x", "y", "z")
        ),
        sa.Column("treatments", sa.Integer(), nullable=False),
        sa.Column("sex", sex(), nullable=True),
        sa.Column("is_accepting", sa.Boolean(), nullable=True),
        sa.Column("takes_inquiries", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        schema="facts",
    )
    op.create_index(op.f("ix_listing_npi"), "listing", ["npi"], schema="facts")
    op.create_index(
        "ix_listing_nearest",
        "listing",
        [
            *("care_group", "lat_band", "longitude", "latitude", "x", "y", "z", "tier"),
            *("treatments", "npi", "sex", "is_accepting", "takes_inquiries", "id"),
        ],
        schema="facts",
    )
