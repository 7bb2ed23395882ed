"""The database handle: sessions that read by default, and one way to write.

A session reads until `writing` opens a transaction that may write. On SQLite such a
transaction begins with BEGIN IMMEDIATE, because a read that turns into a write fails at
immediately when another writer was faster, regardless of the busy timeout. On PostgreSQL every
other transaction is READ ONLY and REPEATABLE READ, so it sees one snapshot as it does on SQLite:
a page that only reads cannot change anything, and shows consistent data.

Data from public files is in a separate schema, `facts`. On SQLite that is a second file, attached
to every connection: an import fills a copy that is not visible to others, and the generation
number in the header of the main file says which copy is current. Every transaction reads it when
it begins.

Where PostgreSQL has replicas, `directory/core/db/replicas.py` may have a session read from one of
them. Whatever writes goes to the primary, and so does all that the session reads afterwards.
"""

import select
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, ExecutionContext, make_url
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, registry

from directory.core.db.columns import Moment
from directory.core.db.wal_checkpoints import LONGEST_PAGES
from directory.core.errors import DirectoryError

WRITING = "directory_writing"
BINARY = "directory_binary"  # statement option: its rows hold large binary values
HIGH_PRIORITY = "directory_high_priority"  # option of a transaction
WROTE = "directory_wrote"  # set once a session has changed something
READING_FROM = "directory_reading_from"  # the engine of the replica that a session reads from
FACTS = "facts"  # the schema of data from public files
BUSY_TIMEOUT_SECONDS = 10
_RETRY_SECONDS = 0.001
_HIGH_PRIORITY_RETRY_SECONDS = 0.0001
_MAPPED_BYTES = 8 * 1024**3  # more than the facts of the whole country
_GENERATION = "facts_generation"


class Base(DeclarativeBase):
    """The base class of all models, with names for all constraints."""

    # On the registry, not on the class: Flask-SQLAlchemy derives its own base class.
    registry = registry(
        metadata=sa.MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: Moment(), float: sa.Double()},
    )


class RoutedSession(FlaskSession):
    """A session that reads from its assigned replica until it writes."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """Return the engine for the next statement."""
        replica: Engine | None = self.info.get(READING_FROM)
        return replica if replica is not None else super().get_bind(*args, **kwargs)


db = SQLAlchemy(
    model_class=Base, session_options={"class_": RoutedSession, "expire_on_commit": False}
)


class WriteOutsideWritingError(DirectoryError):
    """A session outside `writing` tried to change the database."""


@contextmanager
def writing(*, high_priority: bool = False) -> Iterator[Session]:
    """Yield the session in a transaction that may write.

    Commits at the end; rolls back on any error. Objects loaded before are expired, since they may
    be out of date by the time the write lock is held. Of several writers waiting for a SQLite
    file, one with high priority usually comes next.
    """
    session = db.session()
    session.rollback()
    session.expire_all()
    session.info.pop(READING_FROM, None)
    session.info[WRITING] = True
    try:
        options = {WRITING: True, HIGH_PRIORITY: high_priority}
        session.connection(execution_options=options)
        yield session
        session.commit()
        session.info[WROTE] = True
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(WRITING, None)


def normalized_url(text: str) -> URL:
    """Return the URL with the driver we ship; accepts ``postgres://`` and ``postgresql://``."""
    url = make_url(text)
    if url.drivername in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    return url


def file_of(url: URL) -> Path | None:
    """Return the file that holds the database; None for PostgreSQL and for one in memory."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def engine_options(url: URL) -> dict[str, Any]:
    """Return what the engine of this URL is created with, making the folder of a SQLite file."""
    if url.get_backend_name() == "sqlite":
        if file := file_of(url):
            file.parent.mkdir(parents=True, exist_ok=True)
        connect = {"timeout": BUSY_TIMEOUT_SECONDS, "isolation_level": None}
        return {"hide_parameters": True, "connect_args": connect}
    # Errors show their statement but never its values: those may be answers.
    return {"hide_parameters": True, "pool_size": 5, "max_overflow": 10}


def prepare_engine(engine: Engine) -> None:
    """Register the event listeners that this module relies on."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite_connection)
        event.listen(engine, "begin", _begin_on_sqlite)
    else:
        event.listen(engine, "begin", _begin_on_postgresql)
        event.listen(engine, "checkout", _refuse_if_ended)
        event.listen(engine, "before_cursor_execute", _request_binary_format)


def guard_sessions() -> None:
    """Make every session refuse to write outside `writing`."""
    for name, listener in (("before_flush", _refuse_flush), ("do_orm_execute", _refuse_execute)):
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)


def facts_file(main: Path, generation: int) -> Path:
    """Return the file of this generation of facts, in the folder of the main file."""
    return main.with_name(f"{main.stem}.facts-{generation}{main.suffix}")


