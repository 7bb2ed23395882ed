"""Completions of city names."""

import itertools

from directory.core.text import folded, squeezed
from directory.geo import gazetteer
from directory.geo.place_text import typed_words, without_state
from directory.geo.states import STATES

MOST_SUGGESTED = 8
SHORTEST_BEGINNING = 2
_LONGEST_TEXT = 200
_MOST_LARGER = 4


def cities_that_begin(text: str) -> tuple[str, ...]:
    """Return the names of cities that the text begins, larger ones first: for typing.

    >>> cities_that_begin("evansv")[0]
    'Evansville, IN'
    """
    name, _, _ = text.partition(",")
    return tuple(_as_begun(name, label) for label in labels_that_begin(text))


def labels_that_begin(text: str) -> tuple[str, ...]:
    """Return the labels of the largest cities that the text begins, whatever it abbreviates."""
    if len(text) > _LONGEST_TEXT:
        return ()
    name, comma, state = text.rpartition(",")
    words = typed_words(name if comma else text)
    typed = " ".join(words)
    if sum(char.isalpha() for char in typed) < SHORTEST_BEGINNING:
        return ()
    begun = state.strip().lower() if comma else ""
    found = [city.label for city in gazetteer.cities_beginning(typed) if _is_in(city.state, begun)]
    before, own_state = without_state(words)
    if own_state is not None and before and not comma:
        own = gazetteer.cities_beginning(" ".join(before))
        found = [*(city.label for city in own if city.state == own_state), *found]
    return tuple(dict.fromkeys(found))[:MOST_SUGGESTED]


def larger_cities_that_begin(text: str, label: str) -> tuple[str, ...]:
    """Return cities larger than the one the text names, which it may have been meant to begin.

    >>> larger_cities_that_begin("evans", "Evans, CO")[:2]
    ('Evansville, IN', 'Evanston, IL')
    """
    city, comma, _ = label.partition(",")
    if not comma or gazetteer.city_key(text) != gazetteer.city_key(city):
        return ()
    larger = itertools.takewhile(lambda other: other != label, labels_that_begin(text))
    return tuple(larger)[:_MOST_LARGER]


def _is_in(state: str, begun: str) -> bool:
    return state.lower().startswith(begun) or STATES[state].lower().startswith(begun)


def _as_begun(typed: str, label: str) -> str:
    """Return the label, beginning as it was typed: "St. Louis, MO" for "st. lou".

    A browser shows only those suggestions that hold the typed text.
    """
    typed = squeezed(typed)
    if label.lower().startswith(typed.lower()):
        return label
    for key in ("".join(folded(typed).split()), gazetteer.city_key(typed)):
        for end in range(1, len(label)):
            if "".join(folded(label[:end]).split()) == key:
                begun = typed.title() if typed in (typed.lower(), typed.upper()) else typed
                return begun + label[end:]
    return label
