"""Runs the migrations on the application's own engine."""

from alembic import context
from alembic.util import CommandError
from sqlalchemy.engine import Connection, Engine

from directory.core.db.columns import Moment, NPIColumn
from directory.core.db.database import FACTS, WRITING, Base, db
from directory.core.db.revisions import check_known
from directory.core.errors import SettingsError


def render_type(kind: str, item: object, _context: object) -> str | bool:
    """Write our column types as plain ones: migrations import nothing of ours."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, NPIColumn):
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Look at the tables of the default schema and at those of public facts."""
    return kind != "schema" or name in {None, FACTS}


def run(connection: Connection) -> None:
    """Run what is asked for in one transaction a migration."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_type,
        compare_type=True,
        include_schemas=True,
        include_name=include_name,
        transaction_per_migration=True,
    )
    refuse_unknown_revisions()
    with context.begin_transaction():
        context.run_migrations()


def refuse_unknown_revisions() -> None:
    """End the command with a sentence unless the database is at a revision we have."""
    known = {each.revision for each in context.script.walk_revisions()}
    try:
        check_known(context.get_context().get_current_heads(), known, db.engine.url)
    except SettingsError as error:
        raise CommandError(str(error)) from error


def run_on_sqlite(engine: Engine) -> None:
    """Run with foreign keys off: in batch mode a table is dropped and made again.

    With foreign keys on, that drop would empty its child tables. The switch only works
    outside a transaction, on the driver's own connection; whether it worked is asked.
    """
    with engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")
        assert driver.execute("PRAGMA foreign_keys").fetchone() == (0,)
        try:
            run(connection.execution_options(**{WRITING: True}))
            broken = driver.execute("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"The migration broke references: {broken[:5]}")
        finally:
            driver.execute("PRAGMA foreign_keys = ON")


def run_elsewhere(engine: Engine) -> None:
    with engine.connect() as connection:
        run(connection.execution_options(**{WRITING: True}))


engine = db.engine
if context.is_offline_mode():
    context.configure(
        dialect_name=engine.dialect.name, target_metadata=Base.metadata, literal_binds=True
    )
    with context.begin_transaction():
        context.run_migrations()
elif engine.dialect.name == "sqlite":
    run_on_sqlite(engine)
else:
    run_elsewhere(engine)
