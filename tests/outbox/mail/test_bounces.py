"""A delivery report marks its message once, and no personal data is kept of it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.core.clock import utc_now
from directory.core.errors import RefusedError
from directory.outbox.actions import claim_next, delete_old, retry, settle
from directory.outbox.bounces import Finding, take_report
from directory.outbox.cli import outbox_cli
from directory.outbox.mail.dsn import LARGEST, read_report
from directory.outbox.models import MessageState, OutboxMessage, Phase
from directory.outbox.outcomes import DeliveryOutcome, OutcomeKind
from tests.conftest import make_app
from tests.outbox.mail.dsn import EXIM, OUT_OF_OFFICE, in_own_words, standard
from tests.outbox.sample_messages import committed_message, make_message, reloaded

NOW = utc_now()
LEASE = timedelta(minutes=2)
TAKEN = DeliveryOutcome(OutcomeKind.HANDED_OFF, Phase.DOT, "Taken.")
UNCERTAIN = DeliveryOutcome(OutcomeKind.UNCERTAIN, Phase.DOT, "The server closed the connection.")


def settled_message(session: Session, outcome: DeliveryOutcome = TAKEN) -> OutboxMessage:
    message = make_message(session, now=NOW)
    claim = claim_next(session, now=NOW, lease=LEASE)
    assert claim is not None
    settle(session, claim, outcome, NOW)
    return message


@pytest.fixture
def run(app: Flask) -> Callable[..., tuple[int, str]]:
    def invoke(*arguments: str, data: bytes = b"") -> tuple[int, str]:
        result = app.test_cli_runner().invoke(outbox_cli, arguments, input=data)
        return result.exit_code, result.output

    return invoke


def test_a_report_marks_its_message_as_bounced_and_notifies_listeners(
    session: Session, heard: list
) -> None:
    message = settled_message(session)
    result = take_report(session, read_report(standard(message.message_id)), NOW)
    assert (result.finding, message.state) == (Finding.BOUNCED, MessageState.BOUNCED)
    assert message.bounced_at == NOW
    assert [state for _, state in heard] == [MessageState.HANDED_OFF, MessageState.BOUNCED]


def test_the_stored_reason_holds_no_personal_data(session: Session) -> None:
    message = settled_message(session)
    take_report(session, read_report(standard(message.message_id)), NOW)
    assert message.last_error == (
        "The report says: 5.1.1 550 5.1.1 <***@clinic.example>: *** is unknown, "
        "see https://relay.example/..."
    )


def test_the_same_report_twice_counts_once(session: Session, heard: list) -> None:
    message = settled_message(session)
    report = read_report(standard(message.message_id))
    take_report(session, report, NOW)
    result = take_report(session, report, NOW + timedelta(hours=1))
    assert (result.finding, message.bounced_at, len(heard)) == (Finding.KNOWN, NOW, 2)


def test_the_envelope_id_finds_the_message_too(session: Session) -> None:
    message = settled_message(session)
    report = read_report(standard("", envelope_id=message.public_id))
    assert take_report(session, report, NOW).finding is Finding.BOUNCED


@pytest.mark.parametrize("action", ["delayed", "delivered"])
def test_a_delay_or_a_success_changes_nothing(session: Session, heard: list, action: str) -> None:
    message = settled_message(session)
    report = read_report(standard(message.message_id, action=action, status="4.4.1"))
    take_report(session, report, NOW)
    assert (message.state, len(heard)) == (MessageState.HANDED_OFF, 1)


def test_a_report_about_an_uncertain_attempt_ends_the_retries(session: Session) -> None:
    message = settled_message(session, UNCERTAIN)
    take_report(session, read_report(standard(message.message_id)), NOW)
    assert message.state is MessageState.BOUNCED
    assert claim_next(session, now=NOW + timedelta(days=1), lease=LEASE) is None


def test_a_worker_with_a_claim_changes_nothing_after_the_report(session: Session) -> None:
    message = make_message(session, now=NOW)
    claim = claim_next(session, now=NOW, lease=LEASE)
    assert claim is not None
    take_report(session, read_report(standard(message.message_id)), NOW)
    assert settle(session, claim, TAKEN, NOW) is False
    assert message.state is MessageState.BOUNCED


def test_a_bounced_message_is_sent_again_only_with_its_content(session: Session) -> None:
    kept = settled_message(session, UNCERTAIN)
    take_report(session, read_report(standard(kept.message_id)), NOW)
    retry(session, kept.public_id, NOW)
    assert (kept.state, kept.bounced_at) == (MessageState.WAITING, None)
    claim_next(session, now=NOW, lease=LEASE)

    removed = settled_message(session)
    take_report(session, read_report(standard(removed.message_id)), NOW)
    with pytest.raises(RefusedError, match="content"):
        retry(session, removed.public_id, NOW)


def test_bounced_messages_are_deleted_with_the_others(session: Session) -> None:
    message = settled_message(session, UNCERTAIN)
    take_report(session, read_report(standard(message.message_id)), NOW)
    delete_old(session, now=NOW + timedelta(days=31))
    assert session.scalar(sa.select(sa.func.count()).select_from(OutboxMessage)) == 0


def test_the_command_reads_a_report_and_explains_it_later(run, app: Flask) -> None:
    posted = committed_message()
    code, text = run("bounce", data=standard(posted.message_id))
    assert (code, text) == (0, f"Message {posted.public_id} has bounced.\n")
    assert reloaded(posted).state is MessageState.BOUNCED
    _, explained = run("explain", posted.public_id)
    assert "It came back" in explained
    assert "***@clinic.example" in explained
    assert posted.public_id in run("list", "--state", "bounced")[1]
    assert "carol" not in text + explained


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (standard("<nobody@directory.test>"), "about no message that is here"),
        (in_own_words(EXIM, "<nobody@directory.test>"), "about no message that is here"),
        (standard("<nobody@directory.test>", action="delayed"), "about no message that is here"),
    ],
)
def test_a_report_that_is_not_ours_is_not_sent_back(run, app: Flask, data: bytes, said) -> None:
    code, text = run("bounce", data=data)
    assert code == 0
    assert said in text


@pytest.mark.parametrize("data", [b"", b"Hello", in_own_words(OUT_OF_OFFICE, "<a@b>")])
def test_input_that_is_no_report_exits_with_65(run, app: Flask, data: bytes) -> None:
    code, text = run("bounce", data=data)
    assert code == 65
    assert "not a delivery report" in text


def test_a_report_of_any_size_is_read_to_its_end(run, app: Flask) -> None:
    posted = committed_message()
    assert run("bounce", data=standard(posted.message_id) + b"x" * 3 * LARGEST)[0] == 0
    assert reloaded(posted).state is MessageState.BOUNCED


def test_an_unavailable_database_asks_the_mail_server_to_retry(tmp_path: Path) -> None:
    app = make_app("postgresql://nobody@127.0.0.1:9/none", tmp_path)
    result = app.test_cli_runner().invoke(outbox_cli, ["bounce"], input=standard("<a@b>"))
    assert result.exit_code == 75
    assert "could not be noted now" in result.output
