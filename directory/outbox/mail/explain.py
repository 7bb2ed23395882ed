"""Explains to an operator what happened to a message, what comes next and what to do."""

from collections.abc import Iterator
from datetime import datetime

from directory.outbox.mail.addresses import masked
from directory.outbox.models import MessageState, OutboxMessage, Phase
from directory.outbox.schedule import GIVE_UP_AFTER
from directory.privacy.encryption import UnreadableError

_ADVICE = {
    Phase.CONNECT: "Check the host and port in SMTP_URL, and that the mail server is running.",
    Phase.TLS: "Check tls= in SMTP_URL, and that the server's certificate names its host, "
    "is not expired and comes from a known authority.",
    Phase.SIGN_IN: "Check the user name and password in SMTP_URL.",
    Phase.MAIL: "Check that the mail server lets us send as MAIL_FROM, and how large "
    "a message may be.",
    Phase.RCPT: "Check the recipient's address.",
    Phase.DATA: "Look in the log of the mail server.",
    Phase.DOT: "Look in the log of the mail server for the Message-ID: it may have the message.",
}


def advice(phase: Phase | None) -> str:
    """Return what to do about an attempt that ended in this phase."""
    if phase is None:
        return "Read the last error: the message could not be composed here."
    return _ADVICE[phase]


def shown_recipient(message: OutboxMessage) -> str:
    """Return the masked recipient, or a mark when its key is gone."""
    try:
        return masked(message.recipient or "")
    except UnreadableError:
        return "(unreadable)"


def shown_time(moment: datetime) -> str:
    """Return a moment as operators read it."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def explanation(message: OutboxMessage, now: datetime) -> list[str]:
    """Return the history of a message, oldest first, and what happens next."""
    return [
        f"This is a {message.kind.value} message to {shown_recipient(message)}, "
        f"written {shown_time(message.created_at)}; its Message-ID is {message.message_id}.",
        *_past(message),
        *_next_step(message, now),
    ]


def _past(message: OutboxMessage) -> Iterator[str]:
    times = "once" if message.attempt == 1 else f"{message.attempt} times"
    yield f"A worker has taken it {times}." if message.attempt else "No worker has taken it yet."
    if message.last_error and message.state is not MessageState.BOUNCED:
        phase = f" at phase {message.last_phase.value}" if message.last_phase else ""
        yield f"The last finished attempt ended{phase}: {message.last_error}"


def _next_step(message: OutboxMessage, now: datetime) -> Iterator[str]:
    match message.state:
        case MessageState.HANDED_OFF if message.handed_off_at:
            yield f"The mail server took it {shown_time(message.handed_off_at)}."
            yield "Its content has been removed. Nothing more happens here; it may still bounce."
        case MessageState.FAILED if message.failed_at:
            yield f"It failed {shown_time(message.failed_at)} and is not tried again by itself."
            yield from _after_failure(message)
        case MessageState.BOUNCED if message.bounced_at:
            yield f"It came back {shown_time(message.bounced_at)}: {message.last_error}"
            yield from _after_bounce(message)
        case MessageState.SENDING if message.lease_until:
            yield (
                "A worker has it now. If that worker died, another takes it "
                f"after {shown_time(message.lease_until)}."
            )
        case _:
            yield from _waiting(message, now)


def _after_failure(message: OutboxMessage) -> Iterator[str]:
    if message.sealed_content is None:
        yield "Its content has been removed, so it cannot be sent. There is nothing to do."
    else:
        yield f"{advice(message.last_phase)} Then: flask outbox retry {message.public_id}"


def _after_bounce(message: OutboxMessage) -> Iterator[str]:
    yield "It is not tried again by itself. Check the recipient's address."
    if message.sealed_content is not None:
        yield f"Then: flask outbox retry {message.public_id}"
    else:
        yield "Its content has been removed, so it cannot be sent again."


def _waiting(message: OutboxMessage, now: datetime) -> Iterator[str]:
    if message.next_attempt_at <= now:
        yield "It is due now: a running worker takes it within seconds (flask outbox work)."
    else:
        yield f"It is tried again {shown_time(message.next_attempt_at)}."
    if message.last_error:
        yield advice(message.last_phase)
        yield f"Refusals are given up {shown_time(message.created_at + GIVE_UP_AFTER)}."
