"""An inquiry as a FHIR R4 bundle, for the program of a clinic. Its words are English.

Answers are text: there is no code in it that a terminology server would not know. Times bear
their zone; days are days.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from directory.care import clinician_terms
from directory.care.answers import (
    Answers,
    Contact,
    Language,
    PartOfDay,
    TriedPreventive,
    Way,
    YesNo,
)
from directory.core.translations import in_language
from directory.inquiries.models import Inquiry

Resource = dict[str, Any]

_EXTENSIONS = "http://hl7.org/fhir/StructureDefinition"
_NPI = "http://hl7.org/fhir/sid/us-npi"
_LANGUAGES = "urn:ietf:bcp:47"
_UNSURE = object()  # asked, and the patient does not know


def bundle_of(inquiry: Inquiry, contact: Contact, answers: Answers, *, base_url: str) -> Resource:
    """Return the patient, the filled-in questionnaire and the appointment asked for."""
    with in_language("en"):
        urls = {kind: _urn(inquiry, kind) for kind in ("patient", "asker", "answers", "visit")}
        resources = {
            urls["patient"]: _patient(contact, answers, base_url),
            urls["answers"]: _response(inquiry, contact, answers, urls, base_url),
            urls["visit"]: _appointment(inquiry, answers, urls),
        }
        if contact.relationship:
            resources[urls["asker"]] = _asker(contact, urls)
    bundle: Resource = _filled(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "identifier": _identifier(inquiry, base_url),
            "timestamp": _moment(inquiry.sent_at),
            "entry": [{"fullUrl": url, "resource": each} for url, each in resources.items()],
        }
    )
    return bundle


def _patient(contact: Contact, answers: Answers, base_url: str) -> Resource:
    # There is no date of birth to give; an age band is all that was asked for.
    band = f"{base_url}/fhir/StructureDefinition/age-band"
    extensions: list[Resource] = [{"url": band, "valueString": answers.age_band.value}]
    if contact.needs_interpreter:
        url = f"{_EXTENSIONS}/patient-interpreterRequired"
        extensions.append({"url": url, "valueBoolean": True})
    is_asking = not contact.relationship
    return {
        "resourceType": "Patient",
        "extension": extensions,
        "name": [{"text": contact.name}] if is_asking else [],
        "telecom": _telecom(contact) if is_asking else [],
        "address": [{"postalCode": answers.zip_code, "country": "US"}],
        "communication": [{"language": _language(contact), "preferred": True}],
    }


def _asker(contact: Contact, urls: Mapping[str, str]) -> Resource:
    """Return whoever asks for somebody else."""
    return {
        "resourceType": "RelatedPerson",
        "patient": {"reference": urls["patient"]},
        "relationship": [{"text": contact.relationship}],
        "name": [{"text": contact.name}],
        "telecom": _telecom(contact),
    }


def _appointment(inquiry: Inquiry, answers: Answers, urls: Mapping[str, str]) -> Resource:
    """Return the visit that is asked for. Only a proposed one may have no start and no end."""
    patient: Resource = {"reference": urls["patient"]}
    asked: list[Resource] = [{"type": "Location", "display": inquiry.clinic.name}]
    if inquiry.npi:
        identifier = {"system": _NPI, "value": inquiry.npi}
        asked.append({"type": "Practitioner", "identifier": identifier})
    reason = f"Botox for chronic migraine: {clinician_terms.REASON[answers.reason]}"
    return {
        "resourceType": "Appointment",
        "status": "proposed",
        "reasonCode": [{"text": reason}],
        "supportingInformation": [{"reference": urls["answers"]}],
        "created": _moment(inquiry.sent_at),
        "comment": _parts_of_day(answers),
        "participant": [
            {"actor": patient, "status": "accepted"},
            *({"actor": each, "status": "needs-action"} for each in asked),
        ],
        "requestedPeriod": [
            {"start": each.first.isoformat(), "end": each.last.isoformat()}
            for each in answers.windows
        ],
    }


def _response(
    inquiry: Inquiry, contact: Contact, answers: Answers, urls: Mapping[str, str], base_url: str
) -> Resource:
    source = urls["asker"] if contact.relationship else urls["patient"]
    return {
        "resourceType": "QuestionnaireResponse",
        "identifier": _identifier(inquiry, base_url),
        "questionnaire": f"{base_url}/fhir/Questionnaire/inquiry",
        "status": "completed",
        "subject": {"reference": urls["patient"]},
        "authored": _moment(inquiry.sent_at),
        "author": {"reference": source},
        "source": {"reference": source},
        "item": [
            _group("headaches", "Headaches", _headaches(answers)),
            _group("relief", "Pain relief, days a month", _relief(answers)),
            _group("preventives", "Preventives tried", map(_tried, answers.preventives)),
            _group("toxin", "Earlier toxin treatment", _toxin(answers)),
            _group("safety", "Safety", [_safety(answers)]),
            _group("practical", "Practical", _practical(contact, answers)),
        ],
    }


def _headaches(answers: Answers) -> Iterator[Resource]:
    yield _item("reason", "Asked for", clinician_terms.REASON[answers.reason])
    told = [clinician_terms.TOLD[each] for each in answers.told]
    yield _item("told", "Told by a clinician", *told)
    yield _item("headache-days", "Headache days in the last 30", _number(answers.headache_days))
    yield _item("migraine-days", "Of these, migraine-like", _number(answers.migraine_days))
    yield _item("length", "Usual length without treatment", clinician_terms.LENGTH[answers.length])
    yield _item("over-3-months", "Over 3 months", _yes_no(answers.over_three_months))
    yield _item("diary", "Headache diary", clinician_terms.DIARY.get(answers.diary))
    yield _item("midas", "MIDAS score", answers.score.midas)
    yield _item("hit-6", "HIT-6 score", answers.score.hit6)
    yield _item("scored-on", "Day of the score", answers.score.scored_on)


def _relief(answers: Answers) -> Iterator[Resource]:
    for kind, days in answers.pain_relief.items():
        yield _item(f"relief-{kind.value}", str(clinician_terms.PAIN_RELIEF[kind]), days)


def _tried(tried: TriedPreventive) -> Resource:
    outcomes = [clinician_terms.OUTCOME[each] for each in tried.outcomes]
    parts = (
        _item("preventive-kind", "Class", clinician_terms.PREVENTIVE[tried.kind]),
        _item("preventive-name", "Name", tried.name),
        _item("preventive-dose", "Dose", tried.dose),
        _item("preventive-months", "Months", tried.months),
        _item("preventive-outcome", "Outcome", *outcomes),
    )
    return _group("preventive", "Preventive", parts)


def _toxin(answers: Answers) -> Iterator[Resource]:
    yield _item("had-toxin", "Toxin for headache before", _yes_no(answers.had_toxin))
    earlier = answers.earlier_toxin
    if earlier is not None:
        yield _item("toxin-product", "Product", earlier.product)
        yield _item("toxin-last", "Last treatment", earlier.last_on)
        yield _item("toxin-units", "Units", earlier.units)
        yield _item("toxin-helped", "Helped", clinician_terms.HELPED.get(earlier.helped))
        yield _item("toxin-effects", "Unwanted effects", earlier.effects)
    elsewhere = _yes_no(answers.toxin_elsewhere)
    yield _item("toxin-elsewhere", "Toxin elsewhere in the last 4 months", elsewhere)


def _safety(answers: Answers) -> Resource:
    points = [clinician_terms.SAFETY[each] for each in answers.safety]
    return _item("safety-points", "The patient reports", *points)


def _practical(contact: Contact, answers: Answers) -> Iterator[Resource]:
    coverage = answers.coverage
    yield _item("insurer", "Insurer", coverage.insurer)
    yield _item("plan", "Plan", coverage.plan)
    yield _item("self-pay", "Pays without insurance", coverage.self_pay)
    yield _item("referral", "Has a referral", coverage.has_referral)
    yield _item("travel-miles", "Can travel, in miles", answers.travel_miles)
    yield _item("access-needs", "Access needs", answers.access_needs)
    yield _item("way", "Prefers to hear", clinician_terms.WAY[contact.way])
    yield _item("part-of-day", "Best reached", clinician_terms.PART_OF_DAY[contact.part_of_day])
    yield _item("message", "Message", answers.message)


def _group(link_id: str, text: str, items: Iterable[Resource]) -> Resource:
    asked = [each for each in items if each]
    return {"linkId": link_id, "text": text, "item": asked} if asked else {}


def _item(link_id: str, text: str, *values: Any) -> Resource:
    """Return a question with its answers; nothing for one that was left open."""
    item: Resource = {"linkId": link_id, "text": text}
    if values == (_UNSURE,):
        absent = {"url": f"{_EXTENSIONS}/data-absent-reason", "valueCode": "asked-unknown"}
        return {**item, "extension": [absent]}
    given = [_answer(value) for value in values if value is not None and str(value)]
    return {**item, "answer": given} if given else {}


def _answer(value: Any) -> Resource:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int):
        return {"valueInteger": value}
    if hasattr(value, "isoformat"):
        return {"valueDate": value.isoformat()}
    return {"valueString": str(value)}


def _number(value: int | None) -> Any:
    return _UNSURE if value is None else value


def _yes_no(value: YesNo | None) -> Any:
    return _UNSURE if value is YesNo.UNSURE else None if value is None else value is YesNo.YES


def _telecom(contact: Contact) -> list[Resource]:
    ways = [("email", contact.email, Way.EMAIL), ("phone", contact.phone, Way.PHONE)]
    return [
        # Rank 1 is the preferred one.
        {"system": system, "value": value, "rank": 1 if contact.way in {way, Way.EITHER} else 2}
        for system, value, way in ways
        if value
    ]


def _language(contact: Contact) -> Resource:
    if contact.language is Language.OTHER:
        return {"text": contact.other_language or "another language"}
    coding = {"system": _LANGUAGES, "code": contact.language.value}
    return {"coding": [coding], "text": str(clinician_terms.LANGUAGE[contact.language])}


def _parts_of_day(answers: Answers) -> str:
    parts = [
        f"{each.first.isoformat()} to {each.last.isoformat()}: "
        f"{clinician_terms.PART_OF_DAY[each.part_of_day]}"
        for each in answers.windows
        if each.part_of_day is not PartOfDay.ANY
    ]
    return "; ".join(parts)


def _identifier(inquiry: Inquiry, base_url: str) -> Resource:
    return {"system": f"{base_url}/fhir/reference", "value": inquiry.reference}


def _urn(inquiry: Inquiry, kind: str) -> str:
    """Return an id that is the same whenever the inquiry is fetched."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{inquiry.public_id}/{kind}").urn


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds")


def _filled(value: Any) -> Any:
    """Return the value without what is empty, which FHIR does not allow, and without controls."""
    if isinstance(value, dict):
        filled = {key: _filled(each) for key, each in value.items()}
        return {key: each for key, each in filled.items() if each not in ("", [], {}, None)}
    if isinstance(value, list):
        return [each for each in map(_filled, value) if each not in ("", [], {}, None)]
    if isinstance(value, str):
        return "".join(char for char in value if char >= " " or char in "\t\r\n").strip()
    return value
