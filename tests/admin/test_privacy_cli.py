"""The operator's privacy commands: keys, sweep, export, deletion, and checking the trail."""

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from directory.access.models import AccessLink, Role
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.tokens import new_token
from directory.inquiries.drafts import Limits, begin_draft, keep_step
from directory.inquiries.lifecycle.event_details import Details
from directory.inquiries.lifecycle.submit import forget_draft_key
from directory.inquiries.lifecycle.transitions import move
from directory.inquiries.models import Inquiry, InquiryDraft, Submission, draft_key, inquiry_key
from directory.inquiries.states import Actor, InquiryState
from directory.outbox.models import MessageKind, OutboxMessage
from directory.privacy.encryption import parse_keyring
from directory.privacy.models import AuditEvent
from directory.privacy.rowkeys import row_keys
from tests.clinics.operator import run
from tests.factories import make_clinic, make_contact, make_inquiry, make_submission
from tests.inquiries.patient import MARKS, everything, stored

EMAIL = "MarkedMail@example.org"
OTHER = "other@example.org"


@pytest.fixture
def sent(app: Flask) -> Submission:
    """Three inquiries of one address: one waits, one is with its clinic, one has been declined."""
    with writing() as session:
        clinics = [make_clinic(session) for _ in range(3)]
        submission = make_submission(session, clinics)
        _, known, declined = submission.inquiries
        now = utc_now()
        move(session, known, InquiryState.HANDED_OFF, actor=Actor.WORKER, now=now)
        move(session, known, InquiryState.OPENED, actor=Actor.CLINIC, now=now)
        details = Details(text="MARKEDANSWER: no room")
        move(session, declined, InquiryState.OPENED, actor=Actor.CLINIC, now=now)
        declined_now = InquiryState.DECLINED
        move(session, declined, declined_now, actor=Actor.CLINIC, now=now, details=details)
    return submission


def make_draft(email: str) -> None:
    public_id = new_token()
    row_keys().make([draft_key(public_id)], now=utc_now())
    limits = Limits(per_hour=9, per_day=9)
    with writing() as session:
        draft = begin_draft(
            session, public_id, sender_digest="d", language="en", limits=limits, now=utc_now()
        )
        keep_step(draft, "who", {"email": [f" {email} "], "patient_name": ["Jo"]})


def exported(app: Flask, email: str = EMAIL) -> dict[str, Any]:
    result = run(app, "privacy", "export", email)
    assert result.exit_code == 0
    found: dict[str, Any] = json.loads(result.output)
    return found


def test_a_new_key_can_be_used(app: Flask) -> None:
    text = run(app, "privacy", "new-key", "key2").output.strip()
    assert repr(parse_keyring(text)) == "Keyring(key2)"


def test_the_sweep_runs_until_nothing_is_left(app: Flask) -> None:
    for _ in range(2):
        make_draft(EMAIL)
    with writing() as session:
        inquiry = make_inquiry(session, make_clinic(session))
        inquiry.delete_at = utc_now()
        session.execute(sa.update(InquiryDraft).values(created_at=utc_now() - timedelta(days=2)))
    said = run(app, "privacy", "sweep").output
    assert said == "Deleted: 3 drafts, and the answers of 1 inquiries.\n"
    assert stored(InquiryDraft) == []
    assert stored(Inquiry)[0].deleted_at is not None


def test_rotating_reports_how_much_was_resealed(app: Flask, sent: Submission) -> None:
    new = run(app, "privacy", "new-key", "new").output.strip()
    app.extensions["keyring"] = parse_keyring(f"{new},tests:{'A' * 43}=")
    row_keys()._wrapping = app.extensions["keyring"]
    said = run(app, "privacy", "rotate")
    assert said.output == "4 keys and 8 texts sealed with the newest of DATA_KEYS.\n"
    assert run(app, "privacy", "rotate").output.startswith("0 keys and 0 texts")


def test_rotating_reports_unreadable_values(app: Flask, sent: Submission) -> None:
    app.extensions["keyring"] = parse_keyring(run(app, "privacy", "new-key").output)
    said = run(app, "privacy", "rotate")
    assert (said.exit_code, "8 values do not open" in said.output) == (1, True)


def test_an_export_holds_everything_about_the_address(app: Flask, sent: Submission) -> None:
    make_draft(EMAIL)
    found = exported(app)
    [submission], [draft], [message] = (
        found[name] for name in ("submissions", "drafts", "messages")
    )
    inquiries = submission["inquiries"]
    assert [each["state"] for each in inquiries] == ["sent", "opened", "declined"]
    assert inquiries[0]["contact"]["email"] == "markedmail@example.org"
    assert inquiries[0]["answers"]["headache_days"] == 22
    assert inquiries[2]["events"][-1]["details"]["text"] == "MARKEDANSWER: no room"
    assert draft["fields"]["who"]["patient_name"] == ["Jo"]
    assert message["kind"] == "patient-sent"


def test_an_export_holds_no_data_of_others(app: Flask, sent: Submission) -> None:
    make_draft(OTHER)
    with writing() as session:
        clinic = make_clinic(session)
        make_inquiry(session, clinic, contact=make_contact(email=OTHER, name="Somebody Else"))
    assert "Somebody" not in json.dumps(exported(app))
    assert len(exported(app, OTHER)["submissions"]) == 1
    nothing: dict[str, Any] = {"submissions": [], "drafts": [], "messages": []}
    assert exported(app, "nobody@example.org") == nothing


