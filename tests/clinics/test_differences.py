"""What a clinic has confirmed and what files say: told apart, and nothing changed."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory.clinics.differences import Difference, differences
from directory.clinics.models import Clinic, ClinicProvider
from directory.core.db.database import writing
from directory.providers.models import AcceptingPatients, PracticeLocation
from tests.clinics.operator import run
from tests.factories import TODAY, make_clinic, make_location, make_provider
from tests.sources.dumps import public_dump

LATER = date(2026, 11, 9)


def confirmed(session: Session, *, clinic: dict[str, Any] | None = None, **stated: Any) -> Clinic:
    """Add a clinic that has confirmed its facts, and what a file says of its professional."""
    location = make_location(session, make_provider(session), line1="1 Sample St", **stated)
    facts = {"name": "Lake Clinic", "facts_confirmed_on": TODAY, **(clinic or {})}
    return make_clinic(session, location, **facts)


def found(session: Session) -> list[Difference]:
    session.flush()
    session.expire_all()
    return list(differences(session))


def told(session: Session) -> list[tuple[str, str, str]]:
    return [(each.fact, each.confirmed, each.stated[0].value) for each in found(session)]


def test_what_both_say_is_no_difference(session: Session) -> None:
    confirmed(session, name="LAKE CLINIC")
    assert found(session) == []


def test_a_fact_that_a_file_says_otherwise_is_told_with_both_values(session: Session) -> None:
    no, yes = AcceptingPatients.NO, AcceptingPatients.YES
    own = {"phone": "(847) 555-0199", "accepting_patients": no}
    confirmed(session, clinic=own, name="EXAMPLE GROUP", accepting_patients=yes)
    assert told(session) == [
        ("phone", "(847) 555-0199", "(847) 555-0142"),
        ("name", "Lake Clinic", "Example Group"),
        ("new patients", "no", "yes"),
    ]


def test_what_only_one_side_says_is_no_difference(session: Session) -> None:
    confirmed(session, clinic={"phone": None, "accepting_patients": AcceptingPatients.NO})
    assert found(session) == []


def test_a_clinic_that_has_confirmed_nothing_is_left_out(session: Session) -> None:
    confirmed(session, clinic={"facts_confirmed_on": None, "phone": "(847) 555-0199"})
    assert found(session) == []


def test_who_is_elsewhere_in_the_files_is_told_with_where_and_since_when(session: Session) -> None:
    clinic = confirmed(session)
    here = session.scalars(sa.select(PracticeLocation)).one()
    here.gone_on = LATER
    npi = clinic.providers[0].npi
    make_location(session, make_provider(session, npi="1999999984"))
    elsewhere = make_location(session, make_provider(session), line1="9 OTHER RD")
    elsewhere.npi = npi
    [difference] = found(session)
    assert (difference.fact, difference.npi) == ("address", npi)
    assert difference.confirmed == "1 Sample St, Evanston, IL 60201"
    assert [(each.value, each.day, each.is_gone) for each in difference.stated] == [
        ("9 Other Rd, Evanston, IL 60201", TODAY, False),
        ("1 Sample St, Evanston, IL 60201", LATER, True),
    ]


def test_the_command_prints_a_line_each_and_changes_nothing(app: Flask) -> None:
    with writing() as session:
        clinic = confirmed(session, clinic={"phone": "(847) 555-0199"})
        clinic.providers.append(ClinicProvider(npi=make_provider(session).npi))
    before = public_dump()
    result = run(app, "clinics", "differences")
    assert result.exit_code == 0
    assert "phone: clinic: (847) 555-0199; files: (847) 555-0142 (nppes, 2026-11-02)" in (
        result.output
    )
    assert "address: clinic: 1 Sample St, Evanston, IL 60201; files: nothing" in result.output
    assert "2 differences" in result.output
    assert public_dump() == before


def test_without_a_difference_the_command_says_so(app: Flask) -> None:
    assert run(app, "clinics", "differences").output == "No differences.\n"
