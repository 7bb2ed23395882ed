"""Plain text: trimming, normalizing for comparison, and formatting for display."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def squeezed(text: str) -> str:
    """Return the text without outer blanks and with single blanks inside."""
    return _SPACES.sub(" ", text).strip()


def stripped(text: str | None) -> str | None:
    """A form filter: drop outer blanks and NULs, which PostgreSQL refuses; leave None alone."""
    return text.replace("\x00", "").strip() if text is not None else None


def folded(text: str) -> str:
    """Return the text for comparison: no accents, lower case, words of a-z and 0-9 apart.

    >>> folded("Peña-O'Neil, José")
    'pena o neil jose'
    """
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", plain.lower()).strip()


def digits(text: str) -> str:
    """Return only the digits 0-9 of the text."""
    return "".join(char for char in text if char in "0123456789")


def phone_text(phone: str) -> str:
    """Return a phone number formatted for display; one of another length is unchanged.

    >>> phone_text("+1 312-555-0142")
    '+1 312-555-0142'
    >>> phone_text("3125550142")
    '(312) 555-0142'
    """
    only = digits(phone)
    return f"({only[:3]}) {only[3:6]}-{only[6:]}" if len(only) == 10 else phone


def phone_url(phone: str) -> str:
    """Return the tel: URL of the number, without its extension."""
    dialed = phone.split("x")[0]
    return "tel:" + "".join(char for char in dialed if char in "+0123456789")


def single_line(text: str) -> str:
    """Return the text without line breaks and control characters."""
    return squeezed("".join(char if char.isprintable() else " " for char in text))


def masked_email(address: str, *, mark: str = "•••") -> str:
    """Return an address that its owner recognizes but others cannot use.

    >>> masked_email("inbox@clinic.example.org")
    'i•••@clinic.example.org'
    """
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{mark}@{domain}"
