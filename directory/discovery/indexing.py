"""Which pages search engines may index. Every other response says `noindex`."""

from flask import g, request
from werkzeug.wrappers import Response

from directory.geo.places import Place
from directory.geo.points import Precision
from directory.search.query.criteria import ENOUGH
from directory.search.query.request import SearchRequest
from directory.search.results.values import ResultPage

_KEY = "directory.is_indexed"
# The same whatever is loaded. A new page is not indexed before it is listed here.
FIXED_PAGES = frozenset(
    {
        "pages.home",
        "pages.treatment",
        "pages.data",
        "pages.privacy",
        "pages.accessibility",
        "selfcheck.start",
        "selfcheck.diary",
    }
)
INDEXED = FIXED_PAGES | {"search.results", "profiles.provider"}


def say_indexed(*, is_indexed: bool) -> None:
    """Note what the page says of itself, for the header of its answer."""
    request.environ[_KEY] = is_indexed


def is_demo_shown() -> bool:
    """Return whether this request showed invented people, who must not be found."""
    version = g.get("data_version")
    return version is not None and version.is_demo


def is_indexed_place(asked: SearchRequest, place: Place | None, page: ResultPage) -> bool:
    """Return whether these results are the one page of a city: unfiltered, first, with people."""
    return (
        place is not None
        and place.precision is Precision.CITY
        and asked == SearchRequest(near=asked.near)
        and not page.is_widened
        and page.total >= ENOUGH
    )


def mark(response: Response) -> Response:
    """Say of an answer that it is not for search engines, unless it is; for `after_request`."""
    is_moved = 300 <= response.status_code < 400 and response.status_code != 304
    if request.endpoint != "static" and not is_moved and not _is_indexed(response):
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _is_indexed(response: Response) -> bool:
    """Return what the URL and the page declare; a cached page declares the rest in its head."""
    if request.endpoint not in INDEXED or response.status_code not in {200, 304}:
        return False
    if request.endpoint == "search.results" and set(request.args) != {"near"}:
        return False
    return not is_demo_shown() and bool(request.environ.get(_KEY, True))
