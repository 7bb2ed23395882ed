"""A test mail server that fails at an exact byte, and keeps a ledger of accepted mail."""

import datetime
import enum
import ipaddress
import re
import socket
import ssl
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from directory.outbox.mail.server import TLS, MailServer


class Fault(enum.Enum):
    """A fault in place of a reply. A text is the reply itself."""

    DROP = "close the connection"
    HANG = "say nothing"
    DRIP = "answer so slowly that no single wait is long"
    GARBAGE = "answer what is no answer"
    SLOW = "answer well, after a while"
    ANSWER_AND_DROP = "answer well, then close"


GREETING, EHLO, STARTTLS, AUTH = "greeting", "EHLO", "STARTTLS", "AUTH"
MAIL, RCPT, DATA, BODY, DOT, QUIT = "MAIL", "RCPT", "DATA", "body", "dot", "QUIT"
STEPS = (GREETING, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, BODY, DOT, QUIT)

_SLOW_SECONDS = 0.5
_ANSWERS = {
    GREETING: "220 fault.test ESMTP",
    STARTTLS: "220 go ahead",
    AUTH: "235 welcome",
    MAIL: "250 sender fine",
    RCPT: "250 recipient fine",
    DATA: "354 go on",
    DOT: "250 taken",
    QUIT: "221 bye",
}


@dataclass(frozen=True)
class Certificate:
    """The files of a self-signed certificate."""

    file: Path
    key_file: Path

    def server_context(self) -> ssl.SSLContext:
        """Return the context of the server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key_file)
        return context

    def trusted(self) -> ssl.SSLContext:
        """Return the context of a client that trusts this certificate."""
        return ssl.create_default_context(cafile=str(self.file))


@dataclass(frozen=True)
class Accepted:
    """One message as stored by the server."""

    sender: str
    recipient: str
    data: bytes

    @property
    def message_id(self) -> str:
        """Return the Message-ID header."""
        found = re.search(rb"(?im)^Message-ID:\s*(\S+)", self.data)
        assert found is not None
        return found[1].decode()


@dataclass
class FaultServer:
    """An SMTP server on a free port, used as a context manager.

    `at` maps steps to a `Fault` or to the answer given; `at_later` does so from the second email
    of a connection on. After the final dot the message is in the ledger, unless the answer there
    refuses it. `before_answer` and `after_answer`
    run around the 250 of the dot, in the thread of the connection.
    """

    at: Mapping[str, str | Fault] = field(default_factory=dict)
    at_later: Mapping[str, str | Fault] = field(default_factory=dict)
    certificate: Certificate | None = None
    implicit_tls: bool = False
    offers_starttls: bool = True
    credentials: tuple[str, str] | None = None
    size: int | None = None
    unknown: str | None = None  # a recipient that is refused
    knows_reports: bool = False  # whether it offers delivery status notifications
    before_answer: Callable[[], None] | None = None
    after_answer: Callable[[], None] | None = None
    accepted: list[Accepted] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)  # the commands with their arguments

    def __post_init__(self) -> None:
        assert {*self.at, *self.at_later} <= set(STEPS)
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "FaultServer":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._start(self._listen)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # ends the wait for a connection
        for thread in list(self._threads):
            thread.join(10)
        self._listener.close()

    @property
    def port(self) -> int:
        """Return the port the server listens on."""
        port: int = self._listener.getsockname()[1]
        return port

    def address(self, tls: TLS = TLS.NONE) -> MailServer:
        """Return the settings of a client, with credentials."""
        username, password = self.credentials or (None, None)
        return MailServer("127.0.0.1", self.port, tls, username, password)

    @property
    def url(self) -> str:
        """Return it as SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}?tls=none"

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        with suppress(OSError):
            while not self.stopping.is_set():
                connection, _ = self._listener.accept()
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with suppress(OSError, _HangUp), _Connection(self, connection) as served:
            served.run()


class _HangUp(Exception):  # noqa: N818 - it is no error here
    """The server is done with this connection."""


