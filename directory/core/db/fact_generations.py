"""The next generation of facts: filled out of sight of readers, then switched to atomically.

On SQLite it is a copy of the facts file. Web processes keep reading and writing the main file,
unaffected by the import, and a kill at any time leaves the current generation unchanged. On
PostgreSQL it is one transaction; for an empty database it builds a new schema.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.db.database import (
    BUSY_TIMEOUT_SECONDS,
    FACTS,
    WRITING,
    Base,
    attach_facts,
    db,
    facts_file,
    set_sqlite_pragmas,
    writing,
)
from directory.core.db.file_locks import exclusive_lock
from directory.core.errors import DirectoryError

_NEXT = "facts_next"
_ADVISORY_LOCK = 4_815_162_342
_LOCK_ATTEMPTS = 600
_LOCK_SECONDS = 5.0
# Sync the growing file in portions: a single large flush would stall the commits of others.
_FLUSHED_EVERY = 64 * 1024**2


class ImportBusyError(DirectoryError):
    """Another import is running."""

    def __init__(self) -> None:
        super().__init__("Another import is running; wait until it has ended, then try again.")


class FactsLostError(DirectoryError):
    """The tables of facts do not exist."""

    def __init__(self) -> None:
        super().__init__(
            "The tables of the facts are missing; prepare the database with: flask db upgrade, "
            "or, when the file beside it is lost, with: flask sources start-over"
        )


class Publishing(Protocol):
    """Work to be done in the transaction that switches generations."""

    def __call__(self, session: Session) -> None: ...


class NextFacts(Protocol):
    """The facts of the next generation, not yet visible to readers."""

    session: Session

    def checkpoint(self) -> None:
        """Flush what was written so far from memory."""

    def analyze(self) -> None:
        """Update the statistics of the query planner."""

    def publish(self, last: Publishing, also: Publishing) -> None:
        """Switch generations. `last` changes the new facts and `also` other tables, atomically."""


@contextmanager
def next_facts(*, rebuild: bool) -> Iterator[NextFacts]:
    """Yield the next generation of facts; unless published, it is discarded.

    With `rebuild`, for a database without providers, `publish` creates the indexes at the end.
    Raises `ImportBusyError` if another import is running, and `FactsLostError`.
    """
    if not has_facts():
        raise FactsLostError
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        with _next_on_sqlite(rebuild=rebuild) as facts:
            yield facts
    else:
        with _next_on_postgresql(rebuild=rebuild) as facts:
            yield facts


def fact_tables() -> list[sa.Table]:
    """Return the tables of the facts."""
    return [table for table in Base.metadata.sorted_tables if table.schema == FACTS]


def has_facts() -> bool:
    """Return whether the tables of facts exist: on SQLite their file can be lost."""
    return sa.inspect(db.session().connection()).has_table("provider", schema=FACTS)


def create_empty_facts() -> None:
    """Create empty tables in place of a lost facts file."""
    with writing() as session:
        Base.metadata.create_all(session.connection(), tables=fact_tables())


def secondary_indexes() -> list[sa.Index]:
    """Return the indexes of those tables other than primary keys."""
    return [index for table in fact_tables() for index in sorted(table.indexes, key=_name)]


def _name(index: sa.Index) -> str:
    return index.name or ""


class _SQLiteFacts:
    def __init__(self, session: Session, file: Path, generation: int, *, rebuild: bool) -> None:
        self.session = session
        self._file = file
        self._generation = generation
        self._rebuild = rebuild
        self._flushed = 0

    def checkpoint(self) -> None:
        self.session.commit()
        size = self._file.stat().st_size
        if size - self._flushed > _FLUSHED_EVERY:
            _sync(self._file)
            self._flushed = size

    def analyze(self) -> None:
        pass  # The plans on SQLite need no numbers.

    def publish(self, last: Publishing, also: Publishing) -> None:
        if self._rebuild:
            for index in secondary_indexes():
                self.session.execute(sa.schema.CreateIndex(index))
                self.checkpoint()
        self.session.commit()
        _sync(self._file)
        with writing() as main:
            # This holds the write lock, so nothing changes between here and the switch.
            last(self.session)
            self.session.commit()
            self._make_durable()
            also(main)
            main.connection().exec_driver_sql(f"PRAGMA main.user_version = {self._generation}")

    def _make_durable(self) -> None:
        """Make the file durable before readers use it."""
        self.session.close()
        with closing(sqlite3.connect(self._file, isolation_level=None)) as connection:
            set_sqlite_pragmas(connection, "main")
        _sync(self._file)
        _sync(self._file.parent)


@contextmanager
def _next_on_sqlite(*, rebuild: bool) -> Iterator[NextFacts]:
    main = Path(db.engine.url.database or "")
    with exclusive_lock(main.with_name(f"{main.name}.import-lock"), ImportBusyError):
        generation = _generation_of(main)
        _remove_others(main, generation)
        file = facts_file(main, generation + 1)
        _copy(facts_file(main, generation), file)
        engine = sa.create_engine("sqlite://", creator=lambda: _connection(main, file))
        sa.event.listen(engine, "begin", lambda each: each.exec_driver_sql("BEGIN"))
        session = Session(engine, expire_on_commit=False, info={WRITING: True})
        try:
            if rebuild:
                # Checks double the time per row, and these values come from fixed vocabularies.
                # Later writers are still checked.
                session.connection().exec_driver_sql("PRAGMA ignore_check_constraints = ON")
                for index in secondary_indexes():
                    session.execute(sa.schema.DropIndex(index))
            yield _SQLiteFacts(session, file, generation + 1, rebuild=rebuild)
        finally:
            session.close()
            engine.dispose()
            _remove_others(main, _generation_of(main))


def _connection(main: Path, file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        main, isolation_level=None, timeout=BUSY_TIMEOUT_SECONDS, check_same_thread=False
    )
    attach_facts(connection, str(file))
    # The file is not visible before it is complete, so it needs neither journal nor syncs.
    connection.execute(f"PRAGMA {FACTS}.journal_mode = OFF")
    connection.execute(f"PRAGMA {FACTS}.synchronous = OFF")
    connection.execute(f"PRAGMA {FACTS}.cache_size = -262144")
    connection.execute("PRAGMA temp_store = FILE")
    return connection


def _generation_of(main: Path) -> int:
    with closing(sqlite3.connect(main)) as connection:
        generation: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return generation


def _copy(source: Path, target: Path) -> None:
    """Copy a consistent snapshot of a facts file while others read and write it."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        new.execute("PRAGMA synchronous = OFF")
        old.backup(new)
        old.close()
        new.execute("PRAGMA journal_mode = DELETE")


