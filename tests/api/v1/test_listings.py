"""API listings hold the same professionals as the results page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import sqlalchemy as sa
from flask import Flask

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.providers.models import License, LicenseStatus, ProcedureVolume, Source
from directory.search.index.cell_writer import pack_all
from directory.search.index.listings import refresh_listings
from directory.search.query.criteria import EVIDENCE_SLUGS, SPECIALTY_SLUGS
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.nppes import NPPES
from tests.api.v1.reading import add_people, ask, npis, read, read_all, shown
from tests.factories import TODAY, make_clinic, make_location, make_provider
from tests.search.index.test_listings import deactivate, exclude, hide
from tests.sources.nppes_rows import row, write

QUERIES = [
    "near=60201",
    "near=60201&within=250",
    "near=60201&within=5&evidence=confirmed",
    "near=Evanston, IL&evidence=documented&evidence=specialty&sort=distance",
    "near=60201&specialty=neurology&specialty=pain&sort=documented",
    "near=60201&specialty=all&within=100&sort=fastest&page=2",
    "near=60201&sex=F&language=es&language=zh&within=250",
    "near=60201&telehealth=yes&accepting=yes&inquiries=yes",
    "near=60201&sex=X&widen=no&within=5",
    "near=60201&name=oneil",
    "name=jose lindqvist",
    "name=nobody at all",
    "near=60201&page=99",
]


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what the database is asked."""
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_more) -> None:
        asked.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(db.engine, "before_cursor_execute", note)


def test_every_question_is_answered_as_on_the_results_page(app: Flask) -> None:
    add_people(60)
    for query in QUERIES:
        page, content = shown(parse_qs(query)), read(app, query)
        assert npis(content) == [each.card.npi for each in page.results], query
        said = ("total", "confirmed_or_documented", "page", "pages", "version")
        assert {name: content[name] for name in said} == {
            name: getattr(page, name) for name in said
        }, query
        assert content["widened"] is page.is_widened, query
        assert content["within"] == (page.radius_miles or None), query
        assert content["evidence"] == [
            slug for slug, tier in EVIDENCE_SLUGS.items() if tier in page.tiers
        ], query
        assert content["facets"] == _facets(page.facets), query


def _facets(facets: Any) -> dict[str, Any]:
    return {
        "within": {str(miles): count for miles, count in facets.within.items()},
        "evidence": {slug: facets.evidence[tier] for slug, tier in EVIDENCE_SLUGS.items()},
        "specialty": {
            "": facets.usual,
            "all": facets.all_specialties,
            **{slug: facets.specialty[group] for slug, group in SPECIALTY_SLUGS.items()},
        },
        "sex": {sex.value: count for sex, count in facets.sex.items()},
        "language": dict(facets.language),
        "telehealth": {"yes": facets.telehealth},
        "accepting": {"yes": facets.accepting},
        "inquiries": {"yes": facets.inquiries},
    }


def test_each_facet_is_what_its_choice_leaves(app: Flask) -> None:
    add_people(60)
    facets = read(app, "near=60201&within=100")["facets"]
    for name, counts in facets.items():
        for value, count in counts.items():
            choice = f"{name}={value}" if name == "within" else f"within=100&{name}={value}"
            again = read(app, f"near=60201&widen=no&{choice}")
            assert again["total"] == count, (name, value)


def test_a_result_holds_all_that_is_known(app: Flask) -> None:
    with writing() as session:
        provider = make_provider(session, treatments=61, sex="F")
        fact = {"npi": provider.npi, "source": Source.STATE, "as_of": TODAY}
        session.add(
            License(
                state="IL",
                number="036-1",
                taxonomy_code="2084N0400X",
                status=LicenseStatus.ACTIVE,
                status_checked_on=TODAY,
                **fact,
            )
        )
        location = make_location(session, provider, accepting_patients="yes")
        clinic = make_clinic(
            session,
            location,
            languages="en,es",
            inquiries_received=6,
            inquiries_answered=5,
            answer_minutes=90,
        )
        name = clinic.name
    [result] = read(app, "near=60201")["results"]
    day = TODAY.isoformat()
    assert {"number", "miles", "latitude", "longitude"} <= set(result)
    assert result["name"] == "Amara Feldt, MD"
    assert result["evidence"]["tier"] == "documented"
    assert (result["evidence"]["treatments"], result["evidence"]["year"]) == (61, 2024)
    assert (result["specialty"], result["taxonomy"]) == ("neurology", "Neurology")
    assert (result["license"]["status"], result["license"]["status_checked_on"]) == ("active", day)
    assert (result["license"]["source"], result["license"]["number"]) == ("state", "036-1")
    assert (result["accepting"], result["accepting_as_of"]) == ("yes", day)
    assert result["answers"] == {"received": 6, "answered": 5, "minutes": 90}
    assert (result["languages"], result["takes_inquiries"]) == (["en", "es"], True)
    assert (result["address"]["name"], result["address"]["as_of"]) == (name, day)
    assert result["phone"] == "(847) 555-0142"
    assert result["url"] == f"http://directory.test/providers/{provider.npi}"
    assert result["inquiry_url"].startswith("http://directory.test/inquiry/")


