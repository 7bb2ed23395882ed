"""The head of a page: metadata for search engines and link previews."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import current_app, request
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from directory.discovery import descriptions
from directory.discovery.indexing import INDEXED, is_demo_shown, is_indexed_place, say_indexed
from directory.discovery.schema_org import (
    Node,
    PageWords,
    breadcrumbs,
    item_list,
    medical_page,
    professional,
    script,
    the_condition,
    the_treatment,
    website,
)
from directory.discovery.sitemaps import addresses, alternates
from directory.geo.gazetteer import find_city
from directory.geo.places import Place
from directory.profiles.profile import Profile
from directory.search.query.criteria import DEFAULT_WITHIN
from directory.search.query.request import SearchRequest
from directory.search.results.values import ResultPage

_ABOUT = {"pages.treatment": the_treatment, "selfcheck.start": the_condition}


@dataclass(frozen=True)
class Head:
    """Canonical address, other languages and data; a page to be left alone has none of them."""

    is_indexed: bool
    kind: str = "website"  # in the words of Open Graph
    addresses: Mapping[str, str] = field(default_factory=dict)
    data: tuple[Markup, ...] = ()

    @property
    def canonical(self) -> str | None:
        """The one address of this page in its language."""
        return self.addresses.get(_language())

    @property
    def alternates(self) -> tuple[tuple[str, str], ...]:
        """Each language with its URL, and the default one."""
        return alternates(self.addresses)

    @property
    def site(self) -> str:
        """What full addresses begin with."""
        base: str = current_app.config["SETTINGS"].public_base_url
        return base


def head_of_page(title: str, description: str) -> Head:
    """Return the head of a page that is the same for everybody; of any other, `noindex`."""
    endpoint = request.endpoint or ""
    if endpoint not in INDEXED or endpoint.startswith("search.") or request.method == "POST":
        return _head(is_indexed=False)
    found = addresses(endpoint)
    address = _own(found)
    if endpoint == "pages.home":
        return _head(found, _website(address, description), is_indexed=True)
    nodes = [breadcrumbs(_start(), (title, address))]
    if about := _ABOUT.get(endpoint):
        nodes.append(medical_page(PageWords(title, description, address, _language()), about()))
    return _head(found, *nodes, is_indexed=True)


def head_of_profile(profile: Profile, description: str) -> Head:
    """Return the head of a professional's page; `noindex` for those not to be found."""
    if profile.exclusion or profile.is_out_of_use or profile.is_hidden:
        return _head(is_indexed=False)
    found = addresses("profiles.provider", npi=profile.npi)
    address = _own(found)
    way = [_start(), *_city(profile), (profile.full_name, address)]
    node = professional(profile, address=address, description=description)
    return _head(found, node, breadcrumbs(*way), is_indexed=True, kind="profile")


def head_of_results(asked: SearchRequest, place: Place | None, page: ResultPage) -> Head:
    """Return the head of results: the page of a city is indexed, every other search is not.

    Whatever is filtered, the canonical address is the place and the distance.
    """
    if place is None:
        return _head(is_indexed=False)
    within = asked.within if asked.within != DEFAULT_WITHIN else None
    found = addresses("search.results", near=place.query, within=within)
    if not is_indexed_place(asked, place, page):
        return _head(found, is_indexed=False)
    provider = _own(addresses("profiles.provider", npi=""))
    return _head(found, item_list(page, provider=provider), is_indexed=True)


def _head(
    found: Mapping[str, str] | None = None,
    *nodes: Node,
    is_indexed: bool,
    kind: str = "website",
) -> Head:
    is_indexed = is_indexed and not is_demo_shown()
    say_indexed(is_indexed=is_indexed)
    return Head(is_indexed, kind, found or {}, tuple(map(script, nodes)))


def _start() -> tuple[str, str]:
    return _("Search"), _own(addresses("pages.home"))


def _city(profile: Profile) -> list[tuple[str, str]]:
    """Return the step to the results of the professional's city, where we know that city."""
    place = profile.places[0] if profile.places else None
    city = find_city(place.city, place.state) if place else None
    if place is None or city is None:
        return []
    shown = f"{place.city}, {place.state}"
    return [(shown, _own(addresses("search.results", near=city.label)))]


def _website(address: str, description: str) -> Node:
    name = current_app.config["SETTINGS"].site_name
    words = PageWords(name, description, address, _language())
    return website(words, search=_own(addresses("search.results")))


def _own(found: Mapping[str, str]) -> str:
    """Return the address in the language of the page."""
    return found[_language()]


def _language() -> str:
    return str(get_locale())


# What templates call.
HEADS = {
    "head_of_page": head_of_page,
    "head_of_profile": head_of_profile,
    "head_of_results": head_of_results,
    "title_of_profile": descriptions.title_of_profile,
    "title_of_results": descriptions.title_of_results,
    "description_of_profile": descriptions.description_of_profile,
    "description_of_results": descriptions.description_of_results,
}
