"""Move what public files state into a schema of its own, and let facts be gone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OLD_SOURCES = (
    *("nppes", "medicare", "clinicians", "exclusions", "state"),
    *("nucc", "operator", "clinic", "own", "demo"),
)
NEW_SOURCES = (
    *("nppes", "nppes-locations", "nppes-names", "nppes-endpoints", "nppes-deactivated"),
    *OLD_SOURCES[1:],
)
ORIGIN = ("source", "as_of")
PROVIDER = (
    *("npi", "entity_type", "organization_name", "first_name", "middle_name", "last_name"),
    *("name_suffix", "credential", "sex", "enumerated_on", "updated_on", "deactivated_on", *ORIGIN),
)
LICENSE = (
    *("npi", "number", "state", "taxonomy_code", "status", "status_checked_on"),
    *("first_issued_on", *ORIGIN),
)
LOCATION = (
    *("id", "npi", "address_key", "is_primary", "name", "line1", "line2", "city", "state"),
    *("zip_code", "phone", "latitude", "longitude", "precision", "accepting_patients", *ORIGIN),
)
LISTING = (
    *("npi", "clinic_id", "care_group", "tier", "lat_band", "latitude", "longitude", "x", "y"),
    *("z", "treatments", "sex", "is_accepting", "takes_inquiries"),
)
EXCLUSION = (
    *("npi", "last_name", "first_name", "business_name", "state", "exclusion_type"),
    *("excluded_on", "reinstated_on", *ORIGIN),
)
VOLUME = ("npi", "procedure_code", "year", "services", "beneficiaries", *ORIGIN)
TAXONOMY = ("npi", "code", "is_primary", *ORIGIN)
POSITIONS = "'exact', 'coordinates', 'zip', 'city', 'area', 'state'"


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def old() -> str:
    """Return the schema of all other tables, where its name has to be said."""
    return "main" if is_sqlite() else "public"


def copy(
    names: tuple[str, ...], source: str, target: str, more: str = "", values: str = ""
) -> None:
    """Copy rows; `more` names further columns, and `values` what they get."""
    listed = ", ".join(names)
    op.execute(f"INSERT INTO {target} ({listed}{more}) SELECT {listed}{values} FROM {source}")


def listed(sources: tuple[str, ...]) -> str:
    return ", ".join(f"'{source}'" for source in sources)


def renew_sources(sources: tuple[str, ...]) -> None:
    """Let import runs be of these sources."""
    check = f"source IN ({listed(sources)})"
    if not is_sqlite():
        op.drop_constraint(op.f("ck_import_run_source"), "import_run", type_="check")
        op.create_check_constraint(op.f("ck_import_run_source"), "import_run", check)
        return
    op.execute("ALTER TABLE import_run RENAME TO import_run_before")
    op.execute("DROP INDEX ix_import_run_source_started_at")
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("set_aside", sa.JSON(), nullable=False),
        sa.Column("message", sa.String(length=1000), nullable=True),
        sa.CheckConstraint(check, name=op.f("ck_import_run_source")),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'failed')", name=op.f("ck_import_run_runstate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index("ix_import_run_source_started_at", "import_run", ["source", "started_at"])
    names = (
        *("id", "source", "file_name", "file_digest", "released_on", "state", "started_at"),
        *("finished_at", "counts", "set_aside", "message"),
    )
    copy(names, f"import_run_before WHERE source IN ({listed(sources)})", "import_run")
    op.drop_table("import_run_before")


def move_up() -> None:
    """Copy the facts to where they belong now; what is derived comes along."""
    schema = old()
    copy(PROVIDER, f"{schema}.provider", "facts.provider")
    years = ("npi", "graduation_year", "as_of")
    graduates = f"{schema}.provider WHERE graduation_year IS NOT NULL"
    copy(years, graduates, "facts.clinician", ", source", ", 'clinicians'")
    copy(TAXONOMY, f"{schema}.provider_taxonomy", "facts.provider_taxonomy")
    copy(LICENSE, f"{schema}.license", "facts.license")
    copy(VOLUME, f"{schema}.procedure_volume", "facts.procedure_volume")
    entry = ", 'before-' || CAST(id AS VARCHAR(12))"
    copy(EXCLUSION, f"{schema}.exclusion", "facts.exclusion", ", entry", entry)
    no = "0" if is_sqlite() else "false"
    files = f"{schema}.practice_location WHERE source NOT IN ('operator', 'clinic')"
    copy(LOCATION, files, "facts.practice_location", ", is_duplicate", f", {no}")
    # A clinic's own address is no fact of a file: the clinic itself knows where it is.
    there = f"FROM {schema}.practice_location l WHERE l.address_key = clinic.address_key"
    best = "AND l.latitude IS NOT NULL ORDER BY l.id LIMIT 1"
    columns = ("latitude", "longitude", "precision")
    changes = ", ".join(f"{name} = (SELECT l.{name} {there} {best})" for name in columns)
    op.execute(f"UPDATE clinic SET {changes}")
    kept = ", (SELECT id FROM facts.practice_location f WHERE f.id = practice_location_id)"
    copy(LISTING, f"{schema}.listing", "facts.listing", ", practice_location_id", kept)
    released = "SELECT source, '', file_name, '', released_on, {yes}, 0, '', finished_at"
    yes = "1" if is_sqlite() else "true"
    op.execute(
        "INSERT INTO facts.release (source, part, file_name, file_digest, released_on, is_full,"
        f" rows, options, loaded_at) {released.format(yes=yes)} FROM import_run"
        " WHERE source = 'demo' AND state = 'done' AND released_on IS NOT NULL"
    )
    if not is_sqlite():
        for table in ("practice_location", "listing"):
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('facts.{table}', 'id'),"
                f" (SELECT coalesce(max(id), 0) + 1 FROM facts.{table}), false)"
            )


def move_down() -> None:
    """Copy what the tables of before can hold; the listings are made anew by the next load."""
    schema = old()
    allowed = f"source IN ({listed(OLD_SOURCES)}) AND gone_on IS NULL"
    here = f"EXISTS (SELECT 1 FROM {schema}.provider p WHERE p.npi = f.npi)"
    year = ", (SELECT c.graduation_year FROM facts.clinician c WHERE c.npi = f.npi)"
    copy(
        PROVIDER,
        f"facts.provider f WHERE {allowed}",
        f"{schema}.provider",
        ", graduation_year",
        year,
    )
    for names, table in (
        (TAXONOMY, "provider_taxonomy"),
        (LICENSE, "license"),
        (VOLUME, "procedure_volume"),
    ):
        copy(names, f"facts.{table} f WHERE {allowed} AND {here}", f"{schema}.{table}")
    copy(EXCLUSION, f"facts.exclusion WHERE {allowed}", f"{schema}.exclusion")
    first = (
        "NOT EXISTS (SELECT 1 FROM facts.practice_location o WHERE o.npi = f.npi"
        " AND o.address_key = f.address_key AND o.id < f.id AND o.gone_on IS NULL)"
    )
    copy(
        LOCATION,
        f"facts.practice_location f WHERE {allowed} AND {here} AND {first}",
        f"{schema}.practice_location",
    )
    copy(
        (*LISTING, "practice_location_id"),
        f"facts.listing f WHERE practice_location_id IS NOT NULL AND EXISTS"
        f" (SELECT 1 FROM {schema}.practice_location l WHERE l.id = f.practice_location_id)",
        f"{schema}.listing",
    )


def add_positions() -> None:
    """Let a clinic have a position. As columns' own checks, SQLite need not copy the table."""
    double = "DOUBLE" if is_sqlite() else "DOUBLE PRECISION"
    op.execute(f"ALTER TABLE clinic ADD COLUMN latitude {double}")
    op.execute(f"ALTER TABLE clinic ADD COLUMN longitude {double}")
    op.execute(
        "ALTER TABLE clinic ADD COLUMN precision VARCHAR(12)"
        f" CONSTRAINT ck_clinic_precision CHECK (precision IN ({POSITIONS}))"
        " CONSTRAINT ck_clinic_position_whole CHECK"
        " ((latitude IS NULL) = (longitude IS NULL) AND (latitude IS NULL) = (precision IS NULL))"
    )


