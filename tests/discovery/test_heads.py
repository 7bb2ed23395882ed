"""The head of a page: what it is called, its one address, its other languages, its picture."""

import struct

import pytest
from flask import Flask

from directory.config import PROJECT_FOLDER
from directory.core.db.database import writing
from tests.discovery.reading import Read
from tests.factories import TODAY, make_clinic, make_location, make_provider
from tests.inquiries.patient import open_browser

BASE = "http://directory.test"
PAGES = ["/", "/treatment", "/self-check", "/self-check/diary", "/data", "/privacy"]


def read(app: Flask, path: str, **headers: str) -> Read:
    return Read(open_browser(app).get(path, headers=headers).text)


def some_near(count: int = 3) -> list[str]:
    with writing() as session:
        providers = [make_provider(session, treatments=40) for _ in range(count)]
        return [make_location(session, provider).npi for provider in providers]


@pytest.mark.parametrize("path", [*PAGES, "/accessibility"])
def test_a_page_names_its_address_and_both_languages(app: Flask, path: str) -> None:
    for prefix in ("", "/es"):
        links = read(app, prefix + path).links
        assert links["canonical"] == BASE + prefix + path
        assert links["en"] == links["x-default"] == BASE + path
        assert links["es"] == f"{BASE}/es{path}"


@pytest.mark.parametrize("path", [*PAGES, "/accessibility"])
def test_a_page_says_what_it_is_in_a_sentence_of_its_own(app: Flask, path: str) -> None:
    [description] = read(app, path).metas["description"]
    assert 40 < len(description) < 170
    others = [read(app, other).metas["description"] for other in PAGES if other != path]
    assert [description] not in others


def test_the_host_that_was_asked_plays_no_part(app: Flask) -> None:
    page = read(app, "/treatment", Host="evil.example.org")
    assert "evil" not in page.page
    assert page.links["canonical"] == f"{BASE}/treatment"


def test_what_is_added_to_an_address_is_not_part_of_it(app: Flask) -> None:
    assert read(app, "/treatment?utm=mail").links["canonical"] == f"{BASE}/treatment"


def test_a_spanish_home_page_at_the_root_has_its_own_address(app: Flask) -> None:
    page = read(app, "/", **{"Accept-Language": "es"})
    assert page.links["canonical"] == f"{BASE}/es/"


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("near=evanston+il", "near=Evanston,+IL"),
        ("near=evanston+il&within=50", "near=Evanston,+IL&within=50"),
        ("near=evanston+il&within=25", "near=Evanston,+IL"),
        ("near=60201&evidence=documented&sort=distance&page=1&widen=no", "near=60201"),
        ("near=Evanston,+IL&name=feldt", "near=Evanston,+IL"),
    ],
)
def test_results_of_a_place_have_one_address(app: Flask, asked: str, canonical: str) -> None:
    some_near()
    links = read(app, f"/es/search?{asked}").links
    assert links["canonical"] == f"{BASE}/es/search?{canonical}"
    assert links["en"] == f"{BASE}/search?{canonical}"


def test_results_without_a_place_have_no_address(app: Flask) -> None:
    some_near()
    assert read(app, "/search?name=feldt").links == {}
    assert read(app, "/search").links == {}


def test_results_of_a_city_say_what_is_there(app: Flask) -> None:
    some_near()
    page = read(app, "/search?near=Evanston,+IL")
    assert "<title>Who gives Botox for chronic migraine near Evanston, IL?" in page.page
    assert page.metas["description"][0].startswith("3 professionals within 25 miles of Evanston")


def test_a_professional_is_described_with_specialty_city_and_evidence(app: Flask) -> None:
    [npi] = some_near(1)
    page = read(app, f"/providers/{npi}?near=60201")
    assert "<title>Amara Feldt, MD: Neurology, Evanston, IL" in page.page
    assert page.metas["description"] == [
        "Amara Feldt, MD, Neurology, Evanston, IL: Botox for chronic migraine, 40 documented "
        "treatments in 2024."
    ]
    assert page.links["canonical"] == f"{BASE}/providers/{npi}"


def test_a_confirmed_professional_is_described_as_such(app: Flask) -> None:
    with writing() as session:
        location = make_location(session, make_provider(session))
        clinic = make_clinic(session, location)
        clinic.providers[0].treatment_confirmed_on = TODAY
    [description] = read(app, f"/providers/{location.npi}").metas["description"]
    assert description.endswith(
        "gives Botox for chronic migraine, confirmed by the clinic on November 2, 2026."
    )


def test_a_shared_link_shows_title_sentence_and_picture(app: Flask) -> None:
    [npi] = some_near(1)
    page = read(app, f"/es/providers/{npi}")
    metas = page.metas
    assert metas["og:description"] == metas["description"]
    assert metas["og:url"] == [page.links["canonical"]]
    assert (metas["og:locale"], metas["og:locale:alternate"]) == (["es_US"], ["en_US"])
    assert metas["og:type"] == ["profile"]
    [picture] = metas["og:image"]
    assert picture.startswith(f"{BASE}/static/share.png?v=")
    with open_browser(app).get(picture) as answer:
        assert answer.mimetype == "image/png"
        assert "X-Robots-Tag" not in answer.headers


def test_the_picture_has_the_size_that_is_said(app: Flask) -> None:
    content = (PROJECT_FOLDER / "directory" / "static" / "share.png").read_bytes()
    metas = read(app, "/").metas
    size = [int(metas[f"og:image:{side}"][0]) for side in ("width", "height")]
    assert list(struct.unpack(">II", content[16:24])) == size == [1200, 630]
