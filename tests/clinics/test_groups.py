"""Group practices that files name become clinics, their members its professionals."""

from datetime import date
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from directory.clinics.models import Clinic, ClinicProvider
from directory.core.db.database import writing
from directory.outbox.models import MessageKind
from directory.providers.addresses import address_key
from directory.providers.models import GroupPractice, Provider, Source
from directory.search.index.models import Listing
from tests.clinics.operator import add, run
from tests.factories import TODAY, make_location, make_provider
from tests.inquiries.patient import messages, stored

GROUP = "0042000001"


def group_of(members: int = 2, *, line1: str = "12 SAMPLE ST", **facts: Any) -> list[str]:
    """Commit a group with members there; return their NPIs."""
    given = {
        "group_id": GROUP,
        "name": "EXAMPLE HEADACHE GROUP, P.A.",
        "city": "EVANSTON",
        "state": "IL",
        "zip_code": "60201",
        "phone": "(847) 555-0150",
        **facts,
    }
    key = address_key(line1, given["zip_code"])
    origin = {"source": Source.CLINICIANS, "as_of": TODAY}
    with writing() as session:
        session.add(GroupPractice(line1=line1, address_key=key, **given, **origin))
        places = {"line1": line1, "group_id": given["group_id"], "zip_code": given["zip_code"]}
        return [
            make_location(session, make_provider(session), **places).npi for _ in range(members)
        ]


def adopt(app: Flask, *options: str) -> Result:
    return run(app, "clinics", "adopt", GROUP, *options)


@pytest.mark.parametrize("text", ["headache group", "Héadache", "GROUP P A"])
def test_a_part_of_the_name_finds_the_group(app: Flask, text: str) -> None:
    group_of()
    assert run(app, "clinics", "groups", text).output == (
        f"{GROUP}  Example Headache Group, P.A., 12 Sample St, Evanston, IL 60201, "
        "(847) 555-0150: 2 members\n"
    )


def test_only_current_members_count(app: Flask) -> None:
    first, _ = group_of()
    with writing() as session:
        session.get_one(Provider, first).gone_on = TODAY
    assert ": 1 member\n" in run(app, "clinics", "groups", "headache").output


def test_a_group_of_another_state_or_name_or_past_is_not_found(app: Flask) -> None:
    group_of(0)
    group_of(0, line1="9 OLD RD", name="PAST CLINIC", gone_on=date(2026, 11, 9))
    for options in (["headache", "--state=WI"], ["dental"], ["past"]):
        output = run(app, "clinics", "groups", *options).output
        assert output == "No group practice of such a name is loaded.\n"
    assert GROUP in run(app, "clinics", "groups", "headache", "--state=Illinois").output


@pytest.mark.parametrize(
    ("options", "said"), [(["--", "-"], "part of the name"), (["a", "--state=XX"], "not a state")]
)
def test_an_invalid_search_is_refused(app: Flask, options: list[str], said: str) -> None:
    result = run(app, "clinics", "groups", *options)
    assert (result.exit_code, said in result.output) == (1, True)


def test_an_adopted_group_is_a_clinic_that_is_asked_to_confirm(app: Flask) -> None:
    npis = group_of()
    result = adopt(app, "--zip=60201", "--email=inbox@group.example.org", "--languages=en,es")
    assert (result.exit_code, "1 asked to confirm" in result.output) == (0, True)
    [clinic] = stored(Clinic)
    assert (clinic.name, clinic.line1) == ("Example Headache Group, P.A.", "12 Sample St")
    assert (clinic.phone, clinic.languages) == ("(847) 555-0150", "en,es")
    assert [each.npi for each in stored(ClinicProvider)] == sorted(npis)
    assert [each.recipient for each in messages(MessageKind.CLINIC_PROOF)] == [clinic.email]
    assert {(each.npi, each.clinic_id) for each in stored(Listing)} == {
        (npi, clinic.id) for npi in npis
    }


def test_a_clinic_without_an_email_is_not_asked(app: Flask) -> None:
    group_of()
    assert "0 asked to confirm" in adopt(app, "--zip=60201-1234").output
    assert messages(MessageKind.CLINIC_PROOF) == []


def test_leading_zeros_of_an_id_may_be_omitted(app: Flask) -> None:
    group_of()
    assert run(app, "clinics", "adopt", GROUP.lstrip("0"), "--zip=60201").exit_code == 0


def test_of_several_addresses_one_is_chosen(app: Flask) -> None:
    group_of(1)
    [npi] = group_of(1, line1="900 OTHER RD STE 5")
    unclear = adopt(app, "--zip=60201")
    wrong = adopt(app, "--zip=60201", "--address=77 Nowhere")
    for result in (unclear, wrong):
        assert result.exit_code == 1
        assert "--address:\n  12 Sample St\n  900 Other Rd Ste 5\n" in result.output
    assert adopt(app, "--zip=60201", "--address=900 other road").exit_code == 0
    assert [each.npi for each in stored(ClinicProvider)] == [npi]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--zip=99999"], "has no address in '99999'; it has: 60201"),
        (["--zip=60201", "--email=nobody"], "is not an email address"),
        (["--zip=60201", "--languages=english"], "is not a language code"),
    ],
)
def test_an_invalid_option_is_reported(app: Flask, options: list[str], said: str) -> None:
    group_of()
    result = adopt(app, *options)
    assert (result.exit_code, said in result.output) == (1, True)
    assert stored(Clinic) == []


def test_a_group_that_is_not_loaded_or_has_no_members_is_refused(app: Flask) -> None:
    assert "No group with the id" in adopt(app, "--zip=60201").output
    group_of(0)
    assert "none of its members is loaded here" in adopt(app, "--zip=60201").output


def test_a_group_is_adopted_once(app: Flask) -> None:
    group_of()
    adopt(app, "--zip=60201", "--email=inbox@group.example.org")
    again = adopt(app, "--zip=60201")
    assert (again.exit_code, "has a clinic already" in again.output) == (1, True)
    assert stored(Clinic)[0].email == "inbox@group.example.org"


def test_members_with_a_clinic_there_do_not_get_a_second_one(app: Flask) -> None:
    npi, _ = group_of(line1="1 SAMPLE ST")
    add(app, npis=npi)
    assert "has a clinic already: Lake Clinic" in adopt(app, "--zip=60201").output
