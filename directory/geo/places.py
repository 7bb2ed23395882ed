"""Places people can search around, and what a typed text means, without any network."""

import functools
from dataclasses import dataclass

from directory.geo import gazetteer
from directory.geo.gazetteer import City
from directory.geo.place_text import (
    find_coordinates,
    find_zip_code,
    looks_like_street,
    suggestions,
    typed_words,
    without_state,
    without_zip_code,
)
from directory.geo.points import Point, Precision
from directory.geo.states import STATES
from directory.geo.suggestions import labels_that_begin

LONGEST_TEXT = 200
MOST_CHOICES = 8
_UNCLEAR_BEGINNING = 3  # letters from which on a text may be the beginning of a city
# A city with this many ZIP codes is meant even where its name alone says something else,
# a state ("New York") or the end of a street ("350 5th Ave New York").
_LARGE = 50

_NICKNAMES: dict[str, tuple[str, str]] = {
    "nyc": ("New York", "NY"),
    "n y c": ("New York", "NY"),
    "new york city": ("New York", "NY"),
    "manhattan": ("New York", "NY"),
    "la": ("Los Angeles", "CA"),
    "l a": ("Los Angeles", "CA"),
    "sf": ("San Francisco", "CA"),
    "san fran": ("San Francisco", "CA"),
    "philly": ("Philadelphia", "PA"),
    "vegas": ("Las Vegas", "NV"),
    "29 palms": ("Twentynine Palms", "CA"),
    "charlotte amalie": ("St Thomas", "VI"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a search starts. The query, typed again, leads back to this place."""

    label: str
    point: Point
    precision: Precision
    query: str
    state: str | None = None
    zip_code: str | None = None
    zip_count: int = 1  # How many ZIP codes a city has: the larger is the likelier.


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a text means: a place, others it may mean, or what was perhaps meant."""

    place: Place | None = None
    choices: tuple[Place, ...] = ()
    suggestions: tuple[str, ...] = ()
    needs_street_geocoder: bool = False


@functools.lru_cache(maxsize=4096)
def resolve(text: str) -> Resolution:
    """Return what the text means. Never raises, whatever the text."""
    if len(text) > LONGEST_TEXT:
        return Resolution()
    point = find_coordinates(text)
    if point is not None:
        label = f"{point.latitude:.2f}, {point.longitude:.2f}"
        return Resolution(Place(label, point, Precision.COORDINATES, label))
    words = _zip_code_last(typed_words(text))
    exact = _places_named(words)
    if exact:
        return _resolution(exact)
    return _resolve_parts(text, words)


@functools.lru_cache(maxsize=65_536)
def zip_position(zip_code: str) -> tuple[Point, Precision] | None:
    """Return where a ZIP code of five or nine digits is, and how well that is known."""
    five = find_zip_code(zip_code)
    if five is None:
        return None
    row = gazetteer.find_zip_row(five)
    if row is not None:
        return row.point, row.precision
    area = gazetteer.find_area(five[:3])
    return (area[0], Precision.AREA) if area else None


def zip_place(zip_code: str) -> Place | None:
    """Return the place of a ZIP code; an unknown one is where its neighbors are."""
    five = find_zip_code(zip_code)
    if five is None:
        return None
    row = gazetteer.find_zip_row(five)
    if row is not None:
        label = f"{row.city}, {row.state} {five}"
        return Place(label, row.point, row.precision, five, row.state, five)
    area = gazetteer.find_area(five[:3])
    if area is None:
        return None
    point, state = area
    return Place(f"{state} {five}", point, Precision.AREA, five, state, five)


def _resolve_parts(text: str, words: list[str]) -> Resolution:
    """Understand a text by its end: the ZIP code, else the city and state."""
    is_street = looks_like_street(words)
    before, zip_code = without_zip_code(words)
    found = _cities_at_end(text, before, is_address=is_street or "," in text)
    place = zip_place(zip_code) if zip_code else None
    if place is not None and not (place.precision is Precision.AREA and found):
        # The ZIP code wins, but a city of another state deserves a question.
        found = [place, *(other for other in found if other.state != place.state)]
    if found:
        return _resolution(found, is_street=is_street)
    misspelled = _city_piece(text) if is_street else before
    typed = " ".join(before)
    begun = labels_that_begin(typed) if len(typed) >= _UNCLEAR_BEGINNING else ()
    meant = dict.fromkeys((*begun, *suggestions(misspelled)))
    return Resolution(suggestions=tuple(meant)[:MOST_CHOICES], needs_street_geocoder=is_street)


def _city_piece(text: str) -> list[str]:
    """Return the words between the commas of an address that should be its city and state."""
    _, *pieces = text.split(",")
    return without_zip_code(typed_words(" ".join(pieces[-2:])))[0]


def _resolution(found: list[Place], *, is_street: bool = False) -> Resolution:
    return Resolution(found[0], tuple(found[1 : MOST_CHOICES + 1]), needs_street_geocoder=is_street)


def _zip_code_last(words: list[str]) -> list[str]:
    """Turn "60201 Evanston IL" round; "1600 Main St" begins with a house number."""
    first = zip_place(words[0]) if len(words) > 1 else None
    named = _places_named(words[1:]) if first else []
    if first and any(place.state == first.state for place in named):
        return [*words[1:], words[0]]
    return words


def _cities_at_end(text: str, words: list[str], *, is_address: bool) -> list[Place]:
    """Return the cities that the words, or as many of the last as make one, name."""
    exact = _cities_named(words)
    if exact or not is_address:
        return exact
    for start in range(1, len(words)):
        ending = words[start:]
        found = _cities_named(ending)
        if found and (without_state(ending)[1] or found[0].zip_count >= _LARGE):
            return found
    return _cities_named(without_zip_code(typed_words(text.rpartition(",")[2]))[0])


def _places_named(words: list[str]) -> list[Place]:
    """Return the cities and the state with exactly this name, the likeliest first."""
    places = _cities_named(words)
    name, state = without_state(words)
    if state is not None and not name:
        after = 1 if places and places[0].zip_count >= _LARGE else 0
        places.insert(after, _state_place(state))
    return places


def _cities_named(words: list[str]) -> list[Place]:
    name, state = without_state(words)
    if state is not None and name:
        in_state = [city for city in _cities_called(" ".join(name)) if city.state == state]
        if in_state:
            return [_city_place(in_state[0])]
    return [_city_place(city) for city in _cities_called(" ".join(words))]


def _cities_called(text: str) -> list[City]:
    found = list(gazetteer.cities_named(text))
    if text in _NICKNAMES:
        nicknamed = gazetteer.find_city(*_NICKNAMES[text])
        found = [nicknamed, *found] if nicknamed else found
    return found


def _city_place(city: City) -> Place:
    count = len(city.zip_codes)
    return Place(city.label, city.point, Precision.CITY, city.label, city.state, zip_count=count)


def _state_place(state: str) -> Place:
    name = STATES[state]
    if name in {"New York", "Washington"}:
        name = f"{name} State"  # Without the word, the text would lead to the city.
    return Place(name, gazetteer.state_point(state), Precision.STATE, name, state)
