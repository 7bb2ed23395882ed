"""The database handle: sessions that read by default, and one way to write.

A session reads until `writing` opens a transaction that may write. On SQLite such a
transaction begins with BEGIN IMMEDIATE, because a read that turns into a write fails at
once when another writer was faster, whatever the busy timeout says. On PostgreSQL every
other transaction is declared READ ONLY, and sees one moment as it does on SQLite. So a page that
only shows things cannot change any, and what it shows belongs together.

What public files state lives in a schema of its own, `facts`. On SQLite that is a second file,
attached to every connection: an import fills a copy that nobody else sees, and the number of the
one in use, kept in the header of the first file, says which copy counts. Every transaction asks
for it as it begins.

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
BINARY = "directory_binary"  # of a statement: its rows hold large binaries
GOES_FIRST = "directory_goes_first"  # of a transaction that is begun
WROTE = "directory_wrote"  # set once a session has changed something
READING_FROM = "directory_reading_from"  # the engine of the replica that a session reads from
FACTS = "facts"  # the schema of what public files state
BUSY_TIMEOUT_SECONDS = 10
_LOOK_AGAIN_SECONDS = 0.001
_LOOK_AGAIN_FIRST = 0.0001
_MAPPED_BYTES = 8 * 1024**3  # more than the facts of the whole country
_GENERATION = "facts_generation"


class Base(DeclarativeBase):
    """The parent of every table; it names all constraints."""

    # On the registry, not on the class: Flask-SQLAlchemy derives a base of its own.
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
    """A session that asks the replica it was given, until it writes."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """Return where the next statement goes."""
        replica: Engine | None = self.info.get(READING_FROM)
        return replica if replica is not None else super().get_bind(*args, **kwargs)


db = SQLAlchemy(
    model_class=Base, session_options={"class_": RoutedSession, "expire_on_commit": False}
)


class WriteOutsideWritingError(DirectoryError):
    """Something tried to change the database in a session that only reads."""


@contextmanager
def writing(*, goes_first: bool = False) -> Iterator[Session]:
    """Give the session in a transaction that may write.

    Commits once at the end; rolls back on any error. What was read before is forgotten,
    since it may be out of date by the time the write lock is held. Where several wait for a SQLite
    file, one that goes first mostly comes next.
    """
    session = db.session()
    session.rollback()
    session.expire_all()
    session.info.pop(READING_FROM, None)
    session.info[WRITING] = True
    try:
        options = {WRITING: True, GOES_FIRST: goes_first}
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
    """Attach what makes a transaction behave as this module promises."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite_connection)
        event.listen(engine, "begin", _begin_on_sqlite)
    else:
        event.listen(engine, "begin", _begin_on_postgresql)
        event.listen(engine, "checkout", _refuse_if_ended)
        event.listen(engine, "before_cursor_execute", _ask_for_bytes)


def guard_sessions() -> None:
    """Make every session refuse to write outside `writing`."""
    for name, listener in (("before_flush", _refuse_flush), ("do_orm_execute", _refuse_execute)):
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)


def facts_file(main: Path, generation: int) -> Path:
    """Return the file beside the main one that holds the facts of this generation."""
    return main.with_name(f"{main.stem}.facts-{generation}{main.suffix}")


def set_sqlite_pragmas(connection: sqlite3.Connection, schema: str) -> None:
    """Have one of the connection's files keep every acknowledged commit."""
    connection.execute(f"PRAGMA {schema}.journal_mode = WAL")
    # FULL, not NORMAL: with NORMAL a power cut takes commits back that were acknowledged.
    connection.execute(f"PRAGMA {schema}.synchronous = FULL")
    connection.execute(f"PRAGMA {schema}.cache_size = -65536")


def attach_facts(connection: sqlite3.Connection, file: str) -> None:
    """Make this file the connection's schema of facts. Not possible within a transaction."""
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
            _begin_immediate(driver, goes_first=options.get(GOES_FIRST, False))
        else:
            driver.execute("BEGIN")
        generation = driver.execute("PRAGMA main.user_version").fetchone()[0]
        if connection.info.get(_GENERATION) == generation:
            return
        driver.execute("ROLLBACK")
        main = main_file(driver)
        attach_facts(driver, str(facts_file(main, generation)) if main else ":memory:")
        set_sqlite_pragmas(driver, FACTS)
        # What searches read is mapped: reading a page of the file then copies nothing.
        driver.execute(f"PRAGMA {FACTS}.mmap_size = {_MAPPED_BYTES}")
        connection.info[_GENERATION] = generation


def _begin_immediate(driver: sqlite3.Connection, *, goes_first: bool) -> None:
    """Begin a transaction that writes, waiting for its turn.

    SQLite's own waiting looks ever more seldom, up to ten times a second, and leaves the lock to
    whoever comes by meanwhile: under load some waited for a quarter of a second. Whoever looks
    most often gets it most often: the one worker would else starve behind all who give it work.
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
                    # As SQLAlchemy does it for statements: listeners are on their own.
                    raise OperationalError("BEGIN IMMEDIATE", None, error) from error
            time.sleep(_LOOK_AGAIN_FIRST if goes_first else _LOOK_AGAIN_SECONDS)
    finally:
        driver.execute(f"PRAGMA busy_timeout = {milliseconds}")


def _begin_on_postgresql(connection: Connection) -> None:
    # psycopg folds both into its BEGIN, so they cost no round trip.
    driver_connection: Any = connection.connection.dbapi_connection
    is_writing = connection.get_execution_options().get(WRITING, False)
    driver_connection.read_only = not is_writing
    # A page asks several times, and an import may switch between two questions.
    level = None if is_writing else psycopg.IsolationLevel.REPEATABLE_READ
    driver_connection.isolation_level = level


def _refuse_if_ended(connection: Any, _record: object, _proxy: object) -> None:
    """Have the pool replace a connection that the server has ended, without asking it.

    A server that ends says so: there is something to read where nothing was asked.
    """
    if not connection.closed:
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if not poll.poll(0):
            return
    raise DisconnectionError


def _ask_for_bytes(
    _connection: Connection,
    cursor: Any,
    _statement: str,
    _parameters: object,
    context: ExecutionContext | None,
    _many: bool,  # noqa: FBT001 - as SQLAlchemy calls it
) -> None:
    """Have large binaries come as they are, instead of as text twice as long."""
    if context is not None and context.execution_options.get(BINARY):
        cursor.format = psycopg.pq.Format.BINARY


def _refuse_flush(session: Session, _context: object, _instances: object) -> None:
    if not session.info.get(WRITING):
        raise WriteOutsideWritingError("Open a transaction with writing() before changing rows.")


def _refuse_execute(state: ORMExecuteState) -> None:
    changes = state.is_insert or state.is_update or state.is_delete
    if changes and not state.session.info.get(WRITING):
        raise WriteOutsideWritingError("Open a transaction with writing() before changing rows.")
