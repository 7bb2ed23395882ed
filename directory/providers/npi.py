"""The National Provider Identifier: ten digits with a check digit."""

from directory.core.errors import DirectoryError

_PREFIX = "80840"  # The card issuer prefix that the check digit includes (45 CFR 162.406).


class NPIError(DirectoryError):
    """The text is not an NPI."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text[:20]!r} is not an NPI: ten digits, the last a check digit.")
        self.text = text


def is_npi(text: str) -> bool:
    """Return whether the text is ten digits that begin with 1 or 2 and pass the Luhn check."""
    if len(text) != 10 or not (text.isascii() and text.isdigit()) or text[0] not in "12":
        return False
    return check_digit(text[:9]) == text[9]


def parse_npi(text: str) -> str:
    """Return the NPI without blanks around it, or raise `NPIError`."""
    npi = text.strip()
    if not is_npi(npi):
        raise NPIError(text)
    return npi


def check_digit(first_nine: str) -> str:
    """Return the tenth digit of an NPI."""
    total = 0
    for place, digit in enumerate(reversed(_PREFIX + first_nine)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
