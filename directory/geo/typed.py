"""What people type into the place box, taken apart: coordinates, ZIP code, state, street."""

import re

from directory.core.text import folded
from directory.geo.points import Point, PointError, rounded
from directory.geo.states import LONGEST_STATE_IN_WORDS, find_state

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
    """Tell whether this begins like a street address: a number, a word, and something more."""
    return (
        len(words) >= 3
        and any(char.isdigit() for char in words[0])
        and any(word.isalpha() for word in words[1:])
    )
