"""Facts of a page for programs: JSON-LD in the words of schema.org."""

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

Node = dict[str, Any]

# Within a script element nothing may look like its end; two of these would end a line of script.
_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def script(node: Mapping[str, Any]) -> Markup:
    """Return the element that holds a node; browsers do not run it."""
    text = json.dumps(
        {"@context": "https://schema.org", **node}, ensure_ascii=False, separators=(",", ":")
    )
    return Markup('<script type="application/ld+json">{}</script>').format(
        Markup(text.translate(_ESCAPES))  # noqa: S704 - escaped just here
    )


def given(node: Mapping[str, Any]) -> Node:
    """Return the node without what is not known; an unknown fact is not stated."""
    return {name: value for name, value in node.items() if value not in (None, "", (), [])}


def one_or_all(values: list[Any]) -> Any:
    """Return a single value as itself, and several as a list."""
    return values[0] if len(values) == 1 else values


def breadcrumbs(*steps: tuple[str, str]) -> Node:
    """Return the way from the search to a page, each step with its name and address."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": address}
            for number, (name, address) in enumerate(steps, start=1)
        ],
    }
