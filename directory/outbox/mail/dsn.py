"""Parses delivery reports: which of our messages a report is about, and its fate.

Most are RFC 3464: a multipart/report with fields for machines and the headers that were sent.
Some servers write plain text instead, followed by those headers; it is read if they name our
Message-ID. All parsing is linear in the length of the report and accepts any input, since the
reports come from untrusted senders.
"""

import binascii
import enum
import quopri
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass

from directory.core.errors import DirectoryError

LARGEST = 256 * 1024  # the relevant part of a report is at its beginning
_MOST_PARTS = 50
_MOST_IDS = 20

_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_BOUNDARY = re.compile(rb"(?i)\bboundary\s*=\s*(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))")
# In a text the headers may be indented or quoted.
_RETURNED_ID = re.compile(rb"(?im)^[ \t>]{0,20}Message-ID:[ \t]{0,20}(<[^<>\s]{1,250}>)")
_REFUSED = re.compile(
    r"(?i)\b5\.\d{1,3}\.\d{1,3}\b|\b55\d[ -]|permanent|permanently|giv(?:e|en) up"
)
_DELAYED = re.compile(r"(?i)delay|warning|will be retried|still being retried|not yet been deliver")
_SENT_BY_SERVER = re.compile(rb"(?i)mailer-daemon|postmaster|mail delivery|<>")
_RETURNED = frozenset(
    {
        b"message/rfc822",
        b"message/global",
        b"message/global-headers",
        b"text/rfc822-headers",
    }
)

Headers = dict[bytes, bytes]


class NotAReportError(DirectoryError):
    """The input is not a delivery report."""


class Fate(enum.StrEnum):
    """What a report says of a message."""

    FAILED = "failed"  # the server has given up
    DELAYED = "delayed"  # it goes on trying
    OTHER = "other"  # delivered, relayed, or nothing we understand


@dataclass(frozen=True)
class DeliveryReport:
    """A delivery report. `reason` is the server's, and may name a person."""

    fate: Fate
    message_ids: tuple[str, ...]  # as in the headers that came back
    envelope_id: str | None  # what we called the message when we handed it over
    reason: str


def read_report(data: bytes) -> DeliveryReport:
    """Return what a report says, or raise `NotAReportError`."""
    head, body = _split(data[:LARGEST])
    headers = _headers(head)
    content_type = headers.get(b"content-type", b"")
    boundary = _boundary(content_type)
    if boundary and re.match(rb"(?i)multipart/report\b", content_type):
        report = _read_structured(_parts(body, boundary), body)
        if report is not None:
            return report
    return _read_unstructured(headers, body)


def _read_structured(parts: list[tuple[Headers, bytes]], body: bytes) -> DeliveryReport | None:
    """Return what a multipart/report says, or None when the fields for machines are missing."""
    fields: list[Headers] | None = None
    ids: list[str] = []
    for headers, content in parts:
        kind = _kind(headers)
        if kind in {b"message/delivery-status", b"message/global-delivery-status"}:
            fields = [_headers(block) for block in _BLANK_LINE.split(content.strip())]
        elif kind in _RETURNED:
            ids += _returned_ids(_split(content.lstrip())[0])
    if not fields:
        return None
    # Some servers put the headers only into the human-readable part.
    ids = ids or _returned_ids(body)
    envelope_id = _text(fields[0].get(b"original-envelope-id", b""))
    # Where a server leaves out the first group, the recipient's fields are all there is.
    recipients = [group for group in fields if b"action" in group or b"status" in group]
    fates = [(_fate_of_group(group), group) for group in recipients]
    for fate in (Fate.FAILED, Fate.DELAYED):
        for found, group in fates:
            if found is fate:
                return DeliveryReport(fate, tuple(ids), envelope_id or None, _reason(group))
    return DeliveryReport(Fate.OTHER, tuple(ids), envelope_id or None, "")


