"""Settings: read from the environment once and validated."""

import enum
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from directory.core.db.database import file_of, normalized_url
from directory.core.errors import SettingsError
from directory.outbox.mail.addresses import split_sender
from directory.outbox.mail.server import LOOPBACK, MailServer, parse_mail_server
from directory.privacy.encryption import Keyring, new_data_key, parse_keyring

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
_KEY_FILE = "keys.env"


class Environment(enum.StrEnum):
    """The kind of deployment. Only production requires explicit settings."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


@dataclass(frozen=True)
class Settings:
    """All settings of the operator. `docs/configuration.md` explains each."""

    environment: Environment
    instance_folder: Path
    database_url: URL
    replica_urls: tuple[URL, ...]
    replica_max_lag: int
    secret_key: str = field(repr=False)
    data_keys: Keyring
    public_base_url: str
    host: str
    port: int
    mail_server: MailServer
    mail_from: str
    mailbox_port: int
    site_name: str
    contact_email: str
    geocoder: str
    tiles_url: str
    tiles_credit: str
    trusted_proxies: int
    inquiries_per_hour: int
    inquiries_per_day: int
    keys_url: URL
    proves_email: bool
    form_seconds: int
    remind_after: int
    second_contact_after: int
    tell_patient_after: int

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check the settings; raise `SettingsError` naming what is missing or wrong."""
        reader = _SettingsReader(environ)
        environment = reader.environment()
        instance = Path(environ.get("INSTANCE_FOLDER") or PROJECT_FOLDER / "instance").resolve()
        if environment is Environment.PRODUCTION:
            reader.require("SECRET_KEY", "DATA_KEYS", "PUBLIC_BASE_URL")
            reader.refuse_debug()
        else:
            reader = reader.with_defaults(_development_keys(environ, instance))
        port = reader.number("PORT", 8000, highest=65535)
        mailbox_port = reader.number("MAILBOX_PORT", 8025, highest=65535)
        base_url = reader.base_url(f"http://127.0.0.1:{port}", environment)
        database_url = reader.database_url(instance / "directory.db")
        return cls(
            environment=environment,
            instance_folder=instance,
            database_url=database_url,
            replica_urls=reader.replica_urls(database_url),
            replica_max_lag=reader.number("REPLICA_MAX_LAG", 10, highest=3600),
            secret_key=reader.secret_key(),
            data_keys=parse_keyring(reader.text("DATA_KEYS", "")),
            public_base_url=base_url,
            host=reader.text("HOST", "127.0.0.1"),
            port=port,
            mail_server=parse_mail_server(
                reader.text("SMTP_URL", _default_smtp_url(environment, mailbox_port))
            ),
            mail_from=reader.mail_from(f"no-reply@{_mail_domain(base_url)}"),
            mailbox_port=mailbox_port,
            site_name=reader.text("SITE_NAME", "Headache Care Directory"),
            contact_email=reader.contact_email(),
            geocoder=reader.text("GEOCODER", ""),
            tiles_url=reader.tiles_url(),
            tiles_credit=reader.text("TILES_CREDIT", ""),
            trusted_proxies=reader.number("TRUSTED_PROXIES", 0, highest=10),
            inquiries_per_hour=reader.number("INQUIRIES_PER_HOUR", 10, highest=10**9),
            inquiries_per_day=reader.number("INQUIRIES_PER_DAY", 3, highest=10**9),
            keys_url=reader.keys_url(instance / "keys.db", database_url, environment),
            proves_email=reader.is_on("PROVE_EMAIL", default=True),
            form_seconds=reader.number("FORM_SECONDS", 3, highest=60),
            remind_after=reader.number("REMIND_AFTER_DAYS", 2, highest=60),
            second_contact_after=reader.number("SECOND_CONTACT_AFTER_DAYS", 3, highest=60),
            tell_patient_after=reader.number("TELL_PATIENT_AFTER_DAYS", 4, highest=60),
        )

    @property
    def is_production(self) -> bool:
        """Return whether real patients are served."""
        return self.environment is Environment.PRODUCTION

    @property
    def is_https(self) -> bool:
        """Return whether patients reach the site over HTTPS."""
        return self.public_base_url.startswith("https://")

    @property
    def demo_mailbox(self) -> MailServer:
        """The mail server that receives all mail of a demo site."""
        return parse_mail_server(f"smtp://127.0.0.1:{self.mailbox_port}?tls=none")


