"""JSON-LD: words of schema.org, and nothing that the page does not show."""

import json
from typing import Any

import pytest
from flask import Flask

from directory.core.db.database import writing
from directory.discovery.schema_org import script
from directory.providers.models import AcceptingPatients, EntityType
from tests.discovery import vocabulary
from tests.discovery.reading import Read, node_of, nodes
from tests.factories import FAMILY, TODAY, make_clinic, make_location, make_provider
from tests.inquiries.patient import open_browser

NURSE = "363LF0000X"
PAGES = ["/", "/treatment", "/self-check", "/data", "/privacy", "/accessibility"]
RESULTS = "/search?near=Evanston,+IL"


def read(app: Flask, path: str) -> Read:
    answer = open_browser(app).get(path)
    assert answer.status_code == 200
    return Read(answer.text)


def open_professional(*, locations: int = 1, is_confirmed: bool = False, **facts: Any) -> str:
    """Commit somebody with a clinic at the first place; return the path of the page."""
    with writing() as session:
        provider = make_provider(session, last_name="O\u2019Feldt & <Sons>", **facts)
        places = [
            make_location(session, provider, name="EXAMPLE CLINIC LLC", line2="Suite <5>")
            for _ in range(locations)
        ]
        clinic = make_clinic(
            session, places[0], languages="es,en", accepting_patients=AcceptingPatients.YES
        )
        clinic.facts_confirmed_on = TODAY
        if is_confirmed:
            clinic.providers[0].treatment_confirmed_on = TODAY
    return f"/providers/{provider.npi}"


def strings(node: dict[str, Any]) -> list[str]:
    """Return what a thing states in words."""
    skipped = vocabulary.CODES | vocabulary.ADDRESSES
    values = [value for name, value in node.items() if name not in skipped]
    flat = [each for value in values for each in (value if isinstance(value, list) else [value])]
    return [each for each in flat if isinstance(each, str)]


@pytest.mark.parametrize("language", ["", "/es"])
@pytest.mark.parametrize("path", [*PAGES, RESULTS, "person", "nurse", "practice"])
def test_data_is_in_words_of_the_vocabulary_and_on_the_page(
    app: Flask, path: str, language: str
) -> None:
    facts: dict[str, Any] = {"locations": 2, "treatments": 40}
    if path == "nurse":
        facts |= {"taxonomy": NURSE}
    if path == "practice":
        facts |= {"entity_type": EntityType.ORGANIZATION, "organization_name": "PAIN & CO LLC"}
    own, *_others = [open_professional(**facts) for _ in range(3)]
    page = read(app, language + (path if path.startswith("/") else own))
    assert page.data
    for node in nodes(page.data):
        kinds = vocabulary.ancestors(node["@type"])
        assert [
            name
            for name in node
            if not name.startswith("@") and kinds.isdisjoint(vocabulary.DOMAINS[name])
        ] == []
        assert [each for each in strings(node) if each not in page.text] == []


def test_every_block_names_its_vocabulary_and_addresses_of_the_site(app: Flask) -> None:
    page = read(app, open_professional())
    assert {block["@context"] for block in page.data} == {"https://schema.org"}
    found = [
        node[name] for node in nodes(page.data) for name in vocabulary.ADDRESSES if name in node
    ]
    assert len(found) > 3
    assert [each for each in found if not each.startswith("http://directory.test/")] == []


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({}, "Physician"),
        ({"taxonomy": FAMILY}, "Physician"),
        ({"taxonomy": NURSE}, "Person"),
        ({"taxonomy": "363A00000X"}, "Person"),
        ({"taxonomy": "1223X2210X"}, "Person"),
        ({"taxonomy": "204E00000X"}, "Person"),
        ({"entity_type": EntityType.ORGANIZATION, "taxonomy": "261QP3300X"}, "MedicalClinic"),
        ({"entity_type": EntityType.ORGANIZATION}, "MedicalOrganization"),
    ],
)
def test_each_is_called_what_they_are(app: Flask, facts: dict[str, Any], kind: str) -> None:
    if "entity_type" in facts:
        facts = {**facts, "organization_name": "EXAMPLE PAIN LLC"}
    page = read(app, open_professional(**facts))
    assert page.data[0]["@type"] == kind


def test_a_physician_has_number_specialty_languages_and_places(app: Flask) -> None:
    node = node_of(read(app, open_professional(locations=2)), "Physician")
    assert node["identifier"]["propertyID"] == "NPI"
    assert set(node["medicalSpecialty"]) <= vocabulary.SPECIALTIES
    assert node["knowsLanguage"] == ["Spanish", "English"]
    assert node["address"]["postalCode"] == "60201"
    assert len(node["location"]) == 2


def test_languages_of_a_clinic_are_not_said_of_a_person(app: Flask) -> None:
    node = node_of(read(app, open_professional(taxonomy=NURSE)), "Person")
    assert "knowsLanguage" not in node
    assert node["jobTitle"] == ["Nurse practitioner, family"]


@pytest.mark.parametrize(
    ("facts", "is_offered"),
    [({}, False), ({"treatments": 40}, True), ({"is_confirmed": True}, True)],
)
def test_the_treatment_is_offered_only_where_it_is_known(
    app: Flask, facts: dict[str, Any], is_offered: bool
) -> None:
    node = node_of(read(app, open_professional(**facts)), "Physician")
    assert ("availableService" in node) is is_offered


def test_new_patients_are_stated_only_where_every_place_agrees(app: Flask) -> None:
    one = node_of(read(app, open_professional()), "Physician")
    two = node_of(read(app, open_professional(locations=2)), "Physician")
    assert one["isAcceptingNewPatients"] is True
    assert "isAcceptingNewPatients" not in two


def test_the_way_to_a_professional_leads_over_their_city(app: Flask) -> None:
    steps = node_of(read(app, open_professional()), "BreadcrumbList")["itemListElement"]
    assert [each["position"] for each in steps] == [1, 2, 3]
    assert [each["name"] for each in steps[:2]] == ["Search", "Evanston, IL"]
    assert open_browser(app).get(steps[1]["item"]).status_code == 200


def test_results_are_listed_in_their_order(app: Flask) -> None:
    paths = [open_professional(treatments=40) for _ in range(3)]
    found = node_of(read(app, RESULTS), "ItemList")["itemListElement"]
    assert [each["position"] for each in found] == [1, 2, 3]
    assert {each["url"] for each in found} == {f"http://directory.test{path}" for path in paths}


def test_no_clinician_is_said_to_have_reviewed_a_page(app: Flask) -> None:
    node = node_of(read(app, "/treatment"), "MedicalWebPage")
    assert node["audience"] == {"@type": "Patient"}
    assert not {"lastReviewed", "reviewedBy"} & set(node)


def test_the_search_of_the_site_leads_to_results(app: Flask) -> None:
    target = node_of(read(app, "/es/"), "EntryPoint")["urlTemplate"]
    assert target == "http://directory.test/es/search?near={near}"
    assert open_browser(app).get(target.replace("{near}", "60201")).status_code == 200


def test_no_text_ends_the_element_it_is_in() -> None:
    text = "</script><!-- & \u2028\u2029 \u201chello\u201d"
    element = script({"@type": "Thing", "name": text})
    inside = element.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not set(inside) & set("<>&\u2028\u2029")
    assert json.loads(inside)["name"] == text
