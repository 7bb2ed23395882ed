"""Sitemaps, robots.txt, and the addresses they name."""

from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from flask import current_app

from directory.core.http import public_url
from directory.discovery.queries import SitemapEntry
from directory.search.query.request import PARAMETERS


def languages() -> tuple[str, ...]:
    """Return the languages of the site; the first is the one without a prefix."""
    found: tuple[str, ...] = current_app.extensions["languages"]
    return found


def addresses(endpoint: str, **values: Any) -> dict[str, str]:
    """Return the address of a page in each language."""
    return {each: public_url(endpoint, language=each, **values) for each in languages()}


def alternates(found: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the alternates: each language its own URL, and the first as the default."""
    return (*found.items(), ("x-default", next(iter(found.values()))))


# Pages that say `noindex` have to be read for it to be seen, so they stay allowed. These are no
# pages, or one of the numberless combinations of a search, which are not worth the reading.
_NO_PAGES = ("/api/", "/suggest", "/demo/")


def what_is_indexed() -> str:
    """Return the rules of a site whose professionals are to be found."""
    combined = [f"/search?*{name}=" for name in PARAMETERS if name != "near"]
    prefixes = ["", *(f"/{language}" for language in languages()[1:])]
    rules = [f"Disallow: {prefix}{path}" for prefix in prefixes for path in (*_NO_PAGES, *combined)]
    sitemap = public_url("discovery.index")
    return "\n".join(["User-agent: *", *rules, "Allow: /", "", f"Sitemap: {sitemap}", ""])


def nothing() -> str:
    """Return the rules of a demo: invented people must not be found."""
    return "User-agent: *\nDisallow: /\n"


_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)


def index(sitemaps: Iterable[str]) -> str:
    """Return the list of the sitemaps at these addresses."""
    rows = "".join(f"<sitemap><loc>{escape(each)}</loc></sitemap>\n" for each in sitemaps)
    return f"{_DECLARATION}<sitemapindex {_NAMES.split()[0]}>\n{rows}</sitemapindex>\n"


def of_pages(pages: Iterable[Mapping[str, str]]) -> str:
    """Return a sitemap of pages, each given by its address in every language."""
    return _urlset(_rows(page) for page in pages)


def of_professionals(entries: Iterable[SitemapEntry]) -> str:
    """Return a sitemap of the pages of professionals."""
    # Building a URL takes longer than all the rest; they differ in the NPI only.
    beginnings = addresses("profiles.provider", npi="")
    return _urlset(
        _rows({language: f"{url}{entry.npi}" for language, url in beginnings.items()}, entry)
        for entry in entries
    )


def _urlset(rows: Iterable[str]) -> str:
    return f"{_DECLARATION}<urlset {_NAMES}>\n{''.join(rows)}</urlset>\n"


def _rows(page: Mapping[str, str], entry: SitemapEntry | None = None) -> str:
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{language}" href="{escape(url)}"/>'
        for language, url in alternates(page)
    )
    changed = f"<lastmod>{entry.changed_on.isoformat()}</lastmod>" if entry else ""
    return "".join(
        f"<url><loc>{escape(url)}</loc>{changed}{links}</url>\n" for url in page.values()
    )
