"""Loading the demo, and removing it."""

import gzip
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from directory.clinics.models import Clinic
from directory.core.db.database import WRITING, Base, db
from directory.demo.load import DemoRefusedError, has_demo, load_demo, remove_demo
from directory.providers.models import (
    OptOut,
    PracticeLocation,
    Provider,
    Report,
    ReportState,
    Source,
    WrongFact,
)
from directory.search.index.models import Listing
from seeds.demo.rows import FILES
from seeds.make_demo import FOLDER
from tests.conftest import make_app
from tests.factories import make_inquiry, make_provider

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """The files of the demo with the people of Alabama alone, who come first."""
    folder = tmp_path_factory.mktemp("few")
    for name in FILES:
        lines = gzip.decompress((FOLDER / f"{name}.csv.gz").read_bytes()).decode().splitlines()
        column = lines[0].split(",").index("state" if name == "clinics" else "npi")
        kept = [line for line in lines if is_of_alabama(line.split(",")[column])]
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress("\n".join(kept).encode()))
    return folder


def is_of_alabama(text):
    return text in {"npi", "state", "AL"} or text.startswith("2000")


def count(session, model, *conditions):
    return session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions))


def any_clinic(session):
    return session.scalars(sa.select(Clinic).where(Clinic.email_confirmed_at.is_not(None))).first()


def test_places_everybody_and_lists_who_may_be_found(session):
    loaded = load_demo(session, FOLDER, NOW)

    gone = sa.select(Provider.npi).where(Provider.deactivated_on.is_not(None))
    assert loaded == count(session, Provider) >= 3000
    assert count(session, Listing, Listing.npi.in_(gone)) == 0
    assert count(session, PracticeLocation, PracticeLocation.latitude.is_(None)) == 0
    assert count(session, Listing, Listing.takes_inquiries) > 500


def test_says_that_it_is_there(session, few):
    assert not has_demo(session)

    load_demo(session, few, NOW)

    assert has_demo(session)


def test_removing_leaves_nothing(session):
    load_demo(session, FOLDER, NOW)
    make_inquiry(session, any_clinic(session), now=NOW)
    npi = session.scalars(sa.select(Provider.npi)).first()
    session.add(OptOut(npi=npi, created_at=NOW))
    wrong = {"fact": WrongFact.PHONE, "message": "", "state": ReportState.OPEN}
    session.add(Report(npi=npi, created_at=NOW, **wrong))
    session.flush()

    remove_demo(session)

    tables = Base.metadata.sorted_tables
    left = [table.name for table in tables if count(session, table)]
    # The trail is never cut, and versions go on counting.
    assert sorted(left) == ["audit_event", "data_version"]


def test_removing_finds_a_clinic_that_has_confirmed_its_facts(session, few):
    load_demo(session, few, NOW)
    any_clinic(session).source = Source.CLINIC
    session.flush()

    remove_demo(session)

    assert count(session, Clinic) == 0


def test_removing_leaves_real_people_alone(session, few):
    load_demo(session, few, NOW)
    real = make_provider(session)

    remove_demo(session)

    assert session.scalars(sa.select(Provider.npi)).all() == [real.npi]


def test_refuses_a_database_with_real_people(session, few):
    make_provider(session)

    with pytest.raises(DemoRefusedError, match="empty database"):
        load_demo(session, few, NOW)


def test_refuses_a_second_time(session, few):
    load_demo(session, few, NOW)

    with pytest.raises(DemoRefusedError, match="loaded already"):
        load_demo(session, few, NOW)


def test_refuses_production(database_url, tmp_path, few):
    settings = {
        "DIRECTORY_ENV": "production",
        "PUBLIC_BASE_URL": "https://directory.example.org",
        "KEYS_URL": f"sqlite:///{tmp_path}/keys.db",
    }
    app = make_app(database_url, tmp_path, **settings)
    with app.app_context():
        session = db.session()
        session.info[WRITING] = True
        with pytest.raises(DemoRefusedError, match="production"):
            load_demo(session, few, NOW)
        db.session.remove()
        db.engine.dispose()
