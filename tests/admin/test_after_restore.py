"""After restoring a backup, no email is sent twice and deleted data stays deleted."""

import contextvars
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.inquiries.lifecycle.retention import delete_answers
from directory.inquiries.models import Inquiry, Submission, inquiry_key
from directory.inquiries.states import InquiryState
from directory.outbox.models import MessageState, OutboxMessage
from directory.privacy.rowkeys import row_keys
from tests.clinics.operator import run
from tests.conftest import make_app
from tests.factories import make_clinic, make_submission
from tests.inquiries.patient import stored


@pytest.fixture
def restored(app: Flask) -> Submission:
    """A backup of two inquiries, of which one had its answers deleted later."""
    with writing() as session:
        submission = make_submission(session, [make_clinic(session), make_clinic(session)])
    row_keys().delete([inquiry_key(submission.inquiries[0].public_id)])
    return submission


def test_emails_that_may_have_been_sent_are_held_back(app: Flask, restored: Submission) -> None:
    result = run(app, "privacy", "restored", "--yes")
    assert "3 emails were still to be sent" in result.output
    messages = stored(OutboxMessage)
    assert {each.state for each in messages} == {MessageState.FAILED}
    assert all("may have been sent before" in (each.last_error or "") for each in messages)
    assert run(app, "outbox", "work", "--once").exit_code == 0
    assert {each.attempt for each in stored(OutboxMessage)} == {0}


def test_an_unsent_email_can_be_retried(app: Flask, restored: Submission) -> None:
    run(app, "privacy", "restored", "--yes")
    [message, *_] = [each for each in stored(OutboxMessage) if each.sealed_content]
    assert run(app, "outbox", "retry", message.public_id).exit_code == 0


def test_the_inquiry_itself_is_kept(app: Flask, restored: Submission) -> None:
    run(app, "privacy", "restored", "--yes")
    assert {each.state for each in stored(Inquiry)} == {InquiryState.SENT}


def test_data_deleted_since_the_backup_is_deleted_again(app: Flask, restored: Submission) -> None:
    result = run(app, "privacy", "restored", "--yes")
    assert "1 inquiries have no key" in result.output
    gone, kept = stored(Inquiry)
    assert (gone.deleted_at is None, gone.sealed_answers) == (False, None)
    assert kept.answers is not None
    assert "0 sealed rows whose key is gone." in run(app, "privacy", "verify").output


def test_keys_restored_by_an_older_key_store_are_deleted_again(
    app: Flask, restored: Submission
) -> None:
    run(app, "privacy", "restored", "--yes")
    gone = inquiry_key(restored.inquiries[0].public_id)
    row_keys().make([gone], now=utc_now())
    run(app, "privacy", "restored", "--yes")
    assert gone not in row_keys().names()


def test_with_the_wrong_key_store_nothing_is_changed(app: Flask, restored: Submission) -> None:
    row_keys().delete(row_keys().names())
    result = run(app, "privacy", "restored", "--yes")
    assert (result.exit_code, "Is KEYS_URL right?" in result.output) == (1, True)
    assert all(each.sealed_answers for each in stored(Inquiry))
    assert run(app, "privacy", "restored", "--yes", "--keys-lost").exit_code == 0
    assert not any(each.sealed_answers for each in stored(Inquiry))


def test_it_asks_first(app: Flask, restored: Submission) -> None:
    result = app.test_cli_runner().invoke(args=["privacy", "restored"], input="n\n")
    assert result.exit_code == 1
    assert {each.state for each in stored(OutboxMessage)} == {MessageState.WAITING}


def test_a_drill_with_files(app: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("a drill with files")
    with writing() as session:
        submission = make_submission(session, [make_clinic(session), make_clinic(session)])
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(tmp_path / "directory.db")) as source:
        with closing(sqlite3.connect(backup)) as target:
            source.backup(target)
    with writing() as session:
        delete_answers(session, submission.inquiries[:1], now=utc_now())

    other = make_app(f"sqlite:///{backup}", tmp_path)
    result = contextvars.Context().run(
        other.test_cli_runner().invoke, args=["privacy", "restored", "--yes"]
    )
    assert "3 emails were still to be sent; they will be held back.\n" in result.output
    assert "1 inquiries have no key; their answers are gone.\n" in result.output