class _Connection:
    """One client being served."""

    def __init__(self, server: FaultServer, connection: socket.socket) -> None:
        self._server = server
        self._socket = connection
        self._pending = b""
        self._is_secure = False
        self._at = server.at

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def run(self) -> None:
        if self._server.implicit_tls:
            self._secure()
        self._answer(GREETING)
        while True:
            line = self._line()
            verb = line.partition(" ")[0].upper()
            self._server.commands.append(verb)
            self._server.lines.append(line)
            match verb:
                case "EHLO" | "HELO":
                    self._answer(EHLO, self._features())
                case "STARTTLS":
                    self._answer(STARTTLS)
                    self._secure()
                case "AUTH":
                    self._sign_in(line)
                case "MAIL":
                    self._sender = line
                    self._answer(MAIL)
                case "RCPT":
                    self._recipient = line
                    is_unknown = _address(line) == self._server.unknown
                    self._answer(RCPT, f"550 5.1.1 {line[8:]} unknown" if is_unknown else None)
                case "DATA":
                    self._answer(DATA)
                    self._take_data()
                case "QUIT":
                    self._answer(QUIT)
                    raise _HangUp
                case _:
                    self._send("502 not known")

    def _features(self) -> str:
        server = self._server
        features = ["fault.test"]
        if server.certificate and server.offers_starttls and not self._is_secure:
            features.append("STARTTLS")
        if server.credentials:
            features.append("AUTH PLAIN")
        if server.size is not None:
            features.append(f"SIZE {server.size}")
        if server.knows_reports:
            features.append("DSN")
        heads = [f"250-{feature}" for feature in features]
        heads[-1] = heads[-1].replace("250-", "250 ", 1)
        return "\r\n".join(heads)

    def _sign_in(self, line: str) -> None:
        given = tuple(b64decode(line.split()[-1]).decode().split("\0")[1:])
        right = given == self._server.credentials
        self._answer(AUTH, None if right else "535 5.7.8 wrong user name or password")

    def _take_data(self) -> None:
        if self._at.get(BODY) is not None:
            self._read_some()
            self._answer(BODY)
        while b"\r\n.\r\n" not in self._pending:
            self._read_some()
        body, _, self._pending = self._pending.partition(b"\r\n.\r\n")
        answer = self._at.get(DOT, "")
        if isinstance(answer, Fault) or not answer.startswith(("4", "5")):
            data = re.sub(rb"(?m)^\.\.", b".", body + b"\r\n")
            accepted = Accepted(_address(self._sender), _address(self._recipient), data)
            self._server.accepted.append(accepted)
        if self._server.before_answer:
            self._server.before_answer()
        self._answer(DOT)
        if self._server.after_answer:
            self._server.after_answer()
        self._at = self._server.at_later or self._server.at

    def _answer(self, step: str, usual: str | None = None) -> None:
        answer = self._at.get(step) or usual or _ANSWERS[step]
        match answer:
            case Fault.DROP:
                raise _HangUp
            case Fault.HANG:
                self._server.stopping.wait(10)
                raise _HangUp
            case Fault.DRIP:
                self._drip()
            case Fault.SLOW:
                self._server.stopping.wait(_SLOW_SECONDS)
                self._send(usual or _ANSWERS[step])
            case Fault.GARBAGE:
                self._send("\x00\xffwhat?")
            case Fault.ANSWER_AND_DROP:
                self._send(usual or _ANSWERS[step])
                raise _HangUp
            case str():
                self._send(answer)
                if answer.startswith(("421", "554")):
                    raise _HangUp

    def _drip(self) -> None:
        while not self._server.stopping.is_set():
            self._socket.sendall(b"2")
            time.sleep(0.05)
        raise _HangUp

    def _secure(self) -> None:
        assert self._server.certificate is not None
        context = self._server.certificate.server_context()
        self._socket = context.wrap_socket(self._socket, server_side=True)
        self._is_secure = True

    def _send(self, text: str) -> None:
        self._socket.sendall(text.encode("latin-1") + b"\r\n")

    def _line(self) -> str:
        while b"\r\n" not in self._pending:
            self._read_some()
        line, _, self._pending = self._pending.partition(b"\r\n")
        return line.decode()

    def _read_some(self) -> None:
        received = self._socket.recv(4096)
        if not received:
            raise _HangUp
        self._pending += received


def make_certificate(folder: Path, *, host: str = "127.0.0.1", days: int = 1) -> Certificate:
    """Write a certificate for the host; one of -1 days has expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fault.test")])
    now = datetime.datetime.now(datetime.UTC)
    is_address = host.replace(".", "").isdigit()
    names = x509.IPAddress(ipaddress.ip_address(host)) if is_address else x509.DNSName(host)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=3))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / f"{host}.{days}.pem", folder / f"{host}.{days}.key")
    made.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return made


def _address(command: str) -> str:
    found = re.search(r"<([^>]*)>", command)
    assert found is not None
    return found[1]
