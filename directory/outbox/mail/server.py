"""The mail server we hand messages to, as named by SMTP_URL."""

import enum
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from directory.core.errors import SettingsError

_EXAMPLE = "smtp://user:password@mail.example.org:587?tls=required"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class TLS(enum.StrEnum):
    """How the connection is protected."""

    REQUIRED = "required"  # STARTTLS, or nothing is sent
    IMPLICIT = "implicit"  # TLS from the first byte, port 465
    NONE = "none"  # only for a server on the same machine


@dataclass(frozen=True)
class MailServer:
    """Host, port, protection and sign-in of a mail server."""

    host: str
    port: int
    tls: TLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def is_loopback(self) -> bool:
        """Return True if the server is on this machine."""
        return self.host in LOOPBACK

    def __str__(self) -> str:
        return f"{self.host}:{self.port} (tls={self.tls.value})"


def parse_mail_server(url: str) -> MailServer:
    """Read SMTP_URL; raise `SettingsError` with the reason and an example."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SettingsError(f"SMTP_URL has no valid port; write it like {_EXAMPLE}") from error
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise SettingsError(
            f"SMTP_URL must begin with smtp:// or smtps://; write it like {_EXAMPLE}"
        )
    query = parse_qs(parts.query, keep_blank_values=True)
    if unknown := set(query) - {"tls"}:
        raise SettingsError(
            f"SMTP_URL has an unknown option {sorted(unknown)[0]!r}; only tls is known."
        )
    tls = _tls(parts.scheme, query.get("tls", [None])[-1], parts.hostname)
    return MailServer(
        host=parts.hostname,
        port=port or {TLS.IMPLICIT: 465, TLS.REQUIRED: 587, TLS.NONE: 25}[tls],
        tls=tls,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def _tls(scheme: str, wanted: str | None, host: str) -> TLS:
    if scheme == "smtps":
        return TLS.IMPLICIT
    if wanted is None:
        return TLS.NONE if host in LOOPBACK else TLS.REQUIRED
    try:
        return TLS(wanted)
    except ValueError as error:
        known = ", ".join(TLS)
        raise SettingsError(f"SMTP_URL has tls={wanted}; it must be one of {known}.") from error
