"""Composes emails as bytes: identical on every attempt, and checked before sending.

Headers hold our own words only. Python 3.11.7 lets an encoded subject smuggle in a header
(CVE-2024-6923), so the finished bytes are read again and compared with what was intended.
"""

import re
from collections.abc import Iterator
from email.charset import QP, Charset
from email.errors import MessageError
from email.header import Header, decode_header, make_header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime
from typing import Any

from directory.outbox.mail.addresses import split_sender
from directory.outbox.mail.content import Attachment, Content, ContentError, is_one_line
from directory.outbox.mail.sender import MailSettings
from directory.outbox.models import OutboxMessage

_POLICY = compat32.clone(linesep="\r\n", mangle_from_=False)
_LONGEST_LINE = 998
_HEADERS = (
    b"Content-Type",
    b"MIME-Version",
    b"From",
    b"To",
    b"Subject",
    b"Date",
    b"Message-ID",
    b"Auto-Submitted",
    b"Content-Language",
)
_REPLY_TO = b"Reply-To"


class ComposeError(ContentError):
    """A message cannot be turned into an email. The text names no person and no content."""


def compose_email(message: OutboxMessage, settings: MailSettings) -> bytes:
    """Return the whole email, or raise `ComposeError`."""
    recipient, sealed = message.recipient, message.content
    if recipient is None or sealed is None:
        raise ComposeError("The content of the message has been removed.")
    if not recipient.isascii():
        raise ComposeError("The address has letters outside ASCII, which we cannot write to.")
    content = Content.from_json(sealed)
    if not (content.reply_to or "").isascii():
        raise ComposeError("The address to reply to has letters outside ASCII.")
    email: Message[Any, Any] = _body(content, message.public_id)
    email["From"] = _sender(settings.mail_from)
    email["To"] = recipient
    if content.reply_to is not None:
        email["Reply-To"] = content.reply_to
    charset = "us-ascii" if content.subject.isascii() else "utf-8"
    email["Subject"] = Header(content.subject, charset, header_name="Subject")
    email["Date"] = format_datetime(message.created_at)
    email["Message-ID"] = message.message_id
    email["Auto-Submitted"] = "auto-generated"
    email["Content-Language"] = content.language
    try:
        data = email.as_bytes()
    except MessageError as error:
        raise ComposeError("The headers of the message are not safe to send.") from error
    _check(data)
    _check_headers(data, recipient=recipient, content=content, message=message)
    return data


def _sender(mail_from: str) -> str:
    if not is_one_line(mail_from):
        raise ComposeError("MAIL_FROM must be one line.")
    name, address = split_sender(mail_from)
    if not name:
        return address
    if not name.isascii():
        return f"{Header(name, 'utf-8').encode(linesep='')} <{address}>"
    quoted = re.sub(r'([\\"])', r"\\\1", name)
    return f'"{quoted}" <{address}>'


def _body(content: Content, public_id: str) -> MIMEMultipart:
    """Return text and HTML as alternatives, mixed with the attachment if there is one."""
    # No boundary can occur in a part, since quoted-printable writes every = as =3D; and neither
    # boundary is a prefix of the other.
    words = MIMEMultipart("alternative", boundary=f"=_{public_id}", policy=_POLICY)
    for part in _parts(content):
        words.attach(part)
    if content.attachment is None:
        return words
    whole = MIMEMultipart("mixed", boundary=f"=__{public_id}", policy=_POLICY)
    whole.attach(words)
    whole.attach(_file(content.attachment))
    return whole


def _file(attachment: Attachment) -> Message:
    media_type, *parameters = re.split("; ?", attachment.media_type)
    part = _part(attachment.text, media_type.removeprefix("text/"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        part.set_param(name, value)
    part.add_header("Content-Disposition", "attachment", filename=attachment.file_name)
    return part


def _parts(content: Content) -> Iterator[Message]:
    yield _part(content.text, "plain")
    if content.html:
        yield _part(content.html, "html")


def _part(text: str, subtype: str) -> Message:
    charset = Charset("utf-8")
    charset.body_encoding = QP
    part = MIMENonMultipart("text", subtype, charset="utf-8", policy=_POLICY)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    part.set_payload(lines if lines.endswith("\n") else f"{lines}\n", charset)
    return part


def _check(data: bytes) -> None:
    if not data.isascii():
        raise ComposeError("The message has bytes that not every server carries.")
    if re.search(rb"\r(?!\n)|(?<!\r)\n", data):
        raise ComposeError("The message has a line break that is not CRLF.")
    if max(map(len, data.split(b"\r\n"))) > _LONGEST_LINE:
        raise ComposeError("The message has a line that is too long to send.")


def _check_headers(
    data: bytes, *, recipient: str, content: Content, message: OutboxMessage
) -> None:
    wanted = [*_HEADERS, *([_REPLY_TO] if content.reply_to is not None else [])]
    head = data.partition(b"\r\n\r\n")[0]
    fields = [line.partition(b":") for line in re.split(rb"\r\n(?![ \t])", head)]
    if sorted(name for name, _, _ in fields) != sorted(wanted):
        raise ComposeError("The message has other headers than it should; nothing was sent.")
    values = {name: re.sub(rb"\r\n", b"", value).strip().decode() for name, _, value in fields}
    if (
        values[b"To"] != recipient
        or values.get(_REPLY_TO) != content.reply_to
        or values[b"Message-ID"] != message.message_id
        or str(make_header(decode_header(values[b"Subject"]))).strip() != content.subject.strip()
    ):
        raise ComposeError("A header says something else than it should; nothing was sent.")
