"""Practice addresses: the key that says whether two of them are the same place."""

from directory.core.text import digits, folded

SHORT_WORDS = {
    "street": "st",
    "avenue": "ave",
    "av": "ave",
    "road": "rd",
    "boulevard": "blvd",
    "drive": "dr",
    "lane": "ln",
    "court": "ct",
    "place": "pl",
    "parkway": "pkwy",
    "highway": "hwy",
    "square": "sq",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
}
KEY_LENGTH = 160


def address_key(line1: str, zip_code: str) -> str:
    """Return the first line and ZIP folded, street words shortened.

    >>> address_key("1600 North Main Street", "602011234")
    '60201 1600 n main st'
    """
    words = (SHORT_WORDS.get(word, word) for word in folded(line1).split())
    return f"{digits(zip_code)[:5]} {' '.join(words)}"[:KEY_LENGTH]


def formatted_phone(text: str | None) -> str | None:
    """Return a US phone number as ``(847) 555-0142``, anything else as it came, blank as None."""
    if not text or not text.strip():
        return None
    number = digits(text)
    if len(number) == 11 and number.startswith("1"):
        number = number[1:]
    if len(number) != 10:
        return text.strip()
    return f"({number[:3]}) {number[3:6]}-{number[6:]}"
