"""What search engines may keep: a short list. All else says no, in its header and its head."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from directory.core.db.database import writing
from directory.discovery.indexing import INDEXED
from directory.providers.models import Exclusion, Release, Source
from directory.search.index.data_versions import next_version
from directory.search.index.listings import refresh_listings
from tests.discovery.reading import Read
from tests.factories import TODAY, make_location, make_provider
from tests.inquiries.patient import open_browser
from tests.search.index.test_listings import deactivate, hide

CITY = "/search?near=Evanston,+IL"


def some_near(count: int = 3) -> list[str]:
    with writing() as session:
        providers = [make_provider(session) for _ in range(count)]
        return [make_location(session, provider).npi for provider in providers]


def may_be_kept(app: Flask, path: str) -> tuple[bool, bool]:
    """Return what the header says, and what the page."""
    answer = open_browser(app).get(path)
    return "X-Robots-Tag" not in answer.headers, Read(answer.text).is_indexed


def a_path(rule: Rule, npi: str) -> str:
    """Return an address of the rule; of what nobody has, for all but the professional."""
    given: dict[str, Any] = {name: npi if name == "npi" else "x" for name in rule.arguments}
    for name, converter in rule._converters.items():
        if isinstance(converter, IntegerConverter):
            given[name] = int(npi)
        if isinstance(converter, AnyConverter):
            given[name] = next(iter(converter.items))
    return str(rule.build(given)[1])  # type: ignore[index]


def test_every_other_address_refuses_in_its_header_and_in_its_page(app: Flask) -> None:
    [npi] = some_near(1)
    checked = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint in INDEXED | {"static"} or "GET" not in (rule.methods or set()):
            continue
        answer = open_browser(app).get(a_path(rule, npi))
        if 300 <= answer.status_code < 400:
            continue
        checked += 1
        assert answer.headers.get("X-Robots-Tag") == "noindex", rule
        is_page = answer.mimetype == "text/html" and "<html" in answer.text
        assert not (is_page and Read(answer.text).is_indexed), rule
    assert checked > 15


def test_a_page_says_so_once(app: Flask) -> None:
    [npi] = some_near(1)
    for path in (f"/providers/{npi}/report", "/search?name=feldt", "/nothing"):
        assert Read(open_browser(app).get(path).text).metas["robots"] == ["noindex"]


@pytest.mark.parametrize("path", ["/", "/es/treatment", "/data", "/self-check", CITY, "/es" + CITY])
def test_what_is_for_everybody_may_be_kept(app: Flask, path: str) -> None:
    some_near()
    for _again in range(2):  # the second time from memory
        assert may_be_kept(app, path) == (True, True)


def test_a_professional_may_be_kept(app: Flask) -> None:
    [npi] = some_near(1)
    assert may_be_kept(app, f"/providers/{npi}?near=60201") == (True, True)


@pytest.mark.parametrize(
    "more", ["&sort=distance", "&page=2", "&name=feldt", "&within=50", "&evidence=documented"]
)
def test_a_search_that_says_more_than_a_city_is_not_kept(app: Flask, more: str) -> None:
    some_near()
    for _again in range(2):
        assert may_be_kept(app, CITY + more) == (False, False)


@pytest.mark.parametrize("near", ["60201", "42.05,-87.69", "Illinois", "Nowhere"])
def test_only_a_city_is_a_place_to_be_kept(app: Flask, near: str) -> None:
    some_near()
    assert not may_be_kept(app, f"/search?near={near}")[1]


def test_results_of_too_few_are_not_kept(app: Flask) -> None:
    some_near(2)
    assert not may_be_kept(app, CITY)[1]


@pytest.mark.parametrize("leave", ["exclusion", "hidden", "deactivated", "waiver"])
def test_whoever_should_not_be_found_is_not_kept(app: Flask, leave: str) -> None:
    [npi] = some_near(1)
    with writing() as session:
        if leave == "hidden":
            hide(session, npi)
        elif leave == "deactivated":
            deactivate(session, npi)
        else:
            session.add(excluded(npi, waiver="IL" if leave == "waiver" else None))
        refresh_listings(session, [npi])
    assert may_be_kept(app, f"/providers/{npi}") == (False, False)
    assert Read(open_browser(app).get(f"/providers/{npi}").text).data == []


@pytest.mark.parametrize("path", ["/", "/treatment", CITY, "provider"])
def test_nothing_of_a_demo_is_kept(app: Flask, path: str) -> None:
    npi = some_near()[0]
    with writing() as session:
        session.add(demo_release())
        next_version(session, now=datetime(2026, 11, 3, tzinfo=UTC))
    path = path.replace("provider", f"/providers/{npi}")
    for _again in range(2):
        assert may_be_kept(app, path) == (False, False)


def excluded(npi: str, *, waiver: str | None = None) -> Exclusion:
    return Exclusion(
        entry=npi,
        npi=npi,
        exclusion_type="1128b4",
        excluded_on=TODAY,
        waiver_state=waiver,
        source=Source.EXCLUSIONS,
        as_of=TODAY,
    )


def demo_release() -> Release:
    return Release(
        source=Source.DEMO,
        file_name="seeds/demo",
        file_digest="",
        released_on=TODAY,
        is_full=True,
        rows=1,
        loaded_at=datetime(2026, 11, 2, tzinfo=UTC),
    )
