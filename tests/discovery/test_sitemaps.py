"""robots.txt and the sitemaps: followed as a search engine does, to every page."""

import xml.etree.ElementTree as ET
from datetime import date
from itertools import chain, pairwise

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from directory.core.db.database import writing
from directory.discovery.queries import cities_with_enough, shard, shard_starts
from directory.search.index.listings import refresh_listings
from tests.discovery.reading import Read
from tests.discovery.test_indexing import demo_release, excluded, some_near
from tests.factories import make_clinic, make_location, make_provider
from tests.inquiries.patient import open_browser
from tests.search.index.test_listings import deactivate, hide

NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
}


def get(app: Flask, address: str) -> TestResponse:
    answer = open_browser(app).get(address)
    assert answer.status_code == 200, address
    return answer


def sitemaps(app: Flask) -> list[str]:
    [rule] = [line for line in get(app, "/robots.txt").text.splitlines() if "Sitemap:" in line]
    index = ET.fromstring(get(app, rule.removeprefix("Sitemap: ")).text)
    return [each.text or "" for each in index.findall("s:sitemap/s:loc", NAMES)]


def listed(app: Flask) -> dict[str, dict[str, str]]:
    """Return each listed address with its alternates."""
    found = {}
    for sitemap in sitemaps(app):
        for url in ET.fromstring(get(app, sitemap).text).findall("s:url", NAMES):
            links = {
                link.attrib["hreflang"]: link.attrib["href"]
                for link in url.findall("x:link", NAMES)
            }
            found[url.findtext("s:loc", "", NAMES)] = links
    return found


def allowed(rules: str, address: str) -> bool:
    """Return whether robots.txt lets this address be read: the longest rule counts."""
    path = address.removeprefix("http://directory.test")
    matching = [
        (len(pattern), kind == "Allow")
        for line in rules.splitlines()
        if ": " in line
        for kind, pattern in [line.split(": ")]
        if kind in {"Allow", "Disallow"} and _matches(pattern, path)
    ]
    return max(matching)[1]


def _matches(pattern: str, path: str) -> bool:
    first, _star, rest = pattern.partition("*")
    return path.startswith(first) and rest in path[len(first) :]


def test_a_crawler_reaches_every_page_under_the_address_it_was_told(app: Flask) -> None:
    some_near()
    found, rules = listed(app), get(app, "/robots.txt").text
    assert len(found) == 2 * (7 + 1 + 3)  # in two languages: pages, a city, three professionals
    for address, links in found.items():
        answer = get(app, address)
        page = Read(answer.text)
        assert allowed(rules, address)
        assert page.is_indexed
        assert "X-Robots-Tag" not in answer.headers
        assert page.links == {"canonical": address, **links}
        assert all(found[links[other]] == links for other in ("en", "es"))


def test_whoever_should_not_be_found_is_not_listed(app: Flask) -> None:
    kept, hidden, gone, out, waived = some_near(5)
    with writing() as session:
        hide(session, hidden)
        deactivate(session, gone)
        session.add_all([excluded(out), excluded(waived, waiver="IL")])
        refresh_listings(session, [hidden, gone, out, waived])
    providers = {address.rpartition("/")[2] for address in listed(app) if "/providers/" in address}
    assert providers == {kept}


def test_shards_hold_everybody_once_and_no_more_than_their_size(session: Session) -> None:
    npis = []
    for places in (1, 1, 1, 3, 1, 2, 2):
        provider = make_provider(session)
        npis.append(provider.npi)
        for number in range(places):
            make_location(session, provider, line1=f"{number} Shard St")
    starts = list(shard_starts(session, size=3))
    shards = [[each.npi for each in shard(session, start, size=3)] for start in starts]
    assert list(chain(*shards)) == sorted(npis)
    assert max(map(len, shards)) == 3
    assert all(before[-1] < after[0] for before, after in pairwise(shards))


def test_a_page_changed_when_its_record_or_its_clinic_did(session: Session) -> None:
    alone, confirmed = (make_location(session, make_provider(session)) for _ in range(2))
    clinic = make_clinic(session, confirmed)
    clinic.facts_confirmed_on = date(2026, 11, 20)
    session.flush()
    days = {each.npi: each.changed_on for each in shard(session, "1000000000")}
    assert days == {alone.npi: date(2026, 11, 2), confirmed.npi: date(2026, 11, 20)}


def test_a_city_is_listed_once_however_it_is_written(session: Session) -> None:
    for city in ("EVANSTON", "Evanston", "CHICAGO"):
        for _ in range(3 if city != "CHICAGO" else 2):
            make_location(session, make_provider(session), city=city)
    assert cities_with_enough(session) == ["Evanston, IL"]


@pytest.mark.parametrize(
    "path",
    ["/sitemaps/places-0.xml", "/sitemaps/places-2.xml", "/sitemaps/providers-9999999999.xml"],
)
def test_a_sitemap_of_nobody_is_not_there(app: Flask, path: str) -> None:
    some_near()
    assert open_browser(app).get(path).status_code == 404


def test_a_sitemap_is_sent_again_only_when_something_changed(app: Flask) -> None:
    some_near()
    path = sitemaps(app)[-1]
    tag = get(app, path).headers["ETag"]
    assert open_browser(app).get(path, headers={"If-None-Match": tag}).status_code == 304
    some_near()
    assert open_browser(app).get(path, headers={"If-None-Match": tag}).status_code == 200


def test_robots_leave_out_what_is_no_page_and_every_combined_search(app: Flask) -> None:
    rules = get(app, "/robots.txt").text
    for path in ("/suggest?place=ev", "/api/v1/listings", "/es/search?near=60201&sort=distance"):
        assert not allowed(rules, path)
    for path in ("/", "/search?near=60201", "/es/treatment", "/inquiries/new?clinic=1"):
        assert allowed(rules, path)


def test_invented_people_are_not_to_be_found(app: Flask) -> None:
    npi = some_near()[0]
    with writing() as session:
        session.add(demo_release())
    assert get(app, "/robots.txt").text == "User-agent: *\nDisallow: /\n"
    for path in ("/sitemap.xml", "/sitemaps/pages.xml", f"/sitemaps/providers-{npi}.xml"):
        assert open_browser(app).get(path).status_code == 404
