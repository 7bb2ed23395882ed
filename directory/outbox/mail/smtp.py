"""Sends emails over SMTP and reports the outcome of each attempt.

smtplib raises the same errors before and after the final dot, so the phase is tracked here:
only what happens after the dot is uncertain.
"""

import re
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any

from directory.outbox.mail.addresses import sanitized_reply
from directory.outbox.mail.server import TLS, MailServer
from directory.outbox.models import Phase
from directory.outbox.outcomes import SERVER_PHASES, DeliveryOutcome, OutcomeKind

TIMEOUT_SECONDS = 15.0
TOTAL_SECONDS = 90.0

_QUIT_SECONDS = 1.0
# Servers end a connection themselves after some number of messages, often 100.
_MOST_PER_CONNECTION = 100
_LONGEST_REPLY_LINE = 2048
_MOST_REPLY_LINES = 100
_NO_CODE = -1
_AUTHENTICATION_REQUIRED = frozenset({530, 535, 538})


class _RefusedError(Exception):
    """The server replied with an unexpected code."""

    def __init__(self, code: int, text: bytes) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


@dataclass(frozen=True)
class Envelope:
    """One email as the server is to see it.

    `envelope_id` names the message in reports of a server that knows delivery status
    notifications (RFC 3461).
    """

    sender: str
    recipient: str
    data: bytes
    envelope_id: str


class Sender:
    """Sends emails one after another, over one connection while it works.

    Opening a connection takes several times as long as sending an email. The server may have
    closed a kept connection in the meantime: an error before its reply to MAIL says nothing
    about the email, which is then sent over a new connection.
    """

    def __init__(self, *, tls_context: ssl.SSLContext | None = None) -> None:
        self._tls_context = tls_context
        self._kept: _Connection | None = None
        self._kept_for: tuple[MailServer, str] | None = None
        self._taken = 0

    def __enter__(self) -> "Sender":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(
        self,
        server: MailServer,
        envelope: Envelope,
        *,
        local_hostname: str,
        timeout: float = TIMEOUT_SECONDS,
        total: float = TOTAL_SECONDS,
    ) -> DeliveryOutcome:
        """Send one email and return the outcome; network errors are not raised.

        `timeout` bounds each answer, `total` the whole conversation, in seconds: it has to end
        before the lease of the message does.
        """
        if not envelope.recipient.isascii():
            words = "The address has letters outside ASCII, which we cannot write to."
            return DeliveryOutcome(OutcomeKind.PERMANENT, None, words)
        limits = Deadlines(timeout=timeout, ends_at=time.monotonic() + total)
        kept = self._take_kept((server, local_hostname))
        if kept is not None:
            outcome = self._hand_over(kept, envelope, limits)
            if outcome.kind is OutcomeKind.HANDED_OFF or kept.phase is not Phase.MAIL:
                return outcome
        fresh = _Connection(server, local_hostname, tls_context=self._tls_context)
        self._kept_for, self._taken = (server, local_hostname), 0
        return self._hand_over(fresh, envelope, limits)

    def close(self) -> None:
        """Close the kept connection, if any, after QUIT."""
        if self._kept is not None:
            self._kept.close(sends_quit=True)
        self._kept = None

    def _take_kept(self, wanted: tuple[MailServer, str]) -> "_Connection | None":
        if self._kept_for != wanted or self._taken >= _MOST_PER_CONNECTION:
            self.close()
        kept, self._kept = self._kept, None
        return kept

    def _hand_over(
        self, connection: "_Connection", envelope: Envelope, limits: "Deadlines"
    ) -> DeliveryOutcome:
        try:
            connection.begin(limits)
            connection.hand_over(envelope)
        except (_RefusedError, OSError, ValueError) as error:
            connection.close(sends_quit=isinstance(error, _RefusedError))
            kind, words = _assess(connection.phase, error, limits.timeout)
            is_unusable = kind is OutcomeKind.MISCONFIGURED
            if is_unusable and connection.phase not in SERVER_PHASES:
                connection.phase = Phase.SIGN_IN
            return DeliveryOutcome(
                kind, connection.phase, sanitized_reply(words, envelope.recipient)
            )
        except BaseException:
            connection.close(sends_quit=False)
            raise
        self._kept, self._taken = connection, self._taken + 1
        return DeliveryOutcome(
            OutcomeKind.HANDED_OFF, Phase.DOT, "The server has taken the message."
        )