def upgrade() -> None:
    if not is_sqlite():
        op.execute("CREATE SCHEMA facts")
    renew_sources(NEW_SOURCES)
    op.create_table(
        "clinician",
        sa.Column(
            "npi",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("graduation_year", sa.SmallInteger(), nullable=True),
        sa.Column("school", sa.String(length=200), nullable=True),
        sa.Column("telehealth", sa.Boolean(), nullable=True),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        sa.PrimaryKeyConstraint("npi", name=op.f("pk_clinician")),
        schema="facts",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deactivation",
        sa.Column(
            "npi",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("deactivated_on", sa.Date(), nullable=False),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        sa.PrimaryKeyConstraint("npi", name=op.f("pk_deactivation")),
        schema="facts",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "endpoint",
        sa.Column(
            "npi",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("use", sa.String(length=100), nullable=True),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        sa.PrimaryKeyConstraint("npi", "kind", "address", name=op.f("pk_endpoint")),
        schema="facts",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "exclusion",
        sa.Column("entry", sa.String(length=32), nullable=False),
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("last_name", sa.String(length=100), nullable=True),
        sa.Column("first_name", sa.String(length=100), nullable=True),
        sa.Column("business_name", sa.String(length=100), nullable=True),
        sa.Column("state", sa.String(length=2), nullable=True),
        sa.Column("exclusion_type", sa.String(length=12), nullable=False),
        sa.Column("excluded_on", sa.Date(), nullable=False),
        sa.Column("reinstated_on", sa.Date(), nullable=True),
        sa.Column("waiver_state", sa.String(length=2), nullable=True),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_exclusion")),
        schema="facts",
        sqlite_with_rowid=True,
    )
    with op.batch_alter_table("exclusion", schema="facts") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exclusion_last_name_state"), ["last_name", "state"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_exclusion_npi"), ["npi"], unique=False)

    op.create_table(
        "group_practice",
        sa.Column("group_id", sa.String(length=12), nullable=False),
        sa.Column("address_key", sa.String(length=160), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("line1", sa.String(length=120), nullable=False),
        sa.Column("line2", sa.String(length=120), nullable=True),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("zip_code", sa.String(length=20), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("member_count", sa.Integer(), nullable=True),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        sa.PrimaryKeyConstraint("group_id", "address_key", name=op.f("pk_group_practice")),
        schema="facts",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "license",
        sa.Column(
            "npi",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
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
        sa.Column("status_gone_on", sa.Date(), nullable=True),
        sa.Column("first_issued_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("has_board_action", sa.Boolean(), nullable=True),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        sa.PrimaryKeyConstraint("npi", "state", "number", "taxonomy_code", name=op.f("pk_license")),
        schema="facts",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "listing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "practice_location_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        schema="facts",
    )
    with op.batch_alter_table("listing", schema="facts") as batch_op:
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
        batch_op.create_index(batch_op.f("ix_listing_npi"), ["npi"], unique=False)

    op.create_table(
        "other_name",
        sa.Column(
            "npi",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=True),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        sa.PrimaryKeyConstraint("npi", "name", name=op.f("pk_other_name")),
        schema="facts",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "practice_location",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("npi", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address_key", sa.String(length=160), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("is_duplicate", sa.Boolean(), nullable=False),
        sa.Column("group_id", sa.String(length=12), nullable=True),
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
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_location")),
        sa.UniqueConstraint(
            "npi", "address_key", "source", name=op.f("uq_practice_location_npi_address_key_source")
        ),
        schema="facts",
        sqlite_with_rowid=True,
    )
    op.create_table(
        "procedure_volume",
        sa.Column(
            "npi",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("procedure_code", sa.String(length=5), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("services", sa.Integer(), nullable=False),
        sa.Column("beneficiaries", sa.Integer(), nullable=True),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        sa.PrimaryKeyConstraint("npi", "procedure_code", "year", name=op.f("pk_procedure_volume")),
        schema="facts",
        sqlite_with_rowid=False,
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
        sa.Column("row_digest", sa.BigInteger(), nullable=True),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        schema="facts",
        sqlite_with_rowid=True,
    )
    op.create_table(
        "provider_taxonomy",
        sa.Column(
            "npi",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        sa.PrimaryKeyConstraint("npi", "code", name=op.f("pk_provider_taxonomy")),
        schema="facts",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.Column("is_full", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("options", sa.String(length=40), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        schema="facts",
        sqlite_with_rowid=True,
    )
    with op.batch_alter_table("release", schema="facts") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_release_source_released_on"), ["source", "released_on"], unique=False
        )

    op.create_table(
        "taxonomy",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("gone_on", sa.Date(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "nppes",
                "nppes-locations",
                "nppes-names",
                "nppes-endpoints",
                "nppes-deactivated",
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
        sa.PrimaryKeyConstraint("code", name=op.f("pk_taxonomy")),
        schema="facts",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "geocoded_address",
        sa.Column("address_key", sa.String(length=160), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)",
            name=op.f("ck_geocoded_address_position_whole"),
        ),
        sa.PrimaryKeyConstraint("address_key", name=op.f("pk_geocoded_address")),
    )
    op.create_table(
        "listing_change",
        sa.Column(
            "npi",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("npi", name=op.f("pk_listing_change")),
    )
    add_positions()
    move_up()
    op.drop_table("listing", schema=old())
    op.drop_table("practice_location", schema=old())
    op.drop_table("license", schema=old())
    op.drop_table("provider_taxonomy", schema=old())
    op.drop_table("procedure_volume", schema=old())
    op.drop_table("exclusion", schema=old())
    op.drop_table("taxonomy", schema=old())
    op.drop_table("provider", schema=old())


def make_old_tables() -> None:
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
    make_old_tables()
    move_down()
    op.drop_table("listing_change")
    op.drop_table("geocoded_address")
    op.drop_table("taxonomy", schema="facts")
    with op.batch_alter_table("release", schema="facts") as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_source_released_on"))

    op.drop_table("release", schema="facts")
    op.drop_table("provider_taxonomy", schema="facts")
    op.drop_table("provider", schema="facts")
    op.drop_table("procedure_volume", schema="facts")
    op.drop_table("practice_location", schema="facts")
    op.drop_table("other_name", schema="facts")
    with op.batch_alter_table("listing", schema="facts") as batch_op:
        batch_op.drop_index(batch_op.f("ix_listing_npi"))
        batch_op.drop_index("ix_listing_nearest")

    op.drop_table("listing", schema="facts")
    op.drop_table("license", schema="facts")
    op.drop_table("group_practice", schema="facts")
    with op.batch_alter_table("exclusion", schema="facts") as batch_op:
        batch_op.drop_index(batch_op.f("ix_exclusion_npi"))
        batch_op.drop_index(batch_op.f("ix_exclusion_last_name_state"))

    op.drop_table("exclusion", schema="facts")
    op.drop_table("endpoint", schema="facts")
    op.drop_table("deactivation", schema="facts")
    op.drop_table("clinician", schema="facts")
    for name in ("precision", "longitude", "latitude"):
        op.execute(f"ALTER TABLE clinic DROP COLUMN {name}")
    renew_sources(OLD_SOURCES)
    if not is_sqlite():
        op.execute("DROP SCHEMA facts")
