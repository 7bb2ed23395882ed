"""The parts of a card that are the same wherever somebody searches from, rendered once."""

import functools

from flask import current_app
from markupsafe import Markup

from directory.search.labels import language_name
from directory.search.results import Card

_KEPT = 8192  # about two kilobytes each


@functools.lru_cache(maxsize=_KEPT)
def card_part(part: str, card: Card, _language: str, _script_root: str) -> Markup:
    """Return the facts or the actions of a card.

    Nothing else changes them: the language of the request, and what its addresses begin with.
    """
    template = current_app.jinja_env.get_template(f"search/_card_{part}.html")
    html = template.render(card=card, languages=_languages(card))
    return Markup(html)  # noqa: S704 - the template has escaped it


def _languages(card: Card) -> list[str]:
    """Return the names of the languages; English alone goes without saying."""
    if card.languages in ((), ("en",)):
        return []
    return [language_name(code) for code in card.languages]
