"""What a person typed for a place, taken apart, and spellings that are close to it."""

import math
import re

from rapidfuzz import fuzz, process

from directory.core.text import folded
from directory.geo.gazetteer import City, cities_named, city_key, city_keys
from directory.geo.points import Point, PointError, rounded
from directory.geo.states import LONGEST_STATE_IN_WORDS, STATES, find_state

_COORDINATES = re.compile(
    r"\s*([+-]?[0-9]{1,2}(?:\.[0-9]{1,15})?)\s*,\s*([+-]?[0-9]{1,3}(?:\.[0-9]{1,15})?)\s*"
)
_ZIP = re.compile(r"([0-9]{5})(?:[- ]?[0-9]{4})?")
_FIVE_OR_NINE = re.compile(r"[0-9]{5}(?:[0-9]{4})?")
_COUNTRIES = ("united states of america", "united states", "u s a", "usa", "u s", "us")


def find_coordinates(text: str) -> Point | None:
    """Return the point of "42.0412,-87.6801", rounded to half a mile to keep homes private."""
    match = _COORDINATES.fullmatch(text)
    if match is None:
        return None
    try:
        return rounded(Point(float(match[1]), float(match[2])))
    except PointError:
        return None


def find_zip_code(text: str) -> str | None:
    """Return the first five digits of a ZIP code written with five or nine."""
    match = _ZIP.fullmatch(text.strip())
    return match[1] if match else None


def typed_words(text: str) -> list[str]:
    """Return the words of the text, folded, without the name of the country."""
    plain = folded(text)
    for country in _COUNTRIES:
        if plain.endswith(f" {country}"):
            plain = plain.removesuffix(country)
            break
    return plain.split()


def without_zip_code(words: list[str]) -> tuple[list[str], str | None]:
    """Return the words before the ZIP code at their end, and the ZIP code."""
    if len(words) >= 2 and len(words[-1]) == 4 and find_zip_code(" ".join(words[-2:])):
        return words[:-2], words[-2]
    if words and _FIVE_OR_NINE.fullmatch(words[-1]):
        return words[:-1], words[-1][:5]
    return words, None


def without_state(words: list[str]) -> tuple[list[str], str | None]:
    """Return the words before the state at their end, and the state's two letters."""
    for count in range(min(LONGEST_STATE_IN_WORDS, len(words)), 0, -1):
        state = find_state(" ".join(words[-count:]))
        if state is not None:
            return words[:-count], state
    return words, None


def looks_like_street(words: list[str]) -> bool:
    """Return whether this begins like a street address: a number, a word, and something more."""
    return (
        len(words) >= 3
        and any(char.isdigit() for char in words[0])
        and any(word.isalpha() for word in words[1:])
    )


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
