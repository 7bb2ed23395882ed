"""The database handle: sessions that read by default, and one way to write.

A session reads until `writing` opens a transaction that may write. On SQLite such a
transaction begins with BEGIN IMMEDIATE, because a read that turns into a write fails at
once when another writer was faster, whatever the busy timeout says. On PostgreSQL every
other transaction is declared READ ONLY. So a page that only shows things cannot change any.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, registry

from directory.core.columns import Moment
from directory.core.errors import DirectoryError

WRITING = "directory_writing"
_BUSY_TIMEOUT_SECONDS = 10


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


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class WriteOutsideWritingError(DirectoryError):
    """Something tried to change the database in a session that only reads."""


@contextmanager
def writing() -> Iterator[Session]:
    """Give the session in a transaction that may write.

    Commits once at the end; rolls back on any error. What was read before is forgotten,
    since it may be out of date by the time the write lock is held.
    """
    session = db.session()
    session.rollback()
    session.expire_all()
    session.info[WRITING] = True
    try:
        session.connection(execution_options={WRITING: True})
        yield session
        session.commit()
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


def engine_options(url: URL) -> dict[str, Any]:
    """Return what the engine of this URL is created with, making the folder of a SQLite file."""
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        connect = {"timeout": _BUSY_TIMEOUT_SECONDS, "isolation_level": None}
        return {"hide_parameters": True, "connect_args": connect}
    # Errors show their statement but never its values: those may be answers.
    return {"hide_parameters": True, "pool_pre_ping": True, "pool_size": 5, "max_overflow": 10}


def prepare_engine(engine: Engine) -> None:
    """Attach what makes a transaction behave as this module promises."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite_connection)
        event.listen(engine, "begin", _begin_on_sqlite)
    else:
        event.listen(engine, "begin", _begin_on_postgresql)


def guard_sessions() -> None:
    """Make every session refuse to write outside `writing`."""
    for name, listener in (("before_flush", _refuse_flush), ("do_orm_execute", _refuse_execute)):
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)


def _prepare_sqlite_connection(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL, not NORMAL: with NORMAL a power cut takes commits back that were acknowledged.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.close()


def _begin_on_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _begin_on_postgresql(connection: Connection) -> None:
    # psycopg folds this into its BEGIN, so it costs no round trip.
    driver_connection: Any = connection.connection.dbapi_connection
    driver_connection.read_only = not connection.get_execution_options().get(WRITING, False)


def _refuse_flush(session: Session, _context: object, _instances: object) -> None:
    if not session.info.get(WRITING):
        raise WriteOutsideWritingError("Open a transaction with writing() before changing rows.")


def _refuse_execute(state: ORMExecuteState) -> None:
    changes = state.is_insert or state.is_update or state.is_delete
    if changes and not state.session.info.get(WRITING):
        raise WriteOutsideWritingError("Open a transaction with writing() before changing rows.")
