"""Fixtures: an empty key store of each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from directory.privacy.encryption import Keyring, new_data_key, parse_keyring
from directory.privacy.rowkeys import RowKeys


def ring(*names: str) -> Keyring:
    """Return new keys with these names; the first one seals."""
    return parse_keyring(",".join(new_data_key(name) for name in names))


@pytest.fixture(params=["sqlite", "postgresql"])
def keys_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """An empty database for keys."""
    if request.param == "sqlite":
        yield make_url(f"sqlite:///{tmp_path / 'store.db'}")
        return
    server = make_url(request.getfixturevalue("postgres_url"))
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS keys WITH (FORCE)")
        connection.exec_driver_sql("CREATE DATABASE keys")
    engine.dispose()
    yield server.set(database="keys")


@pytest.fixture
def keys(keys_url: URL) -> Iterator[RowKeys]:
    """An empty key store."""
    store = RowKeys(keys_url, ring("one"))
    yield store
    store.close()
