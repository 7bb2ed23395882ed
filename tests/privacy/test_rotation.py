"""After a rotation the older keys are no longer needed, and all texts are unchanged."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.admin.key_rotation import rotate
from directory.core.db.database import db, writing
from directory.inquiries.models import Inquiry
from directory.outbox.actions import claim_next, post, settle
from directory.outbox.mail.content import Content
from directory.outbox.models import MessageKind, MessageState, OutboxMessage
from directory.outbox.outcomes import DeliveryOutcome, OutcomeKind
from directory.privacy.encryption import Keyring, keyring
from directory.privacy.rotation import keyring_columns, reseal
from directory.privacy.rowkeys import row_keys
from tests.factories import make_clinic, make_inquiry
from tests.privacy.conftest import ring

NOW = datetime.fromisoformat("2026-11-02T10:00:00+00:00")


def use_keys(app: Flask, keys: Keyring) -> None:
    """Use other DATA_KEYS, as after a restart."""
    app.extensions["keyring"] = keys
    row_keys()._wrapping = keys


def test_all_text_attributes_of_the_keyring_are_found() -> None:
    found = {(model.__name__, text.name) for model, text in keyring_columns()}
    assert found == {("OutboxMessage", "recipient"), ("OutboxMessage", "content")}


def test_after_a_rotation_everything_opens_with_the_new_key_alone(app: Flask) -> None:
    with writing() as session:
        inquiry = make_inquiry(session, make_clinic(session))
    old, new = keyring(), ring("new")
    before = read_all()
    use_keys(app, Keyring((*new.keys, *old.keys)))
    done = rotate(now=NOW)
    use_keys(app, new)

    assert (done.keys, done.texts, done.unreadable) == (2, 4, 0)
    assert read_all() == before
    assert db.session().get_one(Inquiry, inquiry.id).answers == before[0]


def test_a_second_rotation_finds_nothing_to_do(app: Flask) -> None:
    with writing() as session:
        make_inquiry(session, make_clinic(session))
    use_keys(app, Keyring((*ring("new").keys, *keyring().keys)))
    rotate(now=NOW)
    done = rotate(now=NOW)
    assert (done.keys, done.texts) == (0, 0)


def test_an_interrupted_rotation_continues(app: Flask) -> None:
    with writing() as session:
        make_inquiry(session, make_clinic(session))
    use_keys(app, Keyring((*ring("new").keys, *keyring().keys)))
    model, text = next(iter(keyring_columns()))
    with writing() as session:
        assert reseal(session, model, text) is not None
    assert rotate(now=NOW).texts == 2


def test_more_rows_than_one_batch_are_all_resealed(app: Flask) -> None:
    with writing() as session:
        for _ in range(450):
            make_message(session)
    old, new = keyring(), ring("new")
    use_keys(app, Keyring((*new.keys, *old.keys)))
    assert rotate(now=NOW).texts == 900
    use_keys(app, new)
    found = db.session().scalars(sa.select(OutboxMessage))
    assert {each.recipient for each in found} == {"jo@example.org"}


def test_unreadable_values_are_counted_and_unchanged(app: Flask) -> None:
    with writing() as session:
        message = make_message(session)
        sealed = message.sealed_recipient
    use_keys(app, ring("new"))
    assert rotate(now=NOW).unreadable == 2
    assert db.session().scalar(sa.select(OutboxMessage.sealed_recipient)) == sealed


def test_a_process_with_the_former_key_order_can_still_read(app: Flask) -> None:
    with writing() as session:
        make_inquiry(session, make_clinic(session))
    old, new = keyring(), ring("new")
    before = read_all()
    use_keys(app, Keyring((*new.keys, *old.keys)))
    rotate(now=NOW)
    use_keys(app, Keyring((*old.keys, *new.keys)))
    assert read_all() == before


def test_a_rotation_does_not_disturb_a_running_worker(app: Flask) -> None:
    with writing() as session:
        make_message(session)
    use_keys(app, Keyring((*ring("new").keys, *keyring().keys)))
    with writing() as session:
        claim = claim_next(session, now=NOW, lease=timedelta(minutes=2))
        assert claim is not None
    rotate(now=NOW)
    with writing() as session:
        assert settle(session, claim, DeliveryOutcome(OutcomeKind.HANDED_OFF, None, ""), NOW)
    [message] = db.session().scalars(sa.select(OutboxMessage))
    assert (message.state, message.sealed_content) == (MessageState.HANDED_OFF, None)


def make_message(session: Session) -> OutboxMessage:
    return post(
        session,
        kind=MessageKind.TEST,
        to="jo@example.org",
        content=Content(subject="Hello", text="Hello", html="", language="en"),
        now=NOW,
    )


def read_all() -> list[str | None]:
    session = db.session()
    session.rollback()
    session.expire_all()
    inquiries = session.scalars(sa.select(Inquiry).order_by(Inquiry.id)).all()
    messages = session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).all()
    found = [text for each in inquiries for text in (each.answers, each.contact)]
    return found + [text for each in messages for text in (each.recipient, each.content)]
