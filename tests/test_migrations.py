"""Migrations go up and down with rows in them, and end where the models are."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade

from directory.config import PROJECT_FOLDER
from directory.core.clock import utc_now
from directory.core.database import Base, db, writing
from directory.demo.load import load_demo
from directory.providers.models import Provider


def test_migrations_match_the_models(app: Flask) -> None:
    context = MigrationContext.configure(
        db.session().connection(), opts={"compare_type": True, "include_schemas": True}
    )
    assert compare_metadata(context, Base.metadata) == []


def test_migrations_go_down_and_up_again_with_rows_in_them(app: Flask) -> None:
    with writing() as session:
        load_demo(session, PROJECT_FOLDER / "seeds/demo", utc_now())
    db.session.remove()

    downgrade(revision="base")
    tables = set(sa.inspect(db.engine).get_table_names())
    upgrade()

    assert tables <= {"alembic_version"}
    assert db.session().scalar(sa.select(sa.func.count()).select_from(Provider)) == 0
    with writing() as session:
        load_demo(session, PROJECT_FOLDER / "seeds/demo", utc_now())
