"""Inquiries written before they had keys of their own get one, and lose nothing."""

import json
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.orm import Session

from directory.admin.key_rotation import reseal_earlier_inquiries
from directory.care.answers import AgeBand, Length, Reason, Told, YesNo
from directory.core.db.database import Base, db, writing
from directory.inquiries.earlier import reseal_earlier
from directory.inquiries.lifecycle.notifications import answers_of, contact_of
from directory.inquiries.models import Inquiry, Submission, inquiry_key
from directory.privacy.encryption import keyring
from directory.privacy.rowkeys import row_keys
from tests.factories import make_clinic, make_inquiry
from tests.privacy.conftest import ring
from tests.test_migrations import execute

NOW = datetime.fromisoformat("2026-11-02T10:00:00+00:00")
CONTACT = {"name": "Jo Markedname", "email": "markedmail@example.org", "phone": None}
ANSWERS = {
    "age_band": "18-64",
    "zip_code": "60201",
    "reason": "continue",
    "headache_days": 22,
    "migraine_days": None,
    "message": "MARKEDANSWER: ¿qué?",
}


def make_earlier(count: int = 1, *, language: str = "en") -> list[int]:
    """Commit inquiries as they were written before; return their ids."""
    with writing() as session:
        first = make_inquiry(session, make_clinic(session), language=language)
        made = [first, *(copied(session, first, number) for number in range(1, count))]
        for inquiry in made:
            sealed = {"sealed_contact": CONTACT, "sealed_answers": ANSWERS}
            for column, value in sealed.items():
                bound_to = f"inquiry.{column}:{inquiry.public_id}"
                text = keyring().seal(json.dumps(value), bound_to=bound_to)
                setattr(inquiry, column, text)
        row_keys().delete([inquiry_key(first.public_id)])
        session.flush()
        return [each.id for each in made]


def copied(session: Session, first: Inquiry, number: int) -> Inquiry:
    own = {"public_id": f"p{number}", "draft_public_id": f"d{number}", "reference": f"R{number}"}
    submission = Submission(**{**row_of(first.submission), **own_of(Submission, own)})
    inquiry = Inquiry(**{**row_of(first), **own_of(Inquiry, own), "submission": submission})
    session.add(inquiry)
    return inquiry


def row_of(row: Base) -> dict[str, Any]:
    names = sa.inspect(type(row)).columns.keys()
    return {name: getattr(row, name) for name in names if name not in {"id", "submission_id"}}


def own_of(model: type[Base], own: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in own.items() if name in model.__table__.columns}


def found(inquiry_id: int) -> Inquiry:
    session = db.session()
    session.rollback()
    session.expire_all()
    return session.get_one(Inquiry, inquiry_id)


def test_an_earlier_inquiry_gets_a_key_and_reads_as_it_was(app: Flask) -> None:
    [inquiry_id] = make_earlier()
    assert reseal_earlier_inquiries(now=NOW).resealed == 1
    inquiry = found(inquiry_id)
    contact, answers = contact_of(inquiry), answers_of(inquiry)
    assert contact is not None
    assert answers is not None
    assert (contact.name, contact.email, contact.phone) == tuple(CONTACT.values())
    assert (answers.age_band, answers.reason) == (AgeBand.ADULT, Reason.CONTINUE)
    assert (answers.headache_days, answers.migraine_days) == (22, None)
    assert answers.message == ANSWERS["message"]


def test_what_was_not_asked_then_is_left_open(app: Flask) -> None:
    [inquiry_id] = make_earlier()
    reseal_earlier_inquiries(now=NOW)
    answers = answers_of(found(inquiry_id))
    assert answers is not None
    assert (answers.told, answers.length) == ((Told.UNSURE,), Length.UNSURE)
    assert answers.over_three_months is YesNo.UNSURE
    assert not answers.may_repeat


def test_the_language_is_the_one_that_the_form_was_filled_in(app: Flask) -> None:
    [inquiry_id] = make_earlier(language="es")
    reseal_earlier_inquiries(now=NOW)
    contact = contact_of(found(inquiry_id))
    assert contact is not None
    assert contact.language == "es"


def test_the_key_can_be_deleted_like_any_other(app: Flask) -> None:
    [inquiry_id] = make_earlier()
    reseal_earlier_inquiries(now=NOW)
    row_keys().delete([inquiry_key(found(inquiry_id).public_id)])
    assert found(inquiry_id).answers is None


def test_more_than_a_batch_and_those_of_today_beside_them(app: Flask) -> None:
    ids = make_earlier(230)
    with writing() as session:
        today = make_inquiry(session, make_clinic(session))
        sealed = today.sealed_answers
    assert reseal_earlier_inquiries(now=NOW).resealed == 230
    assert reseal_earlier_inquiries(now=NOW).resealed == 0
    assert answers_of(found(ids[-1])) is not None
    assert found(today.id).sealed_answers == sealed


def test_ended_between_key_and_row_it_goes_on(app: Flask) -> None:
    [inquiry_id] = make_earlier()
    with pytest.raises(RuntimeError):
        with writing() as session:
            reseal_earlier(session, now=NOW)
            raise RuntimeError
    assert len(row_keys().names()) == 2  # the draft's, and the one that was made in vain
    assert reseal_earlier_inquiries(now=NOW).resealed == 1
    assert answers_of(found(inquiry_id)) is not None


def test_one_that_no_key_opens_is_counted_and_stays(app: Flask) -> None:
    make_earlier(3)
    sealed = db.session().scalars(sa.select(Inquiry.sealed_answers)).all()
    app.extensions["keyring"] = ring("other")
    done = reseal_earlier_inquiries(now=NOW)
    assert (done.resealed, done.unreadable) == (0, 3)
    assert db.session().scalars(sa.select(Inquiry.sealed_answers)).all() == sealed


def test_one_that_was_written_by_the_version_before_reads_after_the_update(app: Flask) -> None:
    with writing() as session:
        make_clinic(session)
    db.session.remove()
    downgrade(revision="0003")
    public_id = "p" * 22
    sealed = {
        column: keyring().seal(json.dumps(value), bound_to=f"inquiry.{column}:{public_id}")
        for column, value in (("sealed_contact", CONTACT), ("sealed_answers", ANSWERS))
    }
    execute(
        "INSERT INTO inquiry (public_id, reference, draft_public_id, clinic_id, state, "
        "consent_version, consented_at, language, email_digest, sent_at, sealed_contact, "
        "sealed_answers) SELECT :public_id, 'H7KM-2QXR', 'd', min(id), 'opened', '1', :now, 'es', "
        "'digest', :now, :sealed_contact, :sealed_answers FROM clinic",
        public_id=public_id,
        now="2026-11-02 10:00:00",
        **sealed,
    )
    upgrade()
    reseal_earlier_inquiries(now=NOW)
    answers = answers_of(db.session().scalars(sa.select(Inquiry)).one())
    assert answers is not None
    assert answers.message == ANSWERS["message"]


def test_deleted_ones_are_left_alone(app: Flask) -> None:
    [inquiry_id] = make_earlier()
    with writing() as session:
        inquiry = session.get_one(Inquiry, inquiry_id)
        inquiry.sealed_contact = inquiry.sealed_answers = None
    assert reseal_earlier_inquiries(now=NOW).resealed == 0