def _fate_of_group(group: Headers) -> Fate:
    action = _text(group.get(b"action", b"")).lower()
    status = _STATUS.search(_text(group.get(b"status", b"")))
    if action == "delayed":
        return Fate.DELAYED
    # "Failed" is final whatever the status: with 4.x the server has given up after days.
    if action == "failed" or (not action and status and status[1] == "5"):
        return Fate.FAILED
    if not action and status and status[1] == "4":
        return Fate.DELAYED
    return Fate.OTHER


def _reason(group: Headers) -> str:
    diagnostic = _text(group.get(b"diagnostic-code", b"")).partition(";")[2].strip()
    status = _text(group.get(b"status", b""))
    return f"{status} {diagnostic}".strip()


def _read_unstructured(headers: Headers, body: bytes) -> DeliveryReport:
    """Return what a plain-text report says."""
    sender = headers.get(b"from", b"") + headers.get(b"return-path", b"")
    ids = _returned_ids(body)
    if not ids or not _SENT_BY_SERVER.search(sender):
        raise NotAReportError("This is not a delivery report about a message of ours.")
    said = _text(body[: _first_id(body)])
    subject = _text(headers.get(b"subject", b""))
    status = _STATUS.search(said)
    if _DELAYED.search(subject) or (status and status[1] == "4"):
        fate = Fate.DELAYED
    elif b"x-failed-recipients" in headers or _REFUSED.search(said):
        fate = Fate.FAILED
    else:
        fate = Fate.OTHER
    return DeliveryReport(
        fate, tuple(ids), None, _failure_line(said) if fate is Fate.FAILED else ""
    )


def _failure_line(said: str) -> str:
    """Return the first line that reads like a refusal, or an empty text."""
    lines = [line.strip() for line in said.splitlines()]
    return next((line for line in lines if _REFUSED.search(line)), "")


def _first_id(body: bytes) -> int:
    found = _RETURNED_ID.search(body)
    return found.start() if found else len(body)


def _returned_ids(text: bytes) -> list[str]:
    unfolded = _FOLD.sub(b" ", text)
    found = [_text(each[1]) for each in _RETURNED_ID.finditer(unfolded)]
    return list(dict.fromkeys(found))[:_MOST_IDS]


def _parts(body: bytes, boundary: bytes) -> list[tuple[Headers, bytes]]:
    """Return the parts with their transfer encoding undone."""
    pieces = (b"\n" + body).split(b"\n--" + boundary, _MOST_PARTS)[1:]
    return list(map(_part, _opened(pieces)))


def _opened(pieces: list[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        if piece.startswith(b"--"):
            return
        yield piece.lstrip(b" \t").removeprefix(b"\r").removeprefix(b"\n")


def _part(piece: bytes) -> tuple[Headers, bytes]:
    head, body = _split(piece)
    headers = _headers(head)
    return headers, _decoded(body, headers.get(b"content-transfer-encoding", b""))


def _decoded(body: bytes, encoding: bytes) -> bytes:
    match encoding.strip().lower():
        case b"quoted-printable":
            return quopri.decodestring(body)
        case b"base64":
            try:
                return b64decode(body)
            except binascii.Error:
                return b""
        case _:
            return body


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Return head and body; a part may have no head at all."""
    if data.startswith((b"\n", b"\r\n")):
        return b"", data.lstrip(b"\r\n")
    pieces = _BLANK_LINE.split(data, 1)
    return pieces[0], pieces[1] if len(pieces) > 1 else b""


def _headers(head: bytes) -> Headers:
    """Return the fields by their name in lower case; of several the first."""
    headers: Headers = {}
    for line in _FOLD.sub(b" ", head).splitlines():
        name, colon, value = line.partition(b":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    return headers


def _kind(headers: Headers) -> bytes:
    return headers.get(b"content-type", b"").partition(b";")[0].strip().lower()


def _boundary(content_type: bytes) -> bytes | None:
    found = _BOUNDARY.search(content_type)
    return (found[1] or found[2]) if found else None


def _text(value: bytes) -> str:
    return value.decode("utf-8", errors="replace").strip()
