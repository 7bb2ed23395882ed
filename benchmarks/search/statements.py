"""How many SQL statements a page of results needs, and how many bytes travel for it."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from directory.core.db.database import db
from directory.search.index.models import Listing
from directory.web.languages import OTHERS

_KEPT = ("search-", "api-")  # how the names of what the slices keep in memory begin
# Kinds of pages of results.
KINDS = {
    "default": "near=60601",
    "one specialty": "near=60601&specialty=neurology",
    "several specialties": "near=10001&specialty=neurology&specialty=pain&specialty=nurse",
    "everybody": "near=60601&specialty=all",
    "all filters": "near=90012&sex=F&accepting=yes&telehealth=yes&inquiries=yes&language=es",
    "evidence": "near=60601&evidence=documented",
    "sorted by distance": "near=60601&sort=distance",
    "sorted by treatments": "near=60601&sort=documented",
    "few near, so further": "near=59801&within=5&specialty=eye",
    "nobody": "near=96799&within=5&specialty=eye&sex=X",
    "page 2": "near=10001&page=2",
    "behind the last page": "near=60601&page=9999",
    "name and place": "near=60601&name=lindqvist",
    "name alone": "name=lindqvist",
}


def measure_statements(app: Flask) -> dict[str, Any]:
    """Count the statements of every kind of page with no listing kept, and weigh the first."""
    first = statements_of(app, f"/search?{KINDS['default']}")
    statements_of(app, f"/api/v1/listings?{KINDS['default']}")
    # What is kept by another name would make every page look cheaper than it is.
    kept = {name for name in app.extensions if name.startswith(_KEPT)}
    assert "search-cells" in kept, f"kept elsewhere: {sorted(app.extensions)}"
    assert len(kept) > 1, f"kept elsewhere: {sorted(app.extensions)}"
    with app.app_context():
        npi = db.session.scalar(sa.select(Listing.npi).limit(1))
        listings = db.session.scalar(sa.select(sa.func.count()).select_from(Listing))
    paths = {
        "NPI": f"/search?name={npi}",
        **{name: f"/search?{query}" for name, query in KINDS.items()},
        **{f"in {language}": f"/{language}/search?{KINDS['default']}" for language in OTHERS},
        "JSON": f"/api/v1/listings?{KINDS['default']}",
    }
    return {
        "listings": listings,
        # What a process asks once and never again, such as whether this is a demo, is in here.
        "first_of_a_process": first,
        "statements": {name: statements_of(app, path) for name, path in paths.items()},
        "kilobytes": round(bytes_of(app, f"/search?{KINDS['default']}") / 1000, 1),
    }


def statements_of(app: Flask, path: str) -> int:
    """Return how many statements the page needs when no listing has been read before."""
    for name in [name for name in app.extensions if name.startswith(_KEPT)]:
        del app.extensions[name]
    with counted() as statements:
        answer = app.test_client().get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return len(statements)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Give a list that every statement is added to. Beginning a transaction is none."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def bytes_of(app: Flask, path: str) -> int:
    """Return the compressed bytes of a page together with everything that it loads."""
    page = _fetched(app, path)
    loads = _Loads()
    loads.feed(page.decode())
    parts = [page, *(_fetched(app, address) for address in sorted(loads.addresses))]
    return sum(len(gzip.compress(part, 6, mtime=0)) for part in parts)


def _fetched(app: Flask, path: str) -> bytes:
    answer = app.test_client().get(path)
    body: bytes = answer.data
    answer.close()  # a file that is sent stays open until then
    return body


class _Loads(HTMLParser):
    """Collects what a browser fetches for a page: styles, scripts, pictures and icons."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get("href") if tag == "link" else given.get("src")
        if tag == "link" and not {"stylesheet", "icon"} & set((given.get("rel") or "").split()):
            return
        if address and address.startswith("/"):
            self.addresses.add(address)
