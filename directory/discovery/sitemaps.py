"""Sitemaps as XML: each address in every language, with the others beside it."""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from directory.discovery.addresses import addresses, alternates
from directory.discovery.queries import Entry

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


def of_professionals(entries: Iterable[Entry]) -> str:
    """Return a sitemap of the pages of professionals."""
    # Making an address anew takes longer than all the rest; they differ in the NPI alone.
    beginnings = addresses("search.provider", npi="")
    return _urlset(
        _rows({language: f"{url}{entry.npi}" for language, url in beginnings.items()}, entry)
        for entry in entries
    )


def _urlset(rows: Iterable[str]) -> str:
    return f"{_DECLARATION}<urlset {_NAMES}>\n{''.join(rows)}</urlset>\n"


def _rows(page: Mapping[str, str], entry: Entry | None = None) -> str:
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{language}" href="{escape(url)}"/>'
        for language, url in alternates(page)
    )
    changed = f"<lastmod>{entry.changed_on.isoformat()}</lastmod>" if entry else ""
    return "".join(
        f"<url><loc>{escape(url)}</loc>{changed}{links}</url>\n" for url in page.values()
    )
