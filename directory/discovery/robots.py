"""What robots.txt says."""

from directory.core.links import public_url
from directory.discovery.addresses import languages
from directory.search.forms import PARAMETERS

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