def test_what_is_not_known_is_null(app: Flask) -> None:
    with writing() as session:
        make_location(session, make_provider(session, credential=None))
    [result] = read(app, "near=60201")["results"]
    unknown = ("sex", "license", "experience", "accepting", "accepting_as_of", "answers")
    unknown += ("languages", "telehealth", "inquiry_url")
    assert {name: result[name] for name in unknown} == dict.fromkeys(unknown)
    assert result["takes_inquiries"] is False
    assert result["evidence"]["confirmed_on"] is None


def test_the_distance_is_that_of_this_question(app: Flask) -> None:
    add_people(1)
    near = read(app, "near=60201&within=250")["results"][0]["miles"]
    far = read(app, "near=60601&within=250")["results"][0]["miles"]
    assert near != far
    assert 0 <= near < 251
    with writing() as session:
        make_location(session, make_provider(session, last_name="Quillfeather"))
    [found] = read(app, "name=quillfeather")["results"]
    assert found["miles"] is None


def test_a_name_of_many_places_is_the_likeliest_with_the_others(app: Flask) -> None:
    content = read(app, "near=Springfield")
    assert content["place"]["label"].startswith("Springfield")
    others = [each["near"] for each in content["choices"]]
    assert len(others) > 2
    again = read(app, f"near={others[0]}")
    assert again["place"]["label"] == content["choices"][0]["label"]


def test_a_search_that_went_further_says_so(app: Flask) -> None:
    with writing() as session:
        make_location(session, make_provider(session))
    content = read(app, "near=60201&within=5&evidence=documented")
    assert (content["widened"], content["asked_within"], content["within"]) == (True, 5, 250)
    assert content["asked_evidence"] == ["documented"]
    assert content["evidence"] == ["documented", "specialty"]
    assert read(app, "near=60201&within=5&evidence=documented&widen=no")["total"] == 0


@pytest.mark.parametrize("step", [exclude, hide, deactivate])
def test_who_may_not_be_found_is_in_no_answer(app: Flask, step) -> None:
    npi = _listed("Quillfeather")
    read(app, "near=60201")
    with writing() as session:
        step(session, npi)
        refresh_listings(session, [npi])
    for query in ("near=60201", "near=60201&specialty=all", "name=quillfeather", f"name={npi}"):
        content = read(app, query)
        assert (content["total"], content["results"]) == (0, []), query


def test_a_mailing_address_is_no_place(app: Flask, tmp_path: Path) -> None:
    by_mail_only = row(1, line1="", city="", state="", zip="", mailing="7 LETTERBOX RD")
    load(NPPES, write(tmp_path, [by_mail_only, row(2, mailing="9 LETTERBOX RD")]),
         LoadOptions())  # fmt: skip
    answer = ask(app, "near=Austin, TX&specialty=all&within=250")
    assert answer.get_json()["total"] == 1
    assert "letterbox" not in answer.text.lower()
    assert read(app, "name=hartwell")["total"] == 1


def test_the_pages_together_are_the_whole_list(app: Flask) -> None:
    people = add_people(70)
    query = "near=60201&within=250&specialty=all"
    whole = read_all(app, query)
    assert len(whole) == len(set(whole)) == read(app, query)["total"]
    assert set(whole) <= set(people)
    assert len(whole) > 40


def test_turning_pages_goes_on_in_the_list_it_began_in(app: Flask) -> None:
    add_people(70)
    query = "near=60201&within=250&specialty=all"
    whole = read_all(app, query)
    first = read(app, query)
    with writing() as session:
        # The last becomes the first, the first the last, and somebody nearer is new.
        fact = {"procedure_code": "64615", "source": Source.MEDICARE, "as_of": TODAY}
        session.add(ProcedureVolume(npi=whole[-1], year=2025, services=900, **fact))
        session.execute(sa.delete(ProcedureVolume).where(ProcedureVolume.npi == whole[0]))
        refresh_listings(session, [whole[0], whole[-1]])
        make_location(session, make_provider(session, treatments=500))
    rest = read_all(app, first["next"].partition("?")[2])
    assert npis(first) + rest == whole
    assert read_all(app, query) != whole


@pytest.mark.parametrize("step", [exclude, hide, deactivate])
def test_who_is_hidden_meanwhile_is_on_no_later_page(app: Flask, step) -> None:
    add_people(70)
    query = "near=60201&within=250&specialty=all"
    whole = read_all(app, query)
    first = read(app, query)
    gone = whole[25]
    with writing() as session:
        step(session, gone)
        refresh_listings(session, [gone])
    rest = read_all(app, first["next"].partition("?")[2])
    assert npis(first) + rest == [npi for npi in whole if npi != gone]


def test_a_version_that_is_gone_is_not_mixed_with_another(app: Flask) -> None:
    add_people(30)
    first = read(app, "near=60201&within=250&specialty=all")
    with writing() as session:
        pack_all(session, now=utc_now())
    answer = ask(app, first["next"].partition("?")[2])
    assert answer.status_code == 410
    assert answer.get_json()["parameter"] == "version"
    assert answer.get_json()["reason"] == "expired"


def test_an_answer_needs_at_most_four_statements(app: Flask) -> None:
    add_people(40)
    counts = []
    for query in QUERIES:
        with statements() as asked:
            read(app, query)
        assert len(asked) <= 4, (query, asked)
        counts.append(len(asked))
    # One answered from memory needs none; not all of them are.
    assert max(counts) >= 1


def _listed(last_name: str) -> str:
    with writing() as session:
        provider = make_provider(session, last_name=last_name, treatments=61)
        return make_location(session, provider).npi
