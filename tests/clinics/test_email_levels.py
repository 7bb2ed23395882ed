"""How much an email to a clinic may hold, and which clock the clinic keeps."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.clinics.email_levels import effective_level, set_level
from directory.clinics.errors import ClinicError
from directory.clinics.local_time import clinic_zone, local_text
from directory.clinics.models import Clinic
from directory.core.db.database import writing
from directory.geo.states import STATES
from directory.privacy.models import AuditEvent
from tests.clinics.operator import run
from tests.factories import make_clinic
from tests.inquiries.patient import stored

NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
AGREED = {"agreed_by": "Dr. Feldt", "agreed_on": date(2026, 11, 1)}


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    with writing() as session:
        return make_clinic(session)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_level_counts_only_with_tls_enforced(session: Session, level: int) -> None:
    clinic = make_clinic(session)
    set_level(session, clinic, level, **AGREED, tls_enforced=None, now=NOW)
    assert effective_level(clinic) == 0
    set_level(session, clinic, level, **AGREED, tls_enforced=True, now=NOW)
    assert effective_level(clinic) == level
    set_level(session, clinic, level, **AGREED, tls_enforced=False, now=NOW)
    assert effective_level(clinic) == 0


def test_the_declaration_alone_raises_nothing(session: Session) -> None:
    clinic = make_clinic(session)
    set_level(session, clinic, 0, agreed_by=None, agreed_on=None, tls_enforced=True, now=NOW)
    assert (effective_level(clinic), clinic.tls_enforced_on) == (0, NOW.date())


@pytest.mark.parametrize(
    ("level", "agreed_by", "agreed_on"),
    [(1, None, None), (2, "", None), (3, "Dr. Feldt", None), (1, "Dr. Feldt", date(2026, 11, 3))],
)
def test_a_level_without_an_agreement_is_refused(
    session: Session, level: int, agreed_by: str | None, agreed_on: date | None
) -> None:
    clinic = make_clinic(session)
    with pytest.raises(ClinicError):
        set_level(
            session,
            clinic,
            level,
            agreed_by=agreed_by,
            agreed_on=agreed_on,
            tls_enforced=True,
            now=NOW,
        )
    assert clinic.email_level == 0


def test_the_command_stores_who_agreed_and_is_audited(app: Flask, clinic: Clinic) -> None:
    options = ("--agreed-by", "Dr. Feldt", "--agreed-on", "2026-10-01", "--tls-enforced")
    result = run(app, "clinics", "level", clinic.public_id, "2", *options)
    assert (result.exit_code, "level 2 from now on" in result.output) == (0, True)
    [found] = stored(Clinic)
    assert (found.email_level, found.email_level_agreed_by) == (2, "Dr. Feldt")
    assert found.email_level_agreed_on == date(2026, 10, 1)
    last = stored(AuditEvent)[-1]
    assert (last.action, last.details) == ("email level set", {"level": "2", "tls": "enforced"})


def test_the_command_says_when_a_level_is_not_effective_yet(app: Flask, clinic: Clinic) -> None:
    result = run(app, "clinics", "level", clinic.public_id, "1", "--agreed-by", "Dr. Feldt")
    assert "Level 0 until TLS is enforced" in result.output


@pytest.mark.parametrize("arguments", [("1",), ("3", "--agreed-by", "Dr. Feldt")])
def test_the_command_refuses_what_was_not_agreed(
    app: Flask, clinic: Clinic, arguments: tuple[str, ...]
) -> None:
    assert run(app, "clinics", "level", clinic.public_id, *arguments).exit_code > 0
    assert stored(Clinic)[0].email_level == 0


def test_ending_an_agreement_removes_it(app: Flask, clinic: Clinic) -> None:
    run(app, "clinics", "level", clinic.public_id, "1", "--agreed-by", "Dr. Feldt")
    run(app, "clinics", "level", clinic.public_id, "0", "--no-tls-enforced")
    [found] = stored(Clinic)
    assert (found.email_level, found.email_level_agreed_on, found.tls_enforced_on) == (
        0,
        None,
        None,
    )


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_time_zone_of_the_country(state: str) -> None:
    clinic = Clinic(state=state, time_zone=None)
    offset = datetime(2026, 7, 1, tzinfo=clinic_zone(clinic)).utcoffset()
    assert offset is not None
    assert -11 <= offset.total_seconds() / 3600 <= -4 or state in {"GU", "MP"}


@pytest.mark.parametrize(
    ("state", "zone"),
    [("IL", "America/Chicago"), ("NY", "America/New_York"), ("AZ", "America/Phoenix")],
)
def test_a_state_has_the_time_zone_of_most_of_its_people(state: str, zone: str) -> None:
    assert clinic_zone(Clinic(state=state, time_zone=None)) == ZoneInfo(zone)


def test_a_clinic_may_have_its_own_time_zone(app: Flask, clinic: Clinic) -> None:
    assert run(app, "clinics", "zone", clinic.public_id, "America/Denver").exit_code == 0
    assert clinic_zone(stored(Clinic)[0]) == ZoneInfo("America/Denver")
    assert stored(AuditEvent)[-1].action == "time zone set"


@pytest.mark.parametrize("zone", ["Chicago", "UTC", "America/Nowhere", "../etc/passwd", ""])
def test_an_unknown_zone_is_refused(app: Flask, clinic: Clinic, zone: str) -> None:
    result = run(app, "clinics", "zone", clinic.public_id, zone)
    assert result.exit_code == 1
    assert stored(Clinic)[0].time_zone is None


@pytest.mark.parametrize(("hour", "said"), [(15, "9:00 AM CST"), (3, "9:00 PM CST")])
def test_times_are_shown_in_the_time_zone_of_the_clinic(app: Flask, hour: int, said: str) -> None:
    text = local_text(NOW.replace(hour=hour), ZoneInfo("America/Chicago"))
    assert text.replace("\xa0", " ").endswith(said)
    assert text.startswith("November 2, 2026" if hour == 15 else "November 1, 2026")
