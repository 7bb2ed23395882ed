"""Turning pages while the servers that answer are not equally far."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask_migrate import upgrade

from directory.core.db.database import db
from tests.api.v1.reading import add_people, npis, read
from tests.conftest import make_app, missing
from tests.postgres import find_postgres
from tests.replication import running_cluster, wait_until_followed

pytestmark = pytest.mark.xdist_group("replicas")

QUERY = "near=60201&within=250&specialty=all"


def test_a_version_that_a_replica_lacks_is_read_from_the_primary(tmp_path: Path) -> None:
    programs = find_postgres()
    if programs is None:
        missing("PostgreSQL", "apt-get install postgresql")
    assert programs is not None
    with running_cluster(programs, replicas=1) as (primary, replica):
        app = make_app(primary.url, tmp_path)
        behind = make_app(primary.url, tmp_path, REPLICA_URLS=replica.url, REPLICA_MAX_LAG="3600")
        with app.app_context():
            upgrade()
            add_people(40, seed=5)
            wait_until_followed(primary, replica)
            old = read(behind, QUERY)
            replica.ask("SELECT pg_wal_replay_pause()")
            add_people(20, seed=6)
            first = read(app, QUERY)
            # The replica answers all but what it does not know yet.
            assert read(behind, QUERY)["version"] == old["version"] < first["version"]
            query = urlsplit(first["next"]).query
            assert npis(read(behind, query)) == npis(read(app, query))
            behind.extensions["replicas"].close()
            for each in (app, behind):
                with each.app_context():
                    db.session.remove()
                    db.engine.dispose()
