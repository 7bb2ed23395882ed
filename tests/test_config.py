"""Settings are validated, and errors name what is missing."""

import re
import stat
from pathlib import Path

import pytest

from directory.config import PROJECT_FOLDER, Settings
from directory.core.errors import SettingsError
from directory.outbox.mail.server import TLS, MailServer, parse_mail_server
from tests.conftest import TEST_ENVIRON

PRODUCTION = {
    **TEST_ENVIRON,
    "DIRECTORY_ENV": "production",
    "PUBLIC_BASE_URL": "https://directory.example.org",
    "INSTANCE_FOLDER": "/tmp/never-made",
}


def test_production_starts_with_its_keys_and_base_url() -> None:
    assert Settings.from_environ(PRODUCTION).is_https


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATA_KEYS", "PUBLIC_BASE_URL"])
def test_production_requires_its_settings(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ({**PRODUCTION, name: " "})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIRECTORY_ENV", "live"),
        ("SECRET_KEY", "short"),
        ("DATA_KEYS", "a:notbase64"),
        ("DATA_KEYS", "a:QUJD"),
        ("PUBLIC_BASE_URL", "directory.example.org"),
        ("PUBLIC_BASE_URL", "http://directory.example.org"),
        ("DATABASE_URL", "mysql://x/y"),
        ("DATABASE_URL", "::"),
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("SMTP_URL", "mail.example.org"),
        ("SMTP_URL", "smtp://mail.example.org?tls=maybe"),
        ("SMTP_URL", "smtp://mail.example.org:x"),
        ("MAIL_FROM", "nobody"),
        ("CONTACT_EMAIL", "Help <help@directory.example.org>"),
        ("CONTACT_EMAIL", "nobody"),
        ("TILES_URL", "https://tiles.example.org/{z}/{x}/{y}.png"),
        ("TILES_URL", "//tiles.example.org/{z}/{x}/{y}.png"),
        ("TILES_URL", "/\\tiles.example.org/{z}/{x}/{y}.png"),
        ("TILES_URL", "/tiles/{z}/{x}.png"),
        ("TRUSTED_PROXIES", "-1"),
        ("FLASK_DEBUG", "1"),
        ("KEYS_URL", "mysql://x/y"),
        ("KEYS_URL", "::"),
        ("PROVE_EMAIL", "yes"),
        ("FORM_SECONDS", "61"),
        ("FORM_SECONDS", "-1"),
        ("REMIND_AFTER_DAYS", "two"),
        ("SECOND_CONTACT_AFTER_DAYS", "61"),
        ("TELL_PATIENT_AFTER_DAYS", "4.5"),
    ],
)
def test_an_invalid_setting_is_reported(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ({**PRODUCTION, name: value})


def test_the_key_store_is_never_the_main_database() -> None:
    url = "postgresql://directory:secret@localhost/directory"
    with pytest.raises(SettingsError, match="KEYS_URL must be another database"):
        Settings.from_environ({**PRODUCTION, "DATABASE_URL": url, "KEYS_URL": url})


def test_several_web_servers_need_a_shared_key_store() -> None:
    url = "postgresql://directory:secret@localhost/directory"
    with pytest.raises(SettingsError, match="KEYS_URL must name a database of its own"):
        Settings.from_environ({**PRODUCTION, "DATABASE_URL": url})
    settings = Settings.from_environ({**PRODUCTION, "DATABASE_URL": url, "KEYS_URL": f"{url}_keys"})
    assert settings.keys_url.database == "directory_keys"


def test_on_one_machine_the_key_store_is_a_file() -> None:
    assert Settings.from_environ(PRODUCTION).keys_url.database == "/tmp/never-made/keys.db"


def test_defaults_prove_addresses_and_wait_two_three_and_four_days() -> None:
    settings = Settings.from_environ(PRODUCTION)
    days = (settings.remind_after, settings.second_contact_after, settings.tell_patient_after)
    assert (settings.proves_email, settings.form_seconds, days) == (True, 3, (2, 3, 4))
    assert not Settings.from_environ({**PRODUCTION, "PROVE_EMAIL": "0"}).proves_email


def test_printed_settings_hide_secrets() -> None:
    settings = Settings.from_environ({**PRODUCTION, "SMTP_URL": "smtp://me:hush@mail.example.org"})
    assert "hush" not in repr(settings)
    assert PRODUCTION["SECRET_KEY"] not in repr(settings)


def test_development_keys_are_created_once(tmp_path: Path) -> None:
    first = Settings.from_environ({"INSTANCE_FOLDER": str(tmp_path)})
    second = Settings.from_environ({"INSTANCE_FOLDER": str(tmp_path)})

    assert first.secret_key == second.secret_key
    assert first.data_keys == second.data_keys
    assert stat.S_IMODE((tmp_path / "keys.env").stat().st_mode) == 0o600


def test_postgres_urls_get_our_driver() -> None:
    given = {"DATABASE_URL": "postgres://a:b@c/d", "KEYS_URL": "postgresql://a:b@c/keys"}
    settings = Settings.from_environ({**PRODUCTION, **given})
    drivers = {settings.database_url.drivername, settings.keys_url.drivername}
    assert drivers == {"postgresql+psycopg"}


def test_the_mail_server_is_read_from_one_url() -> None:
    server = parse_mail_server("smtp://user%40x:p%3Ass@mail.example.org:2525?tls=required")
    assert server == MailServer("mail.example.org", 2525, TLS.REQUIRED, "user@x", "p:ss")


def test_every_setting_is_documented() -> None:
    text = (PROJECT_FOLDER / "docs/configuration.md").read_text(encoding="utf-8")
    source = (PROJECT_FOLDER / "directory/config.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"([A-Z_]{4,})"', source))
    assert {"SECRET_KEY", "SMTP_URL", "TRUSTED_PROXIES"} <= names
    assert [name for name in sorted(names) if name not in text] == []
