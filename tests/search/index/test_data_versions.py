"""Every request reads the current version of the data."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.search.index.data_versions import next_version, version_of_request


@pytest.fixture
def asked(app: Flask) -> Callable[[], int]:
    """What a new request takes for the version, with a session of its own."""

    def ask() -> int:
        db.session.remove()
        with app.app_context():
            number = version_of_request(db.session()).number
            db.session.remove()
        return number

    return ask


def test_a_version_begun_by_this_process_counts_at_once(asked: Callable[[], int]) -> None:
    before = asked()
    for step in (1, 2, 3):
        with writing() as session:
            next_version(session, now=utc_now())
        assert [asked(), asked()] == [before + step] * 2


def test_a_version_begun_elsewhere_counts_at_once(asked: Callable[[], int]) -> None:
    before = asked()
    others = sa.create_engine(db.engine.url, poolclass=sa.NullPool)
    for step in (1, 2, 3):
        begin_version(others, before + step)
        assert [asked(), asked()] == [before + step] * 2


def test_what_is_not_committed_does_not_count(asked: Callable[[], int]) -> None:
    before = asked()
    with pytest.raises(ZeroDivisionError), writing() as session:
        next_version(session, now=utc_now())
        session.flush()
        raise ZeroDivisionError
    assert asked() == before


def begin_version(others: sa.Engine, number: int) -> None:
    """Begin a version through a connection outside the application's pool."""
    statement = "INSERT INTO facts.data_version (number, made_at) VALUES (:number, :made_at)"
    with others.connect() as connection:
        if others.dialect.name == "sqlite":
            files = db.session().execute(sa.text("PRAGMA database_list")).all()
            [file] = [row.file for row in files if row.name == "facts"]
            db.session.remove()
            connection.exec_driver_sql("ATTACH ? AS facts", (file,))
        connection.execute(sa.text(statement), {"number": number, "made_at": utc_now()})
        connection.commit()
