"""The lag of replicas, measured with one clock; and the settings of replicas."""

import pytest

from directory.config import Settings
from directory.core.db.replica_lag import PrimaryLog
from directory.core.errors import SettingsError
from tests.conftest import TEST_ENVIRON


def test_lag_is_measured_from_the_last_time_that_was_fully_replayed() -> None:
    log = PrimaryLog(reach=10)
    for moment, position in [(0, 100), (1, 100), (2, 200), (3, 300)]:
        log.note(moment, position)
    assert [log.lag_at(position) for position in (300, 299, 199, 99)] == [0, 1, 2, float("inf")]


def test_there_is_no_lag_without_writes() -> None:
    log = PrimaryLog(reach=10)
    log.note(0, 100)
    log.note(3600, 100)
    assert log.lag_at(100) == 0


def test_there_is_no_lag_without_a_log() -> None:
    assert PrimaryLog(reach=10).lag_at(0) == 0


@pytest.mark.parametrize(
    ("primary", "replicas"),
    [
        ("sqlite:///directory.db", "postgresql://replica.example.org/directory"),
        ("postgresql://primary.example.org/directory", "sqlite:///directory.db"),
        ("postgresql://primary.example.org/directory", "replica.example.org"),
    ],
)
def test_replicas_require_postgresql(primary: str, replicas: str) -> None:
    with pytest.raises(SettingsError, match="REPLICA_URLS"):
        Settings.from_environ({**TEST_ENVIRON, "DATABASE_URL": primary, "REPLICA_URLS": replicas})


def test_printed_settings_hide_passwords_of_replicas() -> None:
    given = {
        "DATABASE_URL": "postgresql://a:hush@primary.example.org/directory",
        "REPLICA_URLS": "postgresql://a:hush@one.example.org/d\npostgres://a:hush@two.example.org/d",
    }
    settings = Settings.from_environ({**TEST_ENVIRON, **given})
    assert [url.host for url in settings.replica_urls] == ["one.example.org", "two.example.org"]
    assert "hush" not in repr(settings)
