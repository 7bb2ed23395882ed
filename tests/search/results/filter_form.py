"""The filters of a results page as a browser sends them, and the count of each option."""

import re
from dataclasses import dataclass

import html5lib

Parameters = list[tuple[str, str]]
_NS = "{http://www.w3.org/1999/xhtml}"


@dataclass(frozen=True)
class Choice:
    """One choice of a filter, and what a browser would send with it alone in its filter."""

    name: str
    value: str
    count: int
    sent: Parameters


def heading_count(html: str) -> int:
    """Return how many professionals the heading of a results page says there are."""
    heading = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)
    assert heading, html
    number = re.match(r"\s*(\d+) professional", heading[1])
    assert number or "Nobody found" in heading[1], heading[1]
    return int(number[1]) if number else 0


def choices(html: str) -> list[Choice]:
    """Return every choice that says how many it would leave."""
    document = html5lib.parse(html)
    [form] = [
        each
        for each in document.iter(f"{_NS}form")
        if each.get("role") != "search" and each.get("id") != "compare"
    ]
    found = []
    for label in form.iter(f"{_NS}label"):
        counts = [each for each in label.iter(f"{_NS}span") if each.get("class") == "count"]
        if not counts:
            continue
        [box] = label.iter(f"{_NS}input")
        name, value = box.get("name"), box.get("value")
        sent = [pair for pair in _sent(form) if pair[0] != name]
        found.append(Choice(name, value, int(counts[0].text), [*sent, (name, value)]))
    return found


def links(html: str) -> dict[str, str]:
    """Return the addresses of all links by their text."""
    document = html5lib.parse(html)
    return {
        " ".join("".join(link.itertext()).split()): link.get("href", "")
        for link in document.iter(f"{_NS}a")
    }


def _sent(form) -> Parameters:  # type: ignore[no-untyped-def]
    sent = []
    for box in form.iter(f"{_NS}input"):
        if box.get("type") == "hidden" or box.get("checked") is not None:
            sent.append((box.get("name"), box.get("value")))
    for options in form.iter(f"{_NS}select"):
        selected = [each for each in options if each.get("selected") is not None]
        sent.append((options.get("name"), selected[0].get("value")))
    return sent
