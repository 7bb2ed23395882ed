"""Reading from replicas: real servers that lag, hang and are killed."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.exc import OperationalError

from directory.core.db.database import db, normalized_url, writing
from directory.core.db.replica_pool import Replica, State
from tests.conftest import make_app, missing
from tests.postgres import find_postgres
from tests.replicated import (
    BOTH_WELL,
    PORT,
    get_page,
    ports_of,
    probe_site,
    replicas_of,
    states_of,
    wait_for,
)
from tests.replication import Server, running_cluster, wait_until_followed

pytestmark = pytest.mark.xdist_group("replicas")


@pytest.fixture(scope="module")
def cluster() -> Iterator[list[Server]]:
    """A primary and two replicas, with a table for notes."""
    programs = find_postgres()
    if programs is None:
        missing("PostgreSQL", "apt-get install postgresql")
    assert programs is not None
    with running_cluster(programs) as servers:
        servers[0].ask("CREATE TABLE note (id int GENERATED ALWAYS AS IDENTITY)")
        for replica in servers[1:]:
            wait_until_followed(servers[0], replica)
        yield servers


@pytest.fixture
def site(cluster: list[Server]) -> Iterator[Flask]:
    """An application whose replicas may be far behind."""
    with probe_site(cluster) as app:
        yield app


@contextmanager
def _paused(*replicas: Server) -> Iterator[None]:
    """Pause replay on the replicas."""
    for replica in replicas:
        replica.ask("SELECT pg_wal_replay_pause()")
    try:
        yield
    finally:
        for replica in replicas:
            replica.ask("SELECT pg_wal_replay_resume()")


def test_public_pages_are_read_from_every_replica(site: Flask, cluster: list[Server]) -> None:
    wait_for(lambda: ports_of(site) == replicas_of(cluster))


def test_other_requests_are_read_from_the_primary(site: Flask, cluster: list[Server]) -> None:
    assert get_page(site, "/other")["port"] == cluster[0].port
    assert site.test_client().post("/notes").json == {"port": cluster[0].port}


def test_after_a_write_the_request_stays_on_the_primary(site: Flask, cluster: list[Server]) -> None:
    before, within, after = get_page(site, "/read-write-read")
    assert before in replicas_of(cluster)
    assert (within, after) == (cluster[0].port, cluster[0].port)


def test_a_writer_reads_its_own_write_while_others_read_old_data(
    site: Flask, cluster: list[Server]
) -> None:
    old = get_page(site, "/notes")["notes"]
    writer, stranger = site.test_client(), site.test_client()
    with _paused(*cluster[1:]):
        answer = writer.post("/notes")
        assert writer.get("/notes").json == {"port": cluster[0].port, "notes": old + 1}
        assert stranger.get("/notes").json["notes"] == old  # type: ignore[index]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("wrote=1; ")
    assert "Max-Age=62; HttpOnly" in cookie


def test_over_https_the_cookie_is_limited_to_this_host(cluster: list[Server]) -> None:
    app = make_app(
        cluster[0].url, Path("never-made"), PUBLIC_BASE_URL="https://directory.example.org",
        REPLICA_URLS=cluster[1].url,
    )  # fmt: skip
    app.add_url_rule("/write", view_func=_write_nothing)
    cookie = app.test_client().get("/write").headers["Set-Cookie"]
    with app.app_context():
        db.engine.dispose()
    assert cookie.startswith("__Host-wrote=1; ")
    assert "Secure; HttpOnly; Path=/; SameSite=Lax" in cookie


def _write_nothing() -> str:
    with writing():
        return ""


def test_without_replicas_no_cookie_is_set(cluster: list[Server]) -> None:
    with probe_site(cluster, with_replicas=False) as app:
        answer = app.test_client().post("/notes")
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
        assert ports_of(app) == {cluster[0].port}


def test_a_lost_replica_is_not_connected_to(cluster: list[Server]) -> None:
    replica = Replica(1, normalized_url(cluster[1].url))
    with replica.engine.connect() as connection:
        assert connection.scalar(PORT) == cluster[1].port
    replica.found(State.LOST)
    replica.end_waiting()
    with pytest.raises(OperationalError, match="replica lost"):
        replica.engine.connect()
    replica.engine.dispose()


@pytest.mark.parametrize(
    "when", ["after the last question", "unnoticed", "before another server is asked"]
)
def test_a_connection_may_end_at_any_time_without_an_error(
    site: Flask, cluster: list[Server], when: str
) -> None:
    assert get_page(site, f"/connection-ends/{when}")["port"] == cluster[0].port


def test_data_missing_on_all_replicas_is_read_from_the_primary(
    site: Flask, cluster: list[Server]
) -> None:
    assert get_page(site, "/newer-than-replicas")["port"] == cluster[0].port
    assert states_of(site) == BOTH_WELL


@pytest.mark.parametrize(
    ("befall", "mend"), [(Server.kill, Server.start), (Server.freeze, Server.thaw)]
)
def test_requests_continue_while_a_replica_is_lost_and_it_recovers(
    cluster: list[Server], befall: Callable[[Server], None], mend: Callable[[Server], None]
) -> None:
    with probe_site(cluster) as site, ThreadPoolExecutor(4) as visitors, _asking(site) as answers:
        waiting = [visitors.submit(get_page, site, "/slow") for _ in range(4)]
        wait_for(lambda: all(_sleepers(replica) > 0 for replica in cluster[1:]))
        with _befallen(cluster[1], befall, mend):
            assert cluster[1].port not in {each.result(20)["port"] for each in waiting}
            wait_for(lambda: states_of(site) == [State.LOST, State.WELL])
            assert cluster[1].port not in ports_of(site)
        wait_for(lambda: states_of(site) == BOTH_WELL)
        wait_for(lambda: ports_of(site) == replicas_of(cluster))
    assert set(answers) == {200}


@contextmanager
def _befallen(
    server: Server, befall: Callable[[Server], None], mend: Callable[[Server], None]
) -> Iterator[None]:
    befall(server)
    try:
        yield
    finally:
        mend(server)


def _sleepers(replica: Server) -> int:
    statement = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    return int(replica.ask(statement) or 0)


@contextmanager
def _asking(app: Flask) -> Iterator[list[int]]:
    """Request a page repeatedly and record the status codes."""
    answers: list[int] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answers.append(app.test_client().get("/port").status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        stop.set()
        thread.join()


def test_a_lagging_replica_is_skipped_until_it_has_caught_up(
    cluster: list[Server],
) -> None:
    with probe_site(cluster, max_lag=1) as site:
        with _paused(cluster[1]):
            site.test_client().post("/notes")
            wait_for(lambda: states_of(site) == [State.BEHIND, State.WELL])
            assert cluster[1].port not in ports_of(site)
        wait_for(lambda: states_of(site) == BOTH_WELL)
        wait_for(lambda: ports_of(site) == replicas_of(cluster))


def test_a_replica_cut_off_from_the_primary_is_skipped(cluster: list[Server]) -> None:
    replica = cluster[1]
    with probe_site(cluster, max_lag=1) as site:
        with _cut_off(replica):
            site.test_client().post("/notes")
            wait_for(lambda: states_of(site) == [State.BEHIND, State.WELL])
        wait_for(lambda: states_of(site) == BOTH_WELL)


@contextmanager
def _cut_off(replica: Server) -> Iterator[None]:
    """Cut a replica off from the primary."""
    source = replica.ask("SHOW primary_conninfo") or ""
    _follow(replica, "")
    wait_for(lambda: replica.ask("SELECT status FROM pg_stat_wal_receiver") is None)
    try:
        yield
    finally:
        _follow(replica, source.replace("'", "''"))


def _follow(replica: Server, source: str) -> None:
    replica.ask(f"ALTER SYSTEM SET primary_conninfo = '{source}'")
    replica.ask("SELECT pg_reload_conf()")


def test_without_any_replica_the_primary_responds(cluster: list[Server]) -> None:
    with probe_site(cluster) as site:
        with (
            _befallen(cluster[1], Server.kill, Server.start),
            _befallen(cluster[2], Server.kill, Server.start),
        ):
            assert ports_of(site) == {cluster[0].port}
        wait_for(lambda: states_of(site) == BOTH_WELL)


def test_reads_continue_without_the_primary(cluster: list[Server]) -> None:
    with _befallen(cluster[0], Server.kill, Server.start):
        with probe_site(cluster, max_lag=1) as started_without_it:
            wait_for(lambda: ports_of(started_without_it) == replicas_of(cluster))


def test_while_the_primary_is_lost_the_last_states_are_kept(cluster: list[Server]) -> None:
    with probe_site(cluster, max_lag=1) as site, _befallen(cluster[0], Server.kill, Server.start):
        time.sleep(1.5)  # longer than a replica may be behind
        wait_for(lambda: ports_of(site) == replicas_of(cluster))
        assert site.test_client().get("/other").status_code == 500


def test_a_url_with_several_hosts_finds_the_writable_one(cluster: list[Server]) -> None:
    hosts = "&".join(f"host=127.0.0.1:{each.port}" for each in reversed(cluster))
    text = f"postgresql://tester@/postgres?{hosts}&target_session_attrs=read-write"
    engine = sa.create_engine(normalized_url(text))
    with engine.connect() as connection:
        assert connection.scalar(PORT) == cluster[0].port
    engine.dispose()


def test_pages_of_the_whole_site_are_read_from_a_replica(
    cluster: list[Server], tmp_path: Path
) -> None:
    app = make_app(cluster[0].url, tmp_path, REPLICA_URLS=f"{cluster[1].url} {cluster[2].url}")
    asked: list[str] = []
    with app.app_context():
        upgrade()
        db.session.remove()
    for server in cluster[1:]:
        wait_until_followed(cluster[0], server)
    routing = app.extensions["replicas"]
    for replica in routing.replicas:
        sa.event.listen(
            replica.engine, "before_cursor_execute", lambda *given: asked.append(given[2])
        )
    get_page(app, "/data")
    wait_for(lambda: states_of(app) == BOTH_WELL)

    get_page(app, "/data")

    assert any("facts.release" in statement for statement in asked)
    routing.close()
    with app.app_context():
        db.engine.dispose()


def test_the_log_names_replicas_by_number_only(
    site: Flask, cluster: list[Server], caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("directory.core.db.replica_pool")
    logger.addHandler(caplog.handler)
    replica = site.extensions["replicas"].replicas[0]
    replica.found(State.LOST)
    wait_for(lambda: states_of(site) == BOTH_WELL)
    logger.removeHandler(caplog.handler)
    said = {(each.getMessage(), vars(each)["replica"]) for each in caplog.records}
    assert said == {("replica lost", 1), ("replica in use", 1)}