@dataclass(frozen=True)
class Deadlines:
    """The timeout of each reply, and the end of the whole conversation."""

    timeout: float  # seconds
    ends_at: float  # of the monotonic clock


class _Conversation(smtplib.SMTP):
    """A connection with a deadline that holds against a server that drips."""

    def __init__(self, server: MailServer, *, name: str, limits: Deadlines) -> None:
        self._unread = bytearray()  # received bytes that are not yet part of a reply
        self.allow(limits)
        try:
            super().__init__(server.host, server.port, local_hostname=name, timeout=limits.timeout)
        except OSError:
            self.close()
            raise

    def allow(self, limits: Deadlines) -> None:
        """Apply these deadlines from now on."""
        self._limits = limits

    def send(self, s: Any) -> None:
        """Send within the time that is left."""
        if self.sock:
            self.sock.settimeout(_left(self._reply_deadline()))
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """Return code and text of the next answer; the code is -1 when it is not an answer."""
        deadline = self._reply_deadline()
        lines: list[bytes] = []
        while len(lines) < _MOST_REPLY_LINES:
            line = self._read_line(deadline)
            lines.append(line[4:].strip())
            if not re.match(rb"[2-5]\d\d(?![^ \-\r\n])", line):
                return _NO_CODE, b"something that is no answer"
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(lines)
        return _NO_CODE, b"an answer without end"

    def starttls(self, **options: Any) -> tuple[int, bytes]:  # type: ignore[override]
        """Start TLS. Bytes received before it are untrusted and never read as replies after it."""
        reply = super().starttls(**options)
        if self._unread:
            self.close()
            raise ssl.SSLError("something came before TLS")
        return reply

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connected = socket.create_connection((host, port), timeout)
        # The final dot is a packet of its own, which Nagle's algorithm would delay by 40 ms.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected

    def _reply_deadline(self) -> float:
        return min(time.monotonic() + self._limits.timeout, self._limits.ends_at)

    def _read_line(self, deadline: float) -> bytes:
        while (end := self._unread.find(b"\n", 0, _LONGEST_REPLY_LINE)) < 0:
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected("not connected")
            self.sock.settimeout(_left(deadline))
            came = self.sock.recv(_LONGEST_REPLY_LINE)
            if not came or len(self._unread) >= _LONGEST_REPLY_LINE:
                self.close()
                raise smtplib.SMTPServerDisconnected("closed")
            self._unread += came
        line = bytes(self._unread[: end + 1])
        del self._unread[: end + 1]
        return line


class _SecureConversation(_Conversation):
    """The same, with TLS from the first byte."""

    def __init__(self, server: MailServer, *, context: ssl.SSLContext, **options: Any) -> None:
        self._context = context
        super().__init__(server, **options)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        return self._context.wrap_socket(plain, server_hostname=host)