def set_sqlite_pragmas(connection: sqlite3.Connection, schema: str) -> None:
    """Configure one file of the connection to be durable: WAL with full synchronization."""
    connection.execute(f"PRAGMA {schema}.journal_mode = WAL")
    # FULL, not NORMAL: with NORMAL a power failure can undo acknowledged commits.
    connection.execute(f"PRAGMA {schema}.synchronous = FULL")
    connection.execute(f"PRAGMA {schema}.cache_size = -65536")


def attach_facts(connection: sqlite3.Connection, file: str) -> None:
    """Attach this file as the connection's `facts` schema, outside of a transaction."""
    attached = [row[1] for row in connection.execute("PRAGMA database_list")]
    if FACTS in attached:
        connection.execute(f"DETACH {FACTS}")
    connection.execute(f"ATTACH ? AS {FACTS}", (file,))


def main_file(connection: sqlite3.Connection) -> Path | None:
    """Return the file of a connection, or None for a database in memory."""
    file = connection.execute("PRAGMA database_list").fetchone()[2]
    return Path(file) if file else None


def _prepare_sqlite_connection(connection: sqlite3.Connection, _record: object) -> None:
    set_sqlite_pragmas(connection, "main")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {LONGEST_PAGES}")


def _begin_on_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    is_writing = options.get(WRITING)
    driver: Any = connection.connection.dbapi_connection
    while True:
        if is_writing:
            _begin_immediate(driver, high_priority=options.get(HIGH_PRIORITY, False))
        else:
            driver.execute("BEGIN")
        generation = driver.execute("PRAGMA main.user_version").fetchone()[0]
        if connection.info.get(_GENERATION) == generation:
            return
        driver.execute("ROLLBACK")
        main = main_file(driver)
        attach_facts(driver, str(facts_file(main, generation)) if main else ":memory:")
        set_sqlite_pragmas(driver, FACTS)
        # Memory-mapped, so that reading a page of the file copies nothing.
        driver.execute(f"PRAGMA {FACTS}.mmap_size = {_MAPPED_BYTES}")
        connection.info[_GENERATION] = generation


def _begin_immediate(driver: sqlite3.Connection, *, high_priority: bool) -> None:
    """Begin a transaction that writes, retrying until the write lock is free.

    SQLite's own busy handler backs off to 100 ms between attempts, so other writers take the lock
    in the meantime: under load some waited for a quarter of a second. The more often a writer
    retries, the sooner it succeeds: without high priority the worker would starve.
    """
    milliseconds = driver.execute("PRAGMA busy_timeout").fetchone()[0]
    give_up_at = time.monotonic() + milliseconds / 1000
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
                if not is_busy or time.monotonic() > give_up_at:
                    # As SQLAlchemy wraps errors of statements; it does not for listeners.
                    raise OperationalError("BEGIN IMMEDIATE", None, error) from error
            time.sleep(_HIGH_PRIORITY_RETRY_SECONDS if high_priority else _RETRY_SECONDS)
    finally:
        driver.execute(f"PRAGMA busy_timeout = {milliseconds}")


def _begin_on_postgresql(connection: Connection) -> None:
    # psycopg folds both into its BEGIN, so they cost no round trip.
    driver_connection: Any = connection.connection.dbapi_connection
    is_writing = connection.get_execution_options().get(WRITING, False)
    driver_connection.read_only = not is_writing
    # A page runs several queries, and an import may switch generations between two.
    level = None if is_writing else psycopg.IsolationLevel.REPEATABLE_READ
    driver_connection.isolation_level = level


def _refuse_if_ended(connection: Any, _record: object, _proxy: object) -> None:
    """Have the pool replace a connection that the server has closed, without a query.

    A server that shuts down sends a message, so an idle connection has something to read.
    """
    if not connection.closed:
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if not poll.poll(0):
            return
    raise DisconnectionError


def _request_binary_format(
    _connection: Connection,
    cursor: Any,
    _statement: str,
    _parameters: object,
    context: ExecutionContext | None,
    _many: bool,  # noqa: FBT001 - as SQLAlchemy calls it
) -> None:
    """Receive large binary values as bytes instead of text twice as long."""
    if context is not None and context.execution_options.get(BINARY):
        cursor.format = psycopg.pq.Format.BINARY


def _refuse_flush(session: Session, _context: object, _instances: object) -> None:
    if not session.info.get(WRITING):
        raise WriteOutsideWritingError("Open a transaction with writing() before changing rows.")


def _refuse_execute(state: ORMExecuteState) -> None:
    changes = state.is_insert or state.is_update or state.is_delete
    if changes and not state.session.info.get(WRITING):
        raise WriteOutsideWritingError("Open a transaction with writing() before changing rows.")
