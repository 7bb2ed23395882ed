"""The parts of a card that are the same wherever somebody searches from, rendered once."""

from flask import current_app
from markupsafe import Markup

from directory.core.memory import memory_of
from directory.search.labels import language_name
from directory.search.results import Card

_KEPT = 16_384  # about two kilobytes each


def card_part(part: str, card: Card, *, language: str, script_root: str, tag: str) -> Markup:
    """Return the facts or the actions of a card, of the version of the data with this tag.

    Nothing else changes them: the language of the request, and what its addresses begin with.
    """
    kept = memory_of("search-card-parts", _KEPT).of(tag)
    # The card is known by being the same object, and kept so that no other takes its identity.
    key = (id(card), part, language, script_root)
    known: tuple[Card, Markup] | None = kept.get(key)
    if known is None:
        known = kept[key] = (card, _rendered(part, card))
    return known[1]


def _rendered(part: str, card: Card) -> Markup:
    macros = current_app.jinja_env.get_template("macros/card.html").module
    html: Markup = getattr(macros, part)(card, _languages(card))
    return html


def _languages(card: Card) -> list[str]:
    """Return the names of the languages; English alone goes without saying."""
    if card.languages in ((), ("en",)):
        return []
    return [language_name(code) for code in card.languages]
