"""Migrations go up and down with rows in them, and end where the models are."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade

from directory.config import PROJECT_FOLDER
from directory.core.clock import utc_now
from directory.core.db.database import WRITING, Base, db, writing
from directory.demo.load import load_demo
from directory.outbox.models import MessageKind
from directory.providers.models import Provider
from tests.outbox.letters import make_message


def test_migrations_match_the_models(app: Flask) -> None:
    context = MigrationContext.configure(
        db.session().connection(), opts={"compare_type": True, "include_schemas": True}
    )
    assert compare_metadata(context, Base.metadata) == []


def test_migrations_go_down_and_up_again_with_rows_in_them(app: Flask) -> None:
    with writing() as session:
        load_demo(session, PROJECT_FOLDER / "seeds/demo", utc_now())
    db.session.remove()

    downgrade(revision="base")
    tables = set(sa.inspect(db.engine).get_table_names())
    upgrade()

    assert tables <= {"alembic_version"}
    assert db.session().scalar(sa.select(sa.func.count()).select_from(Provider)) == 0
    with writing() as session:
        load_demo(session, PROJECT_FOLDER / "seeds/demo", utc_now())


def test_facts_move_to_their_schema_and_back_with_all_that_is_known(app: Flask) -> None:
    with writing() as session:
        load_demo(session, PROJECT_FOLDER / "seeds/demo", utc_now())
    db.session.remove()
    tables = ("provider", "provider_taxonomy", "license", "practice_location")
    tables += ("procedure_volume", "exclusion", "listing")
    before = {table: counted(f"facts.{table}") for table in tables}
    positions = counted("clinic WHERE latitude IS NOT NULL")

    downgrade(revision="0001")
    old = "main" if db.engine.dialect.name == "sqlite" else "public"
    down = {table: counted(f"{old}.{table}") for table in tables}
    graduates = counted(f"{old}.provider WHERE graduation_year IS NOT NULL")
    upgrade()

    after = {table: counted(f"facts.{table}") for table in tables}
    assert after == down
    assert {**before, "listing": 0} == {**after, "listing": 0}
    assert 0 < graduates == counted("facts.clinician")
    assert 0 < positions == counted("clinic WHERE latitude IS NOT NULL")
    assert counted("facts.release") == 1


def counted(what: str) -> int:
    with db.engine.connect() as connection:
        found: int = connection.execute(sa.text(f"SELECT count(*) FROM {what}")).scalar_one()
    return found


def test_inquiries_of_before_get_a_submission_and_lose_it_again(app: Flask) -> None:
    with writing() as session:
        load_demo(session, PROJECT_FOLDER / "seeds/demo", utc_now())
    db.session.remove()
    downgrade(revision="0003")
    told = {"now": "2026-11-02 10:00:00", "public_id": "p" * 22, "draft": "d" * 43}
    execute(
        "INSERT INTO inquiry (public_id, reference, draft_public_id, clinic_id, state, "
        "consent_version, consented_at, language, email_digest, sent_at) "
        "SELECT :public_id, 'H7KM-2QXR', :draft, min(id), 'opened', '2026-11', :now, 'en', "
        "'digest', :now FROM clinic",
        **told,
    )
    execute(
        "INSERT INTO inquiry_event (inquiry_id, at, actor, state) "
        "SELECT id, :now, 'clinic', 'opened' FROM inquiry",
        now=told["now"],
    )

    upgrade()
    found = execute(
        "SELECT reference, state, submission.language, expire_at < delete_at FROM inquiry "
        "JOIN submission ON submission.id = submission_id WHERE draft_public_id = :draft",
        draft=told["draft"],
    )
    events = execute("SELECT length(public_id), state FROM inquiry_event")
    execute("UPDATE inquiry SET state = 'times-proposed'")
    downgrade(revision="0003")

    assert found == [("H7KM-2QXR", "opened", "en", True)]
    assert events == [(22, "opened")]
    kept = execute("SELECT draft_public_id, state, consent_version FROM inquiry")
    assert kept == [(told["draft"], "opened", "2026-11")]
    upgrade()


def test_emails_of_before_are_put_in_order(app: Flask) -> None:
    kinds = [MessageKind.PATIENT_SENT, MessageKind.CLINIC_INQUIRY, MessageKind.CLINIC_CODE]
    with writing() as session:
        for kind in kinds:
            make_message(session, kind=kind)
    db.session.remove()
    ordered = "SELECT kind, urgency FROM outbox_message ORDER BY urgency"
    before = execute(ordered)

    downgrade(revision="0004")
    assert execute("SELECT count(*) FROM outbox_message WHERE state = 'waiting'") == [(3,)]
    upgrade()

    assert before == [("clinic-code", 1), ("clinic-inquiry", 2), ("patient-sent", 3)]
    assert execute(ordered) == before


def execute(statement: str, **values: str) -> list[tuple[object, ...]]:
    with db.engine.connect().execution_options(**{WRITING: True}) as connection:
        result = connection.execute(sa.text(statement), values)
        rows = [tuple(row) for row in result] if result.returns_rows else []
        connection.commit()
    return rows
