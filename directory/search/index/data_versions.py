"""Versions of the search data: the current one, and how long older ones stay readable."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import g
from sqlalchemy.orm import Session

from directory.core.db.database import FACTS
from directory.providers.models import Release, Source
from directory.search.index.models import DataVersion

# A visitor may still be paging through results of an older version.
KEPT_FOR = timedelta(hours=1)
# An import increments by this much, so that its version comes after those begun meanwhile.
LEAP = 1_000_000
NEWEST = 2**62  # reads the newest blocks, whatever their version
_ADVISORY_LOCK_KEY = 4_815_162_343
_OF_VERSIONS = sa.select(
    sa.func.max(DataVersion.number),
    sa.func.min(DataVersion.number),
    sa.func.max(DataVersion.made_at),
    sa.exists().where(Release.source == Source.DEMO),
)
# The same as plain SQL: every request runs it, and compiling a statement costs more.
_CURRENT = sa.text(
    "SELECT max(number), min(number), max(made_at), "
    "EXISTS (SELECT 1 FROM facts.release WHERE source = 'demo') FROM facts.data_version"
)
_READ_LAST = "directory_version"  # key in a connection's info: the version it read last


@dataclass(frozen=True)
class Version:
    """The current version of the data, and the oldest that can still be read."""

    number: int
    oldest: int
    tag: str  # unique, even after the database was created again
    is_demo: bool = False  # the people and clinics shown are invented


def current_version(session: Session) -> Version:
    """Return the current version as seen by this transaction."""
    connection = session.connection()
    # While an import fills the next generation of the facts, its schema has another name.
    is_elsewhere = "schema_translate_map" in connection.get_execution_options()
    statement = _OF_VERSIONS if is_elsewhere else _CURRENT
    return _version(connection.execute(statement).one())


def _version(row: sa.Row[Any]) -> Version:
    number, oldest, made_at, is_demo = tuple(row)
    if number is None:
        return Version(0, 0, "", is_demo=bool(is_demo))
    return Version(number, oldest, f"{number} {made_at}", is_demo=bool(is_demo))


def version_of_request(session: Session) -> Version:
    """Return the version that this request reads; runs the query once per request."""
    if "data_version" not in g:
        g.data_version = _read_without_session(session)
    version: Version = g.data_version
    return version


def _read_without_session(session: Session) -> Version:
    """Return the current version without using the session, which costs more than the query.

    Most requests are answered from caches of this version. On PostgreSQL this also avoids the
    round trips that begin and end a transaction. Data read afterwards may be newer than the
    version, never older; the next request sees the newer version.
    """
    engine = session.get_bind()
    if session.in_transaction() or not isinstance(engine, sa.Engine):
        return current_version(session)
    if engine.dialect.name == "sqlite":
        return _unless_changed(engine)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        return _version(connection.exec_driver_sql(_CURRENT.text).one())


def _unless_changed(engine: sa.Engine) -> Version:
    """Return the version this connection read last, unless the database has changed since.

    SQLite reports to a connection the commits of others to each of its files, and counts its own
    changes. Reading both takes a tenth of the time of a transaction.
    """
    with closing(engine.raw_connection()) as pooled:
        known: tuple[Any, Version] | None = pooled.info.get(_READ_LAST)
        if known is not None and known[0] == _state_of(pooled.dbapi_connection):
            return known[1]
    with engine.connect() as connection:
        version = _version(connection.exec_driver_sql(_CURRENT.text).one())
        proxied = connection.connection
        # Read before the transaction ends, so that later commits show as a change.
        proxied.info[_READ_LAST] = (_state_of(proxied.dbapi_connection), version)
        return version


def _state_of(connection: Any) -> tuple[int, ...]:
    """Return counters that change whenever the current version may have changed."""
    by_others = (
        connection.execute(f"PRAGMA {schema}.data_version").fetchone()[0]
        for schema in ("main", FACTS)
    )
    return (*by_others, connection.total_changes)


def next_version(session: Session, *, now: datetime, leap: int = 1) -> Version:
    """Begin a version of the data, visible to all once the transaction is committed."""
    before = current_version(session)
    session.execute(sa.insert(DataVersion).values(number=before.number + leap, made_at=now))
    kept = (
        sa.select(sa.func.max(DataVersion.number))
        .where(DataVersion.made_at <= now - KEPT_FOR)
        .scalar_subquery()
    )
    session.execute(
        sa.delete(DataVersion).where(DataVersion.number < kept),
        execution_options={"synchronize_session": False},
    )
    return current_version(session)


def forget_versions(session: Session) -> None:
    """Delete all older versions; numbering continues."""
    last = current_version(session).number
    session.execute(
        sa.delete(DataVersion).where(DataVersion.number < last),
        execution_options={"synchronize_session": False},
    )


def lock_versions(session: Session) -> None:
    """Block others from beginning a version until this transaction ends; on SQLite implicit."""
    if session.connection().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK_KEY)))
