import sqlalchemy as sa
from flask import Flask

from directory.core.db.database import db, writing
from directory.search.cli import make_listings_if_missing
from directory.search.index.models import DataVersion, Listing, ListingCell, ListingName
from tests.factories import make_location, make_provider
from tests.search.index.packed import stored_blocks


def forget_everything() -> None:
    with writing() as session:
        for model in (Listing, ListingCell, ListingName, DataVersion):
            session.execute(sa.delete(model))


def list_somebody() -> dict[object, bytes]:
    with writing() as session:
        make_location(session, make_provider(session))
    return stored_blocks(db.session())


def test_rebuild_makes_everything_anew(app: Flask) -> None:
    before = list_somebody()
    forget_everything()

    result = app.test_cli_runner().invoke(args=["search", "rebuild"])

    assert (result.exit_code, result.output) == (0, "Rebuilt 1 listings.\n")
    assert stored_blocks(db.session()) == before


def test_after_a_migration_the_start_makes_what_is_missing(app: Flask) -> None:
    before = list_somebody()
    forget_everything()

    make_listings_if_missing()

    assert stored_blocks(db.session()) == before


def test_a_start_leaves_alone_what_is_there(app: Flask) -> None:
    list_somebody()
    version = db.session().scalar(sa.select(sa.func.max(DataVersion.number)))
    db.session().rollback()

    make_listings_if_missing()

    assert db.session().scalar(sa.select(sa.func.max(DataVersion.number))) == version
