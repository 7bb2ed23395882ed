"""Migrations go up and down with rows in them, end where the models are, and refuse others."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from directory.config import PROJECT_FOLDER
from directory.core.clock import utc_now
from directory.core.db.database import (
    FACTS,
    WRITING,
    Base,
    attach_facts,
    db,
    facts_file,
    writing,
)
from directory.demo.load import load_demo
from directory.providers.models import Provider
from tests.conftest import make_app
from tests.site import free_port

DEVELOPMENT = ("0001", "0005")  # the first and the last number before the first release


def test_migrations_match_the_models(app: Flask) -> None:
    context = MigrationContext.configure(
        db.session().connection(), opts={"compare_type": True, "include_schemas": True}
    )
    assert compare_metadata(context, Base.metadata) == []


def test_checks_and_defaults_are_those_of_the_models(sqlite_template: Path) -> None:
    """Compare the SQL of each table: Alembic compares neither checks nor defaults."""
    with closing(sqlite3.connect(sqlite_template)) as connection:
        attach_facts(connection, str(facts_file(sqlite_template, 0)))
        schemas = [f"SELECT name, sql FROM {name}.sqlite_master" for name in ("main", FACTS)]
        migrated = dict(connection.execute(" UNION ALL ".join(schemas)).fetchall())
    for table in Base.metadata.sorted_tables:
        wanted = str(CreateTable(table).compile(dialect=sqlite.dialect()))
        assert lines(migrated[table.name]) == lines(wanted.replace(f"{FACTS}.", ""))


def test_migrations_go_down_and_up_again_with_rows_in_them(app: Flask) -> None:
    with writing() as session:
        load_demo(session, PROJECT_FOLDER / "seeds/demo", utc_now())
    db.session.remove()

    downgrade(revision="base")
    tables, facts = table_names(None), table_names(FACTS)
    upgrade()

    assert (tables, facts) == ({"alembic_version"}, set())
    assert db.session().scalar(sa.select(sa.func.count()).select_from(Provider)) == 0
    with writing() as session:
        load_demo(session, PROJECT_FOLDER / "seeds/demo", utc_now())


def test_a_revision_is_the_name_of_its_file() -> None:
    scripts = list(ScriptDirectory(str(PROJECT_FOLDER / "migrations")).walk_revisions())
    names = [Path(each.path).stem for each in scripts]
    assert [each.revision for each in scripts] == names
    assert not {*names} & {*DEVELOPMENT}
    assert max(map(len, names)) <= 32  # the length of alembic_version.version_num


@pytest.mark.parametrize("number", DEVELOPMENT)
@pytest.mark.parametrize("command", [("db", "upgrade"), ("db", "downgrade"), ("serve",)])
def test_development_databases_are_refused(
    database_url: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    command: tuple[str, ...],
    number: str,
) -> None:
    app = make_app(database_url, tmp_path, PORT=str(free_port()))
    with app.app_context(), at_revision(number):
        result = app.test_cli_runner().invoke(args=command)
        assert versions() == [number]
    assert result.exit_code == 1
    assert f"made by a development version ({number})" in caplog.text
    assert what_to_do(database_url) in caplog.text


@pytest.mark.parametrize(
    ("revision", "says"), [("0005", "development version"), ("9999_later", "newer version")]
)
def test_an_unknown_revision_is_not_ready(app: Flask, revision: str, says: str) -> None:
    with at_revision(revision):
        ready = app.test_client().get("/readyz")
    assert ready.status_code == 503
    assert ready.json is not None
    assert f"{says} ({revision})" in ready.json["reason"]


@contextmanager
def at_revision(revision: str) -> Iterator[None]:
    """Set the revision of the database."""
    [present] = versions()
    set_version(revision)
    try:
        yield
    finally:
        db.session.remove()
        set_version(present)
        db.engine.dispose()


def set_version(revision: str) -> None:
    with db.engine.connect().execution_options(**{WRITING: True}) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
        connection.commit()


def versions() -> list[str]:
    with db.engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT version_num FROM alembic_version")))


def table_names(schema: str | None) -> set[str]:
    with db.engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names(schema=schema))


def lines(statement: str) -> list[str]:
    return sorted(line.strip(" ,\t") for line in statement.splitlines() if line.strip())


def what_to_do(database_url: str) -> str:
    if database_url.startswith("sqlite"):
        return "directory.facts-*.db in the same folder, then start again"
    return "create a new database on the server and name it in DATABASE_URL"
