"""The demo mailbox: a mail server on this machine that keeps every message as a file."""

import re
import secrets
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from pathlib import Path
from typing import NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from directory.core.clock import utc_now
from directory.core.errors import DirectoryError

HOST = "127.0.0.1"
_MOST_KEPT = 500
_SHOWN_HEADERS = ("From", "To", "Subject", "Date", "Message-ID")

_TIME_FORMAT = "%Y%m%dT%H%M%S%f"
_ID = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}")
_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


class MailboxPortError(DirectoryError):
    """Another program uses the mailbox's port."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is taken, so the demo mailbox cannot start. "
            "Choose another one with MAILBOX_PORT, for example: MAILBOX_PORT=8026 make run"
        )
        self.port = port


@dataclass(frozen=True)
class MailSummary:
    """A message as a line of the list."""

    id: str
    to: str
    subject: str
    received_at: datetime


class Piece(NamedTuple):
    """A part of a paragraph: "text", or a "link" that is a web address."""

    kind: str
    text: str


@dataclass(frozen=True)
class MailView:
    """A message as it is read."""

    id: str
    headers: list[tuple[str, str]]
    paragraphs: list[list[Piece]]
    html: str | None
    received_at: datetime


def run_mailbox(folder: Path, port: int, stop: threading.Event) -> None:
    """Receive mail until stopped; raise `MailboxPortError` if the port is in use."""
    folder.mkdir(parents=True, exist_ok=True)
    _check_port(port)
    controller = Controller(_Keeper(folder), hostname=HOST, port=port, enable_SMTPUTF8=True)
    try:
        controller.start()
    except OSError as error:
        raise MailboxPortError(port) from error
    try:
        stop.wait()
    finally:
        controller.stop()


def list_messages(folder: Path) -> list[MailSummary]:
    """Return what has come in, the latest first."""
    return [_summary(file) for file in reversed(_files(folder))]


def find_message(folder: Path, message_id: str) -> MailView | None:
    """Return a message, or None when there is none of this id."""
    # An id is checked before it becomes part of a path.
    if not _ID.fullmatch(message_id):
        return None
    try:
        content = (folder / f"{message_id}.eml").read_bytes()
    except FileNotFoundError:
        return None
    message = BytesParser(policy=policy.default).parsebytes(content)
    return MailView(
        id=message_id,
        headers=[(name, str(message[name])) for name in _SHOWN_HEADERS if message[name]],
        paragraphs=_paragraphs(_part(message, "plain") or ""),
        html=_part(message, "html"),
        received_at=_received_at(message_id),
    )


class _Keeper:
    """Keeps what the mail server takes in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    # The name and the arguments are the mail server's.
    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content or b""
        _keep(self._folder, content if isinstance(content, bytes) else content.encode())
        return "250 Kept in the demo mailbox"


def _keep(folder: Path, content: bytes) -> None:
    """Store a message, which is either there whole or not at all, and drop the oldest."""
    message_id = f"{utc_now():{_TIME_FORMAT}}-{secrets.token_hex(4)}"
    draft = folder / f"{message_id}.part"
    draft.write_bytes(content)
    draft.rename(folder / f"{message_id}.eml")
    for file in _files(folder)[:-_MOST_KEPT]:
        file.unlink(missing_ok=True)


def _check_port(port: int) -> None:
    """Check the port first: the server would take seconds to notice that it is in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise MailboxPortError(port) from error


def _files(folder: Path) -> list[Path]:
    """Return the messages' files, the oldest first."""
    return sorted(file for file in folder.glob("*.eml") if _ID.fullmatch(file.stem))


def _summary(file: Path) -> MailSummary:
    with file.open("rb") as content:
        headers = BytesHeaderParser(policy=policy.default).parse(content)
    return MailSummary(
        id=file.stem,
        to=str(headers["To"] or ""),
        subject=str(headers["Subject"] or ""),
        received_at=_received_at(file.stem),
    )


def _received_at(message_id: str) -> datetime:
    return datetime.strptime(message_id.partition("-")[0], _TIME_FORMAT).replace(tzinfo=UTC)


def _part(message: EmailMessage, kind: str) -> str | None:
    """Return the text of the plain or the html part."""
    body = message.get_body((kind,))
    if body is None:
        return None
    try:
        return str(body.get_content())
    except LookupError:  # an unknown character set
        content = body.get_payload(decode=True)
        return content.decode(errors="replace") if isinstance(content, bytes) else None


def _paragraphs(text: str) -> list[list[Piece]]:
    lines = text.replace("\r\n", "\n").strip()
    return [list(_pieces(paragraph)) for paragraph in _BLANK_LINES.split(lines) if paragraph]


def _pieces(paragraph: str) -> Iterator[Piece]:
    start = 0
    for link in _LINK.finditer(paragraph):
        if link.start() > start:
            yield Piece("text", paragraph[start : link.start()])
        yield Piece("link", link.group())
        start = link.end()
    if start < len(paragraph):
        yield Piece("text", paragraph[start:])