class _SettingsReader:
    """Reads and validates single settings."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def with_defaults(self, defaults: Mapping[str, str]) -> "_SettingsReader":
        given = {name: value for name, value in self._environ.items() if value.strip()}
        return _SettingsReader({**defaults, **given})

    def text(self, name: str, default: str) -> str:
        return self._environ.get(name, "").strip() or default

    def environment(self) -> Environment:
        value = self.text("DIRECTORY_ENV", Environment.DEVELOPMENT)
        try:
            return Environment(value)
        except ValueError as error:
            known = " or ".join(Environment)
            raise SettingsError(f"DIRECTORY_ENV is {value!r}; it must be {known}.") from error

    def require(self, *names: str) -> None:
        missing = [name for name in names if not self.text(name, "")]
        if missing:
            raise SettingsError(
                f"Missing in production: {', '.join(missing)}. "
                "Set them in the environment; docs/configuration.md says how to make them."
            )

    def refuse_debug(self) -> None:
        if self.text("FLASK_DEBUG", "0").lower() not in {"0", "false", "no"}:
            raise SettingsError("FLASK_DEBUG is on in production; unset it.")

    def number(self, name: str, default: int, *, highest: int) -> int:
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdigit()) or int(text) > highest:
            raise SettingsError(f"{name} is {text!r}; it must be a whole number up to {highest}.")
        return int(text)

    def secret_key(self) -> str:
        key = self.text("SECRET_KEY", "")
        if len(key) < 32:
            raise SettingsError(
                "SECRET_KEY is shorter than 32 characters; make one with: "
                'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        return key

    def database_url(self, default_file: Path) -> URL:
        text = self.text("DATABASE_URL", f"sqlite:///{default_file}")
        try:
            url = normalized_url(text)
        except (ArgumentError, ValueError) as error:
            raise SettingsError(
                "DATABASE_URL is not a database address; write it like "
                "postgresql://user:password@host/name or sqlite:////path/to/file.db"
            ) from error
        if url.get_backend_name() not in {"sqlite", "postgresql"}:
            raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite:///.")
        return url

    def keys_url(self, default_file: Path, database: URL, environment: Environment) -> URL:
        """Return the URL of the key store, which must not be part of the database backups."""
        is_alone = (
            database.get_backend_name() == "sqlite" or environment is not Environment.PRODUCTION
        )
        text = self.text("KEYS_URL", f"sqlite:///{default_file}" if is_alone else "")
        try:
            url = normalized_url(text)
        except (ArgumentError, ValueError) as error:
            raise SettingsError(
                "KEYS_URL must name a database of its own for the keys of inquiries, which "
                "backups leave out; write it like DATABASE_URL"
            ) from error
        is_lost = url.get_backend_name() == "sqlite" and file_of(url) is None
        if is_lost or url.get_backend_name() not in {"sqlite", "postgresql"}:
            raise SettingsError("KEYS_URL must begin with postgresql:// or sqlite:/// and a file.")
        if url == database:
            raise SettingsError("KEYS_URL must be another database than DATABASE_URL.")
        return url

    def is_on(self, name: str, *, default: bool) -> bool:
        text = self.text(name, "1" if default else "0")
        if text not in {"0", "1"}:
            raise SettingsError(f"{name} is {text!r}; it must be 1 or 0.")
        return text == "1"

    def replica_urls(self, primary: URL) -> tuple[URL, ...]:
        texts = self.text("REPLICA_URLS", "").split()
        try:
            urls = tuple(normalized_url(text) for text in texts)
        except (ArgumentError, ValueError) as error:
            raise SettingsError(
                "REPLICA_URLS holds something that is no database address; write them like "
                "DATABASE_URL, with blanks between them"
            ) from error
        if urls and {url.get_backend_name() for url in (primary, *urls)} != {"postgresql"}:
            raise SettingsError("REPLICA_URLS needs PostgreSQL, there and in DATABASE_URL.")
        return urls

    def base_url(self, default: str, environment: Environment) -> str:
        text = self.text("PUBLIC_BASE_URL", default).rstrip("/")
        parts = urlsplit(text)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            raise SettingsError(
                f"PUBLIC_BASE_URL is {text!r}; write it like https://directory.example.org"
            )
        is_local = parts.hostname in LOOPBACK
        if environment is Environment.PRODUCTION and parts.scheme == "http" and not is_local:
            raise SettingsError("PUBLIC_BASE_URL must begin with https:// in production.")
        return text

    def mail_from(self, default_address: str) -> str:
        # Not SITE_NAME: it may name a disease, and senders are shown on lock screens.
        text = self.text("MAIL_FROM", f"Directory <{default_address}>")
        if "@" not in split_sender(text)[1] or "\n" in text or "\r" in text:
            raise SettingsError(
                f"MAIL_FROM is {text!r}; write it like Name <address@directory.example.org>"
            )
        return text

    def contact_email(self) -> str:
        text = self.text("CONTACT_EMAIL", "")
        name, address = parseaddr(text)
        if text and (name or address != text or "@" not in address):
            raise SettingsError(
                f"CONTACT_EMAIL is {text!r}; write one address like help@directory.example.org"
            )
        return text

    def tiles_url(self) -> str:
        """Return the path of map tiles on this site: no other host is contacted."""
        text = self.text("TILES_URL", "")
        is_path = text.startswith("/") and not text.startswith("//") and "\\" not in text
        holds_all = all(text.count(each) == 1 for each in ("{z}", "{x}", "{y}"))
        if text and not (is_path and holds_all):
            raise SettingsError(
                f"TILES_URL is {text!r}; it must be a path of this site like "
                "/tiles/{z}/{x}/{y}.png"
            )
        return text


def _default_smtp_url(environment: Environment, mailbox_port: int) -> str:
    port = 25 if environment is Environment.PRODUCTION else mailbox_port
    return f"smtp://127.0.0.1:{port}?tls=none"


def _mail_domain(base_url: str) -> str:
    host = urlsplit(base_url).hostname or ""
    return "example.org" if host in LOOPBACK else host


def _development_keys(environ: Mapping[str, str], instance: Path) -> dict[str, str]:
    """Return the keys for development, created once and reused by later commands."""
    if environ.get("SECRET_KEY") and environ.get("DATA_KEYS"):
        return {}
    file = instance / _KEY_FILE
    if not file.exists():
        _write_once(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _write_once(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(
        f"SECRET_KEY={secrets.token_urlsafe(48)}\nDATA_KEYS={new_data_key('development')}\n",
        encoding="utf-8",
    )
    try:
        # Linking is atomic: two simultaneous first starts agree on one file.
        file.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
