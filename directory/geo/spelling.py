"""What a misspelled city or state was probably meant to be."""

import math

from rapidfuzz import fuzz, process

from directory.core.text import folded
from directory.geo.gazetteer import City, cities_named, city_key, city_keys
from directory.geo.states import STATES
from directory.geo.typed import without_state

_MOST = 5
_LONGEST = 40
_ALIKE = 80.0  # Of 100: one wrong letter in five.
_STATE_ALIKE = 85.0
_STATE_NAMES = {folded(name): code for code, name in STATES.items()}


def suggestions(words: list[str]) -> tuple[str, ...]:
    """Return names of cities and states that look like the words, the likeliest first."""
    text = " ".join(words)
    if len(text) > _LONGEST or sum(char.isalpha() for char in text) < 3:
        return ()
    name, state = without_state(words)
    if state is None:
        name, state = _without_misspelled_state(words)
    if not name:
        return (STATES[state],) if state else ()
    found = _cities_like(" ".join(name), state)
    return tuple(dict.fromkeys(city.label for city in found))[:_MOST]


def _without_misspelled_state(words: list[str]) -> tuple[list[str], str | None]:
    for count in (2, 1):
        state = _state_like(" ".join(words[-count:]))
        if state is not None:
            return words[:-count], state
    return words, None


def _state_like(text: str) -> str | None:
    match = process.extractOne(
        text, list(_STATE_NAMES), scorer=fuzz.ratio, score_cutoff=_STATE_ALIKE
    )
    return _STATE_NAMES[match[0]] if match else None


def _cities_like(name: str, state: str | None) -> list[City]:
    """Return cities with a name like this, in the state if one is given.

    Large cities win over slightly better matches: more people mean them.
    """
    best: dict[City, float] = {}
    key = city_key(name)
    for spelled in dict.fromkeys([key, key.replace("f", "ph")]):
        alike = process.extract(
            spelled, city_keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=None
        )
        for match, score, _ in alike:
            for city in _of_state(cities_named(match), state):
                rank = score + 2 * math.log2(len(city.zip_codes))
                best[city] = max(rank, best.get(city, 0.0))
    # The right name in the wrong state: offer first where that name is.
    elsewhere = list(cities_named(name)[:3]) if state else []
    return [*elsewhere, *sorted(best, key=lambda city: -best[city])]


def _of_state(found: tuple[City, ...], state: str | None) -> tuple[City, ...]:
    if state is None:
        return found[:1]
    return tuple(city for city in found if city.state == state)
