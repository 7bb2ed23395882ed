"""Keys of single rows, in a separate key store that is left out of backups.

The content of a row is sealed with its own key. Deleting that key makes the content unreadable in
every copy of the database. A key is on disk before the row that needs it is written.

The key store is a separate database: a SQLite file, or PostgreSQL for several web servers. Its
keys are wrapped by DATA_KEYS, so the key store alone opens nothing.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.schema import CreateTable

from directory.core.db.columns import Moment
from directory.core.db.database import BUSY_TIMEOUT_SECONDS, engine_options
from directory.core.errors import SettingsError
from directory.privacy.encryption import ROW_KEY, Keyring, UnreadableError

_METADATA = sa.MetaData()
_KEYS = sa.Table(
    "row_key",
    _METADATA,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("made_at", Moment(), nullable=False),
)
_KEY_BYTES = 32
_BATCH = 500
_MAIN_DATABASE_TABLE = "alembic_version"  # a table that every main database has


@dataclass(frozen=True)
class Rewrapped:
    """The result of rewrapping keys."""

    keys: int
    unreadable: int  # wrapped by a key missing from DATA_KEYS; unchanged


class RowKeys:
    """The keys of rows by name. Each call is a separate transaction, synced when it returns.

    No connection is opened before the first call, so a process may fork until then.
    """

    def __init__(self, url: URL, wrapping: Keyring) -> None:
        self._wrapping = wrapping
        self._engine = sa.create_engine(url, **_options(url))
        self._is_sqlite = url.get_backend_name() == "sqlite"
        if self._is_sqlite:
            event.listen(self._engine, "connect", _prepare)
        self._is_checked = False
        self._cache: ContextVar[dict[str, Keyring | None] | None]
        self._cache = ContextVar("row_key_cache", default=None)

    def check(self) -> None:
        """Raise `SettingsError` if this is not a key store; create its table if missing."""
        if self._is_checked:
            return
        tables = sa.inspect(self._engine)
        if tables.has_table(_MAIN_DATABASE_TABLE):
            raise SettingsError(
                "KEYS_URL names the database of DATABASE_URL, whose backups would hold the keys; "
                "give it a database of its own."
            )
        if not tables.has_table(_KEYS.name):
            self._make_table()
        self._is_checked = True

    def make(self, names: Collection[str], *, now: datetime) -> None:
        """Create a key for each name without one; they are on disk when this returns."""
        if not names:
            return
        self._clear_cache()
        insert: Any = sqlite.insert if self._is_sqlite else postgresql.insert
        # The same form sent twice at the same time requests the same key: the first one is kept.
        statement = insert(_KEYS).on_conflict_do_nothing()
        rows = [self._row(name, os.urandom(_KEY_BYTES), now) for name in sorted(names)]
        with self._connect() as connection, connection.begin():
            connection.execute(statement, rows)

    @contextmanager
    def cached(self) -> Iterator[None]:
        """Cache keys within the block, for work that opens the same row repeatedly.

        Keep it short: keys deleted by other processes are still found until it ends.
        """
        before = self._cache.set({})
        try:
            yield
        finally:
            self._cache.reset(before)

    def find(self, name: str) -> Keyring | None:
        """Return the key of a row, ready to seal and open; None when it was deleted."""
        cached = self._cache.get()
        if cached is None:
            return self._find(name)
        if name not in cached:
            cached[name] = self._find(name)
        return cached[name]

    def _find(self, name: str) -> Keyring | None:
        with self._connect() as connection:
            wrapped = connection.scalar(sa.select(_KEYS.c.wrapped).where(_KEYS.c.name == name))
        if wrapped is None:
            return None
        key = bytes.fromhex(self._wrapping.open(wrapped, bound_to=_bound_to(name)))
        return Keyring(((ROW_KEY, key),))

    def delete(self, names: Collection[str]) -> int:
        """Delete these keys permanently; return how many existed."""
        return self._delete([_KEYS.c.name.in_(batch) for batch in _batches(sorted(names))])

    def delete_unsynced(self, names: Collection[str]) -> None:
        """Delete these keys without syncing; they are erased from disk by the next `delete`.

        For deletions not requested by a person. A power failure may restore the keys, which are
        then deleted by age.
        """
        self._clear_cache()
        gone = sa.delete(_KEYS).where(_KEYS.c.name.in_(names))
        with self._connect() as connection:
            if not self._is_sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                connection.execute(gone)
                connection.commit()
                return
            driver: Any = connection.connection.dbapi_connection
            driver.execute("PRAGMA synchronous = NORMAL")
            try:
                connection.execute(gone)
                connection.commit()
            finally:
                driver.execute("PRAGMA synchronous = FULL")

    def delete_old(self, prefix: str, *, before: datetime) -> int:
        """Delete the keys with this prefix that were created before a time."""
        ours = sa.and_(_KEYS.c.name.startswith(prefix, autoescape=True), _KEYS.c.made_at < before)
        return self._delete([ours])

    def names(self) -> set[str]:
        """Return the names of all keys."""
        with self._connect() as connection:
            return set(connection.scalars(sa.select(_KEYS.c.name)))

    def rewrap(self) -> Rewrapped:
        """Rewrap keys with the newest of DATA_KEYS, in batches."""
        keys, unreadable, last = 0, 0, ""
        with self._connect() as connection:
            while True:
                with connection.begin():
                    rows = connection.execute(self._wrapped_by_older_keys(after=last)).all()
                    rewrapped = sum(
                        self._rewrap_key(connection, row.name, row.wrapped) for row in rows
                    )
                if not rows:
                    return Rewrapped(keys, unreadable)
                keys, unreadable = keys + rewrapped, unreadable + len(rows) - rewrapped
                last = rows[-1].name

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _delete(self, conditions: list[sa.ColumnElement[bool]]) -> int:
        self._clear_cache()
        deleted = 0
        with self._connect() as connection:
            for condition in conditions:
                with connection.begin():
                    deleted += connection.execute(sa.delete(_KEYS).where(condition)).rowcount
            if self._is_sqlite:
                # Erases the deleted keys from the write-ahead log. Also when nothing was deleted: a
                # process may have ended just before this statement.
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
        return deleted

    def _clear_cache(self) -> None:
        cached = self._cache.get()
        if cached is not None:
            cached.clear()

    def _wrapped_by_older_keys(self, *, after: str) -> sa.Select[Any]:
        return (
            sa.select(_KEYS.c.name, _KEYS.c.wrapped)
            .where(self._wrapping.is_older(_KEYS.c.wrapped), _KEYS.c.name > after)
            .order_by(_KEYS.c.name)
            .limit(_BATCH)
            .with_for_update()
        )

    def _rewrap_key(self, connection: sa.Connection, name: str, wrapped: bytes) -> bool:
        try:
            opened = self._wrapping.open(wrapped, bound_to=_bound_to(name))
        except UnreadableError:
            return False
        sealed = self._wrapping.seal(opened, bound_to=_bound_to(name))
        connection.execute(sa.update(_KEYS).where(_KEYS.c.name == name).values(wrapped=sealed))
        return True

    def _row(self, name: str, key: bytes, now: datetime) -> dict[str, Any]:
        wrapped = self._wrapping.seal(key.hex(), bound_to=_bound_to(name))
        return {"name": name, "wrapped": wrapped, "made_at": now}

    def _connect(self) -> sa.Connection:
        self.check()
        return self._engine.connect()

    def _make_table(self) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(CreateTable(_KEYS, if_not_exists=True))
        except (IntegrityError, ProgrammingError):
            # On PostgreSQL two processes that create it at the same time conflict.
            if not sa.inspect(self._engine).has_table(_KEYS.name):
                raise


def row_keys() -> RowKeys:
    """Return the key store of the running application."""
    found: RowKeys = current_app.extensions["row_keys"]
    return found


def _bound_to(name: str) -> str:
    return f"row_key:{name}"


def _batches(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _BATCH):
        yield names[start : start + _BATCH]


def _options(url: URL) -> dict[str, Any]:
    options = engine_options(url)
    if url.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": BUSY_TIMEOUT_SECONDS}
    else:
        # Replaces connections that the server has closed.
        options["pool_pre_ping"] = True
    return options


def _prepare(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
