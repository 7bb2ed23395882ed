"""Versions of the data: what a search reads as of, and how long an older one can be read."""

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

# Somebody may still be turning pages that began in an older version.
KEPT_FOR = timedelta(hours=1)
# An import leaps this far: others begin versions while it works, and its own comes last.
LEAP = 1_000_000
NEWEST = 2**62  # reads whatever is there
_LOCK = 4_815_162_343
_OF_VERSIONS = sa.select(
    sa.func.max(DataVersion.number),
    sa.func.min(DataVersion.number),
    sa.func.max(DataVersion.made_at),
    sa.exists().where(Release.source == Source.DEMO),
)
# The same as text: every page begins with it, and text costs least.
_CURRENT = sa.text(
    "SELECT max(number), min(number), max(made_at), "
    "EXISTS (SELECT 1 FROM facts.release WHERE source = 'demo') FROM facts.data_version"
)
_READ_LAST = "directory_version"  # of a connection: what it read, and in which state


@dataclass(frozen=True)
class Version:
    """The version of the data that counts, and the oldest that can still be read."""

    number: int
    oldest: int
    tag: str  # tells this version from all others, of a database begun anew as well
    is_demo: bool = False  # the people and clinics shown are invented


def current_version(session: Session) -> Version:
    """Return the version that counts in this transaction."""
    connection = session.connection()
    # A next generation of the facts is, as long as it is filled, under another name.
    is_elsewhere = "schema_translate_map" in connection.get_execution_options()
    statement = _OF_VERSIONS if is_elsewhere else _CURRENT
    return _version(connection.execute(statement).one())


def _version(row: sa.Row[Any]) -> Version:
    number, oldest, made_at, is_demo = tuple(row)
    if number is None:
        return Version(0, 0, "", is_demo=bool(is_demo))
    return Version(number, oldest, f"{number} {made_at}", is_demo=bool(is_demo))


def version_of_request(session: Session) -> Version:
    """Return the version that this request reads, asking once."""
    if "data_version" not in g:
        g.data_version = _asked_alone(session)
    version: Version = g.data_version
    return version


def _asked_alone(session: Session) -> Version:
    """Return the current version without the session, which takes longer than the question.

    What is kept of this version answers most requests. On PostgreSQL even a transaction is
    spared: its beginning and end take a way to the server each. What is read afterwards may be
    newer than the version says, never older; the next request will know.
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
    """Return the version that this connection read last, when nothing has changed since.

    SQLite tells a connection what others have committed to each of its files, and counts what it
    has changed itself. Asking for that takes a tenth of a transaction.
    """
    with closing(engine.raw_connection()) as pooled:
        known: tuple[Any, Version] | None = pooled.info.get(_READ_LAST)
        if known is not None and known[0] == _state_of(pooled.dbapi_connection):
            return known[1]
    with engine.connect() as connection:
        version = _version(connection.exec_driver_sql(_CURRENT.text).one())
        proxied = connection.connection
        # Read before the transaction ends: what is committed later shows as a change.
        proxied.info[_READ_LAST] = (_state_of(proxied.dbapi_connection), version)
        return version


def _state_of(connection: Any) -> tuple[int, ...]:
    """Return numbers that differ once another version may count."""
    by_others = (
        connection.execute(f"PRAGMA {schema}.data_version").fetchone()[0]
        for schema in ("main", FACTS)
    )
    return (*by_others, connection.total_changes)


def next_version(session: Session, *, now: datetime, leap: int = 1) -> Version:
    """Begin a version of the data that everybody sees once the transaction is committed."""
    before = current_version(session)
    session.execute(sa.insert(DataVersion).values(number=before.number + leap, made_at=now))
    at = DataVersion
    kept = sa.select(sa.func.max(at.number)).where(at.made_at <= now - KEPT_FOR).scalar_subquery()
    session.execute(
        sa.delete(at).where(at.number < kept), execution_options={"synchronize_session": False}
    )
    return current_version(session)


def forget_versions(session: Session) -> None:
    """Let no older version be read; the next one goes on counting."""
    last = current_version(session).number
    session.execute(
        sa.delete(DataVersion).where(DataVersion.number < last),
        execution_options={"synchronize_session": False},
    )


def lock_versions(session: Session) -> None:
    """Let nobody else begin a version before this transaction ends; SQLite does so anyway."""
    if session.connection().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
