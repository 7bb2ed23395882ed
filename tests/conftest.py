"""The fixtures of all tests: an application on each database, and no network."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.orm import Session

from directory import create_app
from directory.config import Settings
from directory.core.db.database import WRITING, Base, db, facts_file, normalized_url
from tests.matrix import databases_of
from tests.postgres import find_postgres, running_postgres

# Where a browser runs, once for all folders that need one.
pytest_plugins = ["tests.browsing"]

TEST_ENVIRON = {
    "SECRET_KEY": "a-secret-key-of-the-tests-and-nothing-else",
    "DATA_KEYS": "tests:" + "A" * 43 + "=",
    "PUBLIC_BASE_URL": "http://directory.test",
    "SMTP_URL": "smtp://127.0.0.1:9?tls=none",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make screenshots` ask for pictures."""
    parser.addoption("--screenshots", action="store_true", help="keep pictures in screenshots/")


def missing(piece: str, command: str) -> None:
    """Skip loudly on a developer's machine; fail where everything has to be there."""
    message = f"{piece} is missing; install it with: {command}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database to be copied."""
    file = tmp_path_factory.mktemp("template") / "directory.db"
    app = make_app(f"sqlite:///{file}", file.parent)
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a migrated, empty database."""
    programs = find_postgres()
    if programs is None:
        missing("PostgreSQL", "apt-get install postgresql")
    assert programs is not None
    with running_postgres(programs) as url:
        app = make_app(url, tmp_path_factory.mktemp("postgres"))
        with app.app_context():
            upgrade()
            db.engine.dispose()
        yield url


def make_app(database_url: str, folder: Path, **environ: str) -> Flask:
    """Build an application with the settings of the tests."""
    given = {
        **TEST_ENVIRON,
        "DATABASE_URL": database_url,
        "INSTANCE_FOLDER": str(folder),
        **environ,
    }
    app = create_app(Settings.from_environ(given))
    app.testing = True
    app.jinja_env.bytecode_cache = COMPILED
    with app.app_context():
        share_compiled_statements(db.engine)
    return app


def share_compiled_statements(engine: sa.Engine) -> None:
    """Have statements compiled once, and not again for the application of each test."""
    name = engine.dialect.name
    if name not in USED_ENGINES:
        # Only one that has asked the server who it is can be shared.
        sa.event.listen(engine, "first_connect", lambda *_: USED_ENGINES.setdefault(name, engine))
        return
    engine.dialect = USED_ENGINES[name].dialect
    engine._compiled_cache = USED_ENGINES[name]._compiled_cache


class CompiledTemplates(BytecodeCache):
    """Templates that one application has compiled, for all others: each test makes its own."""

    def __init__(self) -> None:
        self._by_key: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled of this very source, if anything."""
        if bucket.key in self._by_key:
            bucket.bytecode_from_string(self._by_key[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._by_key[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()
USED_ENGINES: dict[str, sa.Engine] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test that needs a database the ones it runs on."""
    if "database_url" in metafunc.fixturenames:
        databases = databases_of(metafunc.definition, Path(__file__).parent)
        metafunc.parametrize("database_url", databases, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database; `matrix.py` says which kinds a test runs on."""
    if request.param == "sqlite":
        file = tmp_path / "directory.db"
        template = request.getfixturevalue("sqlite_template")
        shutil.copy(template, file)
        shutil.copy(facts_file(template, 0), facts_file(file, 0))
        yield f"sqlite:///{file}"
        return
    url = request.getfixturevalue("postgres_url")
    yield url
    engine = sa.create_engine(normalized_url(url))
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    engine.dispose()


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database, within its context."""
    app = make_app(database_url, tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
        app.extensions["row_keys"].close()


@pytest.fixture
def session(app: Flask) -> Session:
    """A session that may write; nothing is committed unless the test says so."""
    session = db.session()
    session.info[WRITING] = True
    session.connection(execution_options={WRITING: True})
    return session


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """Let no test reach beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family != socket.AF_UNIX and host not in {"127.0.0.1", "::1", "localhost"}:
            raise RuntimeError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    socket.socket.connect = guarded  # type: ignore[method-assign, assignment]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]
