"""Reading a page as a search engine does: its head, its data, its text."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


@dataclass
class Read(HTMLParser):
    """What the head of a page says, and all its text."""

    page: str
    links: dict[str, str] = field(default_factory=dict)  # canonical, and alternates by language
    metas: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "link" and given.get("rel") in {"canonical", "alternate"}:
            self.links[given.get("hreflang", "canonical")] = given["href"]
        if tag == "meta":
            name = given.get("name") or given.get("property", "")
            self.metas.setdefault(name, []).append(given.get("content", ""))

    @property
    def data(self) -> list[dict[str, Any]]:
        """The blocks of JSON-LD."""
        return [json.loads(block) for block in _DATA.findall(self.page)]

    @property
    def text(self) -> str:
        """What people and search results show: title, description and the page."""
        shown = re.sub(r"<[^>]+>", " ", _DATA.sub(" ", self.page))
        words = [html.unescape(shown), *self.metas.get("description", [])]
        return " ".join(" ".join(words).split())

    @property
    def is_indexed(self) -> bool:
        """Whether a search engine may keep the page."""
        return "robots" not in self.metas


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield each thing with a type, however deep."""
    if isinstance(value, list):
        for each in value:
            yield from nodes(each)
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from nodes(each)


def node_of(page: Read, kind: str) -> dict[str, Any]:
    """Return the one thing of this type."""
    [found] = [each for each in nodes(page.data) if each["@type"] == kind]
    return found
