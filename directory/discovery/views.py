"""robots.txt and the sitemaps; empty on a demo."""

from collections.abc import Callable

from flask import Blueprint, abort, current_app
from werkzeug.wrappers import Response

from directory.core.db.database import db
from directory.core.http import public, public_tag, public_url, unchanged
from directory.core.versioned_cache import cache_named
from directory.discovery import sitemaps
from directory.discovery.heads import HEADS
from directory.discovery.indexing import FIXED_PAGES, mark
from directory.discovery.queries import cities_with_enough, shard, shard_starts
from directory.discovery.sitemaps import addresses
from directory.search.index.data_versions import version_of_request

discovery_bp = Blueprint("discovery", __name__)
discovery_bp.after_app_request(mark)
discovery_bp.record_once(lambda state: state.app.jinja_env.globals.update(HEADS))

_PLACES_A_SHARD = 10_000
_KEPT_LISTS = 2  # where the shards begin, and the cities


@discovery_bp.get("/robots.txt")
def robots_txt() -> Response:
    """Return robots.txt with the sitemap index."""
    is_demo = version_of_request(db.session()).is_demo
    text = sitemaps.nothing() if is_demo else sitemaps.what_is_indexed()
    response = Response(text, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@discovery_bp.get("/sitemap.xml")
def index() -> Response:
    """List the sitemaps."""
    return _xml(lambda: sitemaps.index(_all_sitemaps()))


@discovery_bp.get("/sitemaps/pages.xml")
def pages() -> Response:
    """List the pages that are there whatever is loaded."""
    return _xml(lambda: sitemaps.of_pages(map(addresses, sorted(FIXED_PAGES))))


@discovery_bp.get("/sitemaps/places-<int:number>.xml")
def places(number: int) -> Response:
    """List the results of cities."""
    return _xml(lambda: sitemaps.of_pages(map(_results_of, _cities_of(number) or abort(404))))


@discovery_bp.get("/sitemaps/providers-<int(fixed_digits=10):first>.xml")
def providers(first: int) -> Response:
    """List the professionals from this NPI on, as many as a shard holds."""
    return _xml(lambda: sitemaps.of_professionals(shard(db.session(), str(first)) or abort(404)))


def _xml(make: Callable[[], str]) -> Response:
    """Return what is made of this version of the data, unless the crawler has it already."""
    version = version_of_request(db.session())
    if version.is_demo:
        abort(404)
    tag = public_tag(version.tag, current_app.config["SETTINGS"].public_base_url)
    return unchanged(tag) or public(make(), tag, content_type="application/xml; charset=utf-8")


def _all_sitemaps() -> list[str]:
    shards = range(1, -(-len(_cities()) // _PLACES_A_SHARD) + 1)
    return [
        public_url("discovery.pages"),
        *(public_url("discovery.places", number=number) for number in shards),
        *(public_url("discovery.providers", first=int(npi)) for npi in _starts()),
    ]


def _results_of(city: str) -> dict[str, str]:
    return addresses("search.results", near=city)


def _cities_of(number: int) -> list[str]:
    start = (number - 1) * _PLACES_A_SHARD
    return _cities()[start : start + _PLACES_A_SHARD] if number else []


def _starts() -> list[str]:
    return _kept("starts", lambda: list(shard_starts(db.session())))


def _cities() -> list[str]:
    return _kept("cities", lambda: cities_with_enough(db.session()))


def _kept(name: str, make: Callable[[], list[str]]) -> list[str]:
    """Return a list of this version of the data, built on first use."""
    kept = cache_named("sitemaps", _KEPT_LISTS).of(version_of_request(db.session()).tag)
    if name not in kept:
        kept[name] = make()
    found: list[str] = kept[name]
    return found