def test_an_export_finds_inquiries_from_before_a_secret_key_change(
    app: Flask, sent: Submission
) -> None:
    app.config["SECRET_KEY"] = "another-secret-key-of-the-tests-and-nothing-else"
    assert len(exported(app)["submissions"][0]["inquiries"]) == 3


def test_a_missing_key_is_reported(app: Flask, sent: Submission) -> None:
    row_keys()._wrapping = parse_keyring(run(app, "privacy", "new-key").output)
    result = run(app, "privacy", "export", EMAIL)
    assert (result.exit_code, result.output) == (
        1,
        "Error: DATA_KEYS has no key named 'tests'; add it again.\n",
    )


def test_the_address_may_be_read_from_stdin(app: Flask, sent: Submission) -> None:
    result = app.test_cli_runner().invoke(args=["privacy", "export", "-"], input=f"{EMAIL}\n")
    assert len(json.loads(result.output)["submissions"]) == 1


def test_deleting_leaves_only_impersonal_facts_and_no_key(app: Flask, sent: Submission) -> None:
    make_draft(EMAIL)
    keys = {inquiry_key(each.public_id) for each in sent.inquiries}
    result = run(app, "privacy", "delete", EMAIL, "--yes")
    assert result.output.startswith("Held about this address: 3 inquiries, 1 drafts, 1 emails.\n")
    states = [each.state.value for each in stored(Inquiry)]
    assert states == ["withdrawn", "withdrawn", "declined"]
    assert not keys & row_keys().names()
    assert {each.email_digest for each in [*stored(Inquiry), *stored(Submission)]} == {""}
    assert len(stored(InquiryDraft)) == 1  # the one that was sent holds nothing any more
    assert exported(app) == {"submissions": [], "drafts": [], "messages": []}


def test_only_the_clinic_with_a_copy_is_notified(app: Flask, sent: Submission) -> None:
    known = sent.inquiries[1]
    run(app, "privacy", "delete", EMAIL, "--yes")
    [told] = stored(OutboxMessage)
    assert (told.kind, told.subject_id) == (MessageKind.CLINIC_NEWS, known.public_id)
    assert told.recipient == known.clinic.email
    assert [(each.role, each.inquiry_id) for each in stored(AccessLink)] == [
        (Role.CLINIC, known.id)
    ]


def test_no_data_of_the_patient_is_left_anywhere(
    app: Flask, sent: Submission, capfd: pytest.CaptureFixture[str]
) -> None:
    run(app, "privacy", "delete", EMAIL, "--yes")
    [event] = [each for each in stored(AuditEvent) if each.action == "address deleted"]
    assert (event.actor, event.subject) == ("operator", sent.public_id)
    left = json.dumps(everything()) + "".join(capfd.readouterr())
    assert [mark for mark in MARKS if mark.casefold() in left.casefold()] == []


def test_data_of_others_is_kept(app: Flask, sent: Submission) -> None:
    with writing() as session:
        other = make_inquiry(session, make_clinic(session), contact=make_contact(email=OTHER))
    run(app, "privacy", "delete", EMAIL, "--yes")
    assert len(exported(app, OTHER)["submissions"]) == 1
    assert db.session().get_one(Inquiry, other.id).answers is not None


def test_deleting_asks_first(app: Flask, sent: Submission) -> None:
    result = app.test_cli_runner().invoke(args=["privacy", "delete", EMAIL], input="n\n")
    assert (result.exit_code, "Delete all of it" in result.output) == (1, True)
    assert len(exported(app)["submissions"]) == 1


def test_deleting_nothing_says_so(app: Flask) -> None:
    result = run(app, "privacy", "delete", "nobody@example.org")
    assert (result.exit_code, result.output) == (0, "Nothing is held about this address.\n")


def test_verifying_shows_how_many_and_the_newest_digest(app: Flask, sent: Submission) -> None:
    newest = stored(AuditEvent)[-1].digest
    result = run(app, "privacy", "verify", "--anchor", newest)
    assert result.exit_code == 0
    assert f"{len(stored(AuditEvent))} audit events; the newest digest is {newest}" in result.output


def test_verifying_reports_a_changed_event(app: Flask, sent: Submission) -> None:
    [first] = stored(AuditEvent)
    with writing() as session:
        session.execute(sa.update(AuditEvent).values(subject="somebody"))
    result = run(app, "privacy", "verify")
    assert (result.exit_code, f"event {first.id} does not fit" in result.output) == (1, True)


def test_verifying_detects_a_truncated_trail(app: Flask, sent: Submission) -> None:
    newest = stored(AuditEvent)[-1].digest
    with writing() as session:
        session.execute(sa.delete(AuditEvent))
    result = run(app, "privacy", "verify", "--anchor", newest)
    assert (result.exit_code, "the anchor is not in it" in result.output) == (1, True)


def test_verifying_counts_rows_without_keys_and_keys_without_rows(
    app: Flask, sent: Submission
) -> None:
    forget_draft_key(sent.draft_public_id)
    row_keys().delete([inquiry_key(sent.inquiries[0].public_id)])
    row_keys().make(["inquiry:x", "inquiry:y"], now=utc_now())
    said = run(app, "privacy", "verify").output
    assert "1 sealed rows whose key is gone." in said
    assert "2 keys without a row" in said