class _Connection:
    """A connection to the server, and the phase of the current email."""

    def __init__(
        self, server: MailServer, local_hostname: str, *, tls_context: ssl.SSLContext | None
    ) -> None:
        self.phase = Phase.CONNECT
        self._server = server
        self._local_hostname = local_hostname
        self._tls_context = tls_context
        self._smtp: _Conversation | None = None

    def begin(self, limits: Deadlines) -> None:
        """Prepare for an email: connect, start TLS and sign in, once per connection."""
        if self._smtp is not None:
            self.phase = Phase.MAIL
            self._smtp.allow(limits)
            return
        self._smtp = smtp = self._connect(limits)
        smtp.ehlo_or_helo_if_needed()
        if self._server.tls is TLS.REQUIRED:
            self.phase = Phase.TLS
            smtp.starttls(context=self._context())
            smtp.ehlo_or_helo_if_needed()
        if self._server.username is not None:
            self.phase = Phase.SIGN_IN
            smtp.login(self._server.username, self._server.password or "")

    def hand_over(self, envelope: Envelope) -> None:
        """Return once the server has accepted the email."""
        smtp = self._smtp
        assert smtp is not None
        self.phase = Phase.MAIL
        reports = smtp.has_extn("dsn")
        options = self._size_option(smtp, envelope.data)
        # Only the headers come back: a report that goes astray must not hold the content.
        options += ["RET=HDRS", f"ENVID={envelope.envelope_id}"] if reports else []
        self._expect(250, smtp.mail(envelope.sender, options))
        self.phase = Phase.RCPT
        wanted = ["NOTIFY=FAILURE,DELAY"] if reports else []
        self._expect(250, smtp.rcpt(envelope.recipient, wanted), also=251)
        self.phase = Phase.DATA
        self._expect(354, smtp.docmd("DATA"))
        smtp.send(_dot_stuffed(envelope.data))
        self.phase = Phase.DOT
        smtp.send(b".\r\n")
        self._expect(250, smtp.getreply())

    def close(self, *, sends_quit: bool) -> None:
        """Close, after QUIT if the server may still respond; errors are ignored."""
        if self._smtp is None:
            return
        try:
            if sends_quit:
                ends_at = time.monotonic() + _QUIT_SECONDS
                self._smtp.allow(Deadlines(timeout=_QUIT_SECONDS, ends_at=ends_at))
                self._smtp.docmd("QUIT")
        except OSError:
            pass
        finally:
            self._smtp.close()

    def _connect(self, limits: Deadlines) -> _Conversation:
        options: dict[str, Any] = {"name": self._local_hostname, "limits": limits}
        if self._server.tls is not TLS.IMPLICIT:
            return _Conversation(self._server, **options)
        try:
            return _SecureConversation(self._server, context=self._context(), **options)
        except ssl.SSLError:
            self.phase = Phase.TLS
            raise

    def _context(self) -> ssl.SSLContext:
        return self._tls_context or ssl.create_default_context()

    def _size_option(self, smtp: _Conversation, data: bytes) -> list[str]:
        if not smtp.has_extn("size"):
            return []
        limit = smtp.esmtp_features["size"]
        if limit.isascii() and limit.isdigit() and 0 < int(limit) < len(data):
            raise _RefusedError(552, b"the message is larger than the server takes")
        return [f"size={len(data)}"]

    def _expect(self, wanted: int, reply: tuple[int, bytes], *, also: int = 0) -> None:
        code, text = reply
        if code not in {wanted, also}:
            raise _RefusedError(code, text)


def _dot_stuffed(data: bytes) -> bytes:
    """Return the data with its leading dots doubled, up to the line before the final dot."""
    ended = data if data.endswith(b"\r\n") else data + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended)


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _assess(phase: Phase, error: Exception, timeout: float) -> tuple[OutcomeKind, str]:
    if isinstance(error, _RefusedError):
        return _kind_of_reply(phase, error.code), _describe_reply(error.code, error.text)
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        answer = text if isinstance(text, bytes) else text.encode()
        return _kind_of_error(phase), _describe_reply(error.smtp_code, answer)
    return _kind_of_error(phase), _describe_error(error, timeout)


def _kind_of_reply(phase: Phase, code: int) -> OutcomeKind:
    if phase is Phase.MAIL and code in _AUTHENTICATION_REQUIRED:
        return OutcomeKind.MISCONFIGURED
    if 400 <= code < 500:
        return OutcomeKind.TEMPORARY
    if 500 <= code < 600:
        return OutcomeKind.PERMANENT
    return _kind_of_error(phase)


def _kind_of_error(phase: Phase) -> OutcomeKind:
    if phase in SERVER_PHASES:
        return OutcomeKind.MISCONFIGURED
    return OutcomeKind.UNCERTAIN if phase is Phase.DOT else OutcomeKind.TEMPORARY


def _describe_reply(code: int, text: bytes) -> str:
    shown = text.decode("latin-1")
    return f"The server sent {shown}." if code == _NO_CODE else f"The server said {code} {shown}"


def _describe_error(error: Exception, timeout: float) -> str:
    match error:
        case TimeoutError():
            return f"The server did not answer within {timeout:g} seconds."
        case ssl.SSLCertVerificationError():
            return f"The server's certificate is not accepted: {error.verify_message}."
        case ssl.SSLError():
            return "The server broke off while TLS was being set up."
        case socket.gaierror():
            return "The name of the server is not known."
        case ConnectionRefusedError():
            return "Nothing answers at the server's address and port."
        case smtplib.SMTPNotSupportedError():
            return f"The server lacks what SMTP_URL asks for: {error}"
        case smtplib.SMTPServerDisconnected() | ConnectionError():
            return "The server closed the connection."
        case UnicodeError():
            return "The sign-in of SMTP_URL or MAIL_FROM has letters outside ASCII."
        case _:
            return f"The conversation with the server failed ({type(error).__name__})."