def _remove_others(main: Path, generation: int) -> None:
    """Remove the files of killed imports and of former generations."""
    for file in main.parent.glob(f"{main.stem}.facts-*{main.suffix}*"):
        number = file.name.removeprefix(f"{main.stem}.facts-").split(".")[0]
        if number.isdigit() and int(number) != generation:
            file.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _PostgreSQLFacts:
    def __init__(self, session: Session, *, rebuild: bool) -> None:
        self.session = session
        self._rebuild = rebuild

    def checkpoint(self) -> None:
        pass

    def analyze(self) -> None:
        if self._rebuild:
            connection = self.session.connection()
            for table in fact_tables():
                connection.exec_driver_sql(f"ANALYZE {_NEXT}.{table.name}")

    def publish(self, last: Publishing, also: Publishing) -> None:
        if self._rebuild:
            self._create_indexes()
        last(self.session)
        also(self.session)
        self.session.flush()
        if self._rebuild:
            self._lock_old()
            connection = self.session.connection()
            connection.exec_driver_sql(f"DROP SCHEMA {FACTS} CASCADE")
            connection.exec_driver_sql(f"ALTER SCHEMA {_NEXT} RENAME TO {FACTS}")
        self.session.commit()

    def _lock_old(self) -> None:
        """Lock the old tables against readers, with timeouts shorter than deadlock detection."""
        names = ", ".join(f"{FACTS}.{table.name}" for table in fact_tables())
        connection = self.session.connection()
        connection.exec_driver_sql("SET LOCAL lock_timeout = '400ms'")
        for attempt in range(_LOCK_ATTEMPTS):
            try:
                with connection.begin_nested():
                    connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
            except sa.exc.OperationalError:
                if attempt == _LOCK_ATTEMPTS - 1:
                    raise
                time.sleep(0.1)
            else:
                return

    def _create_indexes(self) -> None:
        connection = self.session.connection()
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
        for index in secondary_indexes():
            connection.execute(sa.schema.CreateIndex(index))
        connection.exec_driver_sql(f"ANALYZE {_NEXT}.listing")


@contextmanager
def _next_on_postgresql(*, rebuild: bool) -> Iterator[NextFacts]:
    options: dict[str, Any] = {WRITING: True}
    if rebuild:
        options["schema_translate_map"] = {FACTS: _NEXT}
    with db.engine.connect() as connection:
        connection = connection.execution_options(**options)
        session = Session(connection, expire_on_commit=False, info={WRITING: True})
        try:
            _take_lock(session)
            if rebuild:
                _make_schema(connection)
            yield _PostgreSQLFacts(session, rebuild=rebuild)
        finally:
            session.close()


def _take_lock(session: Session) -> None:
    """Wait briefly: the server may not have noticed yet that another import was killed."""
    lock = sa.select(sa.func.pg_try_advisory_xact_lock(_ADVISORY_LOCK))
    deadline = time.monotonic() + _LOCK_SECONDS
    while not session.scalar(lock):
        if time.monotonic() > deadline:
            raise ImportBusyError
        time.sleep(0.2)
    if session.scalar(sa.text("SELECT current_setting('server_version_num')::int >= 140000")):
        # If this import is killed, the server also cancels a long-running statement.
        session.execute(sa.text("SET LOCAL client_connection_check_interval = '1s'"))


def _make_schema(connection: sa.Connection) -> None:
    """Create the tables without indexes and copy the existing rows."""
    connection.exec_driver_sql(f"CREATE SCHEMA {_NEXT}")
    for table in fact_tables():
        connection.execute(sa.schema.CreateTable(table))
        names = ", ".join(column.name for column in table.columns)
        connection.exec_driver_sql(
            f"INSERT INTO {_NEXT}.{table.name} ({names}) SELECT {names} FROM {FACTS}.{table.name}"  # noqa: S608
        )
        if table.autoincrement_column is not None:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{_NEXT}.{table.name}', 'id'),"  # noqa: S608
                f" (SELECT coalesce(max(id), 0) + 1 FROM {_NEXT}.{table.name}), false)"
            )
