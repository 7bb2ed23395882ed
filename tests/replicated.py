"""A small application on a primary and its replicas, whose pages show the server used."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask, g
from sqlalchemy.exc import SQLAlchemyError

from directory.core.db.database import (
    READING_FROM,
    db,
    engine_options,
    guard_sessions,
    normalized_url,
    prepare_engine,
    writing,
)
from directory.core.db.replica_pool import State
from directory.core.db.replicas import init_replicas, refuse_if_stale
from tests.replication import Server

PORT = sa.text("SELECT inet_server_port()")
BOTH_WELL = [State.WELL, State.WELL]
_COUNT = sa.text("SELECT count(*) FROM note")
_ADD = sa.text("INSERT INTO note DEFAULT VALUES")


def _public() -> Blueprint:
    """Pages that show which server they were read from."""
    public = Blueprint("public", __name__)

    @public.get("/port")
    def port() -> dict[str, Any]:
        return {"port": db.session().scalar(PORT)}

    @public.get("/slow")
    def slow() -> dict[str, Any]:
        db.session().execute(sa.text("SELECT pg_sleep(1.5)"))
        return {"port": db.session().scalar(PORT)}

    @public.get("/notes")
    def notes() -> dict[str, Any]:
        return {"port": db.session().scalar(PORT), "notes": db.session().scalar(_COUNT)}

    @public.post("/notes")
    def add() -> dict[str, Any]:
        with writing() as session:
            session.execute(_ADD)
            return {"port": session.scalar(PORT)}

    @public.get("/read-write-read")
    def read_write_read() -> list[Any]:
        before = db.session().scalar(PORT)
        with writing() as session:
            within = session.scalar(PORT)
        return [before, within, db.session().scalar(PORT)]

    @public.get("/newer-than-replicas")
    def newer() -> dict[str, Any]:
        g.setdefault("port", db.session().scalar(PORT))
        refuse_if_stale(db.session(), is_stale=True)
        return {"port": g.port}

    @public.get("/connection-ends/<when>")
    def connection_ends(when: str) -> dict[str, Any]:
        port = db.session().scalar(PORT)
        _end_connection_to_replica()
        if when == "unnoticed":
            with suppress(SQLAlchemyError):
                db.session().scalar(PORT)
            db.session().scalar(PORT)
        refuse_if_stale(db.session(), is_stale=when == "before another server is asked")
        return {"port": port}

    return public


def _end_connection_to_replica() -> None:
    """Have the replica end the session's connection, which fails on the next query."""
    session = db.session()
    replica: sa.Engine | None = session.info.get(READING_FROM)
    if replica is not None:
        process = session.scalar(sa.text("SELECT pg_backend_pid()"))
        with replica.connect() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:id, 5000)"), {"id": process})


def _other() -> Blueprint:
    """A page that is not to be read from a replica."""
    other = Blueprint("other", __name__)

    @other.get("/other")
    def port() -> dict[str, Any]:
        return {"port": db.session().scalar(PORT)}

    return other


@contextmanager
def probe_site(
    cluster: list[Server], *, max_lag: int = 60, with_replicas: bool = True
) -> Iterator[Flask]:
    """An application on the cluster; with replicas, once they are healthy."""
    url = normalized_url(cluster[0].url)
    app = Flask("probe")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    db.init_app(app)
    guard_sessions()
    with app.app_context():
        prepare_engine(db.engine)
    app.register_blueprint(_public())
    app.register_blueprint(_other())
    urls = [normalized_url(server.url) for server in cluster[1:] if with_replicas]
    init_replicas(app, urls, max_lag=max_lag, blueprints={"public"})
    try:
        if with_replicas:
            app.test_client().get("/port")  # from now on they are watched
            wait_for(lambda: states_of(app) == BOTH_WELL)
        yield app
    finally:
        if with_replicas:
            app.extensions["replicas"].close()
        with app.app_context():
            db.engine.dispose()


def states_of(app: Flask) -> list[State]:
    """Return the last observed state of each replica."""
    return [replica.state for replica in app.extensions["replicas"].replicas]


def get_page(app: Flask, path: str) -> Any:
    """Return the page for a visitor without cookies."""
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    return answer.json


def replicas_of(cluster: list[Server]) -> set[int]:
    """Return the ports of the replicas."""
    return {replica.port for replica in cluster[1:]}


def ports_of(app: Flask, times: int = 6) -> set[int]:
    """Return the servers that respond to visitors of the public page."""
    return {get_page(app, "/port")["port"] for _ in range(times)}


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until the condition is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
