"""The bundle is FHIR R4: read by a library, and checked for what R4 alone asks."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy.orm import Session

from directory.care.answers import (
    Coverage,
    EarlierToxin,
    Helped,
    Language,
    Outcome,
    PainRelief,
    PartOfDay,
    Preventive,
    SafetyPoint,
    TriedPreventive,
    Way,
    Window,
    YesNo,
)
from directory.core.translations import in_language
from directory.inquiries.presentation.fhir_bundle import bundle_of
from tests.factories import make_answers, make_clinic, make_contact, make_inquiry, make_npi

BASE = "https://directory.example.org"
NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
FULL: dict[str, Any] = {
    "safety": (SafetyPoint.SWALLOWING,),
    "preventives": (
        TriedPreventive(Preventive.CGRP, "a name", "70 mg", 4, (Outcome.NO_EFFECT,)),
        TriedPreventive(Preventive.OTHER),
    ),
    "pain_relief": {PainRelief.TRIPTAN: 12, PainRelief.SIMPLE: 0},
    "had_toxin": YesNo.YES,
    "earlier_toxin": EarlierToxin("Brand", date(2026, 1, 5), 155, Helped.A_LOT, "sore neck"),
    "toxin_elsewhere": YesNo.UNSURE,
    "coverage": Coverage("Lake Health", "Silver", has_referral=True),
    "windows": (
        Window(date(2027, 1, 4), date(2027, 1, 8), PartOfDay.MORNING),
        Window(date(2027, 2, 1), date(2027, 2, 1)),
    ),
    "travel_miles": 30,
    "access_needs": "  a lift ",
    "message": "One\x0b line\nand <another>",
}


def bundle(session: Session, person: dict[str, Any] | None = None, **facts: Any) -> dict[str, Any]:
    inquiry = make_inquiry(session, make_clinic(session), now=NOW)
    inquiry.npi = make_npi()
    contact = make_contact(**(person or {}))
    return bundle_of(inquiry, contact, make_answers(**facts), base_url=BASE)


def resource(found: dict[str, Any], kind: str) -> dict[str, Any]:
    resources = [entry["resource"] for entry in found["entry"]]
    return next(each for each in resources if each["resourceType"] == kind)


def values(found: Any) -> Iterator[Any]:
    yield found
    children = found.values() if isinstance(found, dict) else found
    if isinstance(found, dict | list):
        for each in children:
            yield from values(each)


def answers_in(found: dict[str, Any]) -> dict[str, list[Any]]:
    items = list(values(resource(found, "QuestionnaireResponse")["item"]))
    return {
        each["linkId"]: [next(iter(given.values())) for given in each["answer"]]
        for each in items
        if isinstance(each, dict) and "answer" in each
    }


@pytest.mark.parametrize("facts", [FULL, {}, {"told": (), "message": "", "headache_days": None}])
@pytest.mark.parametrize(
    "person",
    [
        {},
        {"relationship": "mother", "phone": "847-555-0150", "way": Way.PHONE},
        {"language": Language.OTHER, "other_language": "Polish", "needs_interpreter": True},
        {"language": Language.OTHER},
    ],
)
def test_the_bundle_is_valid(
    session: Session, facts: dict[str, Any], person: dict[str, Any]
) -> None:
    found = bundle(session, person, **facts)
    read = Bundle.model_validate_json(json.dumps(found))
    assert len(read.entry or []) == (4 if "relationship" in person else 3)


def test_what_r4_asks_beyond_the_library_holds(session: Session) -> None:
    found = bundle(session, {"relationship": "mother"}, **FULL)
    everything = list(values(found))
    # Nothing may be empty, and no text may hold a control character or be blank.
    assert [each for each in everything if each in ("", [], {}) or each is None] == []
    texts = [each for each in everything if isinstance(each, str)]
    assert [text for text in texts if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text)] == []
    # bdl-7 and the rules of references: each full URL once, and each reference leads to one.
    urls = [entry["fullUrl"] for entry in found["entry"]]
    assert len(set(urls)) == len(urls)
    references = {
        each["reference"] for each in everything if isinstance(each, dict) and "reference" in each
    }
    assert references <= set(urls)


def test_an_appointment_is_proposed_and_names_periods_and_a_reason(session: Session) -> None:
    visit = resource(bundle(session, **FULL), "Appointment")
    assert (visit["status"], "start" in visit, "end" in visit) == ("proposed", False, False)
    assert visit["requestedPeriod"][0] == {"start": "2027-01-04", "end": "2027-01-08"}
    assert visit["reasonCode"] == [{"text": "Botox for chronic migraine: First assessment"}]
    assert visit["comment"] == "2027-01-04 to 2027-01-08: in the morning"
    assert all("actor" in each and "status" in each for each in visit["participant"])


def test_a_patient_has_an_age_band_and_no_date_of_birth(session: Session) -> None:
    patient = resource(bundle(session), "Patient")
    assert patient["name"] == [{"text": "Jo Markedname"}]
    assert patient["extension"][0] == {
        "url": f"{BASE}/fhir/StructureDefinition/age-band",
        "valueString": "18-64",
    }
    assert "birthDate" not in patient


def test_whoever_asks_for_somebody_else_is_not_the_patient(session: Session) -> None:
    found = bundle(session, {"relationship": "mother"})
    assert "name" not in resource(found, "Patient")
    asker = resource(found, "RelatedPerson")
    assert (asker["name"], asker["relationship"]) == (
        [{"text": "Jo Markedname"}],
        [{"text": "mother"}],
    )


def test_answers_are_typed_and_in_english(session: Session) -> None:
    with in_language("es"):
        found = answers_in(bundle(session, **FULL))
    assert (found["headache-days"], found["migraine-days"]) == ([22], [14])
    assert (found["relief-triptan"], found["relief-simple"]) == ([12], [0])
    assert (found["over-3-months"], found["referral"]) == ([True], [True])
    assert (found["toxin-last"], found["told"]) == (["2026-01-05"], ["chronic migraine"])
    assert found["message"] == ["One line\nand <another>"]


def test_not_sure_is_an_answer_of_its_own(session: Session) -> None:
    response = resource(bundle(session, headache_days=None), "QuestionnaireResponse")
    item = next(
        each
        for each in values(response)
        if isinstance(each, dict) and each.get("linkId") == "headache-days"
    )
    assert item["extension"][0]["valueCode"] == "asked-unknown"
    assert "answer" not in item


def test_times_bear_their_zone_and_the_questionnaire_an_address_of_ours(session: Session) -> None:
    found = bundle(session)
    response = resource(found, "QuestionnaireResponse")
    assert found["timestamp"] == response["authored"] == "2026-11-02T15:00:00+00:00"
    assert response["questionnaire"] == f"{BASE}/fhir/Questionnaire/inquiry"
    assert response["status"] == "completed"


def test_no_code_is_invented(session: Session) -> None:
    found = bundle(session, {"language": Language.SPANISH}, **FULL)
    codings = [each for each in values(found) if isinstance(each, dict) and "code" in each]
    assert codings == [{"system": "urn:ietf:bcp:47", "code": "es"}]


def test_the_same_inquiry_gives_the_same_bundle(session: Session) -> None:
    inquiry = make_inquiry(session, make_clinic(session), now=NOW)
    contact, answers = make_contact(), make_answers(**FULL)
    both = [bundle_of(inquiry, contact, answers, base_url=BASE) for _ in range(2)]
    assert both[0] == both[1]
