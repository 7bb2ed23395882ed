"""Names and addresses that a file gives in capitals, written as people write them."""

import re
from collections.abc import Callable
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_NUMERALS = frozenset({"II", "III", "IV", "VI", "VII", "VIII"})
_SMALL = frozenset({"and", "at", "by", "for", "in", "of", "on", "the", "to"})
_DIRECTIONS = frozenset({"NE", "NW", "SE", "SW", "N", "S", "E", "W"})
_ADDRESS_CAPITALS = _DIRECTIONS | {"PO", "US", "FM", "CR", "SR", "MLK", "JFK"}
_COMPANY_CAPITALS = _DIRECTIONS | frozenset(
    {"LLC", "LLP", "PLLC", "PLC", "LP", "PA", "PC", "SC", "APC", "PSC"}
    | {"MD", "DO", "DDS", "DMD", "DPM", "DC", "OD", "PT", "NP", "RN"}
    | {"CT", "EMS", "ENT", "ER", "ICU", "MRI", "OB", "OBGYN", "PET", "VA", "UC", "US", "USA"}
    | {"NY", "NYU", "UCLA", "USC", "UAB", "UNC", "UT", "UF"}
)
# Words without a vowel are initials, but for these.
_NOT_INITIALS = frozenset({"DR", "ST", "MT", "FT", "LTD", "MR", "MRS", "MS", "JR", "SR"})
_VOWELS = frozenset("AEIOUY")
_CACHED = 1 << 16


@lru_cache(_CACHED)
def person_name(text: str) -> str:
    """Return a person's name for display; one that is not all in capitals stays as it is.

    >>> person_name("O'NEIL-MCDONALD"), person_name("DE LA CRUZ"), person_name("deGroot")
    ("O'Neil-McDonald", 'De La Cruz', 'deGroot')
    """
    return _rewritten(text, lambda word: word if word in _NUMERALS else _capitalized(word))


def organization_name(text: str) -> str:
    """Return an organization's name for display; initials stay in capitals.

    >>> organization_name("ST. MARY'S HEADACHE CENTER OF THE SOUTH, P.A. LLC")
    "St. Mary's Headache Center of the South, P.A. LLC"
    """
    # The first letter stays as it came: "THE" is small only further on.
    return text[:1] + _rewritten(text, _company_word)[1:]


@lru_cache(_CACHED)
def address_line(text: str) -> str:
    """Return a street or city for display.

    >>> address_line("1600 25TH ST NE STE 4B"), address_line("MCALLEN")
    ('1600 25th St NE Ste 4B', 'McAllen')
    """
    return _rewritten(text, _address_word)


def _rewritten(text: str, word_of: Callable[[str], str]) -> str:
    if text != text.upper():
        return text
    return _WORD.sub(lambda match: word_of(match[0]), text)


def _capitalized(word: str) -> str:
    if "'" in word:
        first, *rest = word.split("'")
        ends = (part.lower() if len(part) == 1 else _capitalized(part) for part in rest)
        return "'".join((_capitalized(first), *ends))
    if word.startswith("MC") and len(word) > 3:
        return "Mc" + word[2:].capitalize()
    return word.capitalize()


def _company_word(word: str) -> str:
    if word in _COMPANY_CAPITALS or word in _NUMERALS or len(word) == 1:
        return word
    if len(word) <= 5 and not _VOWELS & set(word) and word not in _NOT_INITIALS:
        return word
    return word.lower() if word.lower() in _SMALL else _capitalized(word)


def _address_word(word: str) -> str:
    if word in _ADDRESS_CAPITALS or len(word) == 1:
        return word
    # A suite such as 4B or A210, but not the 25TH street.
    if word[0].isdigit() and not word.endswith(("ST", "ND", "RD", "TH")):
        return word
    return _capitalized(word)
