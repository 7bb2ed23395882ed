"""Email addresses: validated for sending, and masked for display."""

import re
from email.utils import parseaddr, unquote

from directory.core.errors import DirectoryError
from directory.core.text import masked_email
from directory.outbox.mail.content import is_one_line

_LONGEST_ADDRESS = 254
# No spaces and no characters with a special meaning in headers or SMTP commands.
_PLAIN_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]+@[^\s<>()\[\],;:\\\"@]+")
_ANY_LOCAL_PART = re.compile(r"[^\s<>@]+@(?=[\w.-])")
_NAME_AND_ADDRESS = re.compile(r"\s*([^<>]*?)\s*<([^<>\s]*)>\s*")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_LINK = re.compile(r"(https?://[^\s/]+)\S+")


class RecipientError(DirectoryError):
    """We cannot write to this address. The text never repeats it."""


def checked_recipient(address: str) -> str:
    """Return the address if it is a single plain address, or raise `RecipientError`."""
    if not is_one_line(address):
        raise RecipientError("An email address must not hold line breaks or control characters.")
    if len(address) > _LONGEST_ADDRESS or not _PLAIN_ADDRESS.fullmatch(address):
        raise RecipientError("Write the email address like name@example.org, only one of them.")
    return address


def split_sender(text: str) -> tuple[str, str]:
    """Return name and address of a text such as ``Name <us@site.example>``; both may be empty.

    `parseaddr` alone takes an unquoted comma in a name for the end of a first address, and returns
    part of the name or nothing, depending on the version of Python.
    """
    found = _NAME_AND_ADDRESS.fullmatch(text)
    if found is None:
        return parseaddr(text)
    name, address = found.groups()
    return (unquote(name) if _QUOTED.fullmatch(name) else name), address


def domain_of(address: str) -> str:
    """Return what follows the @ sign."""
    return address.rpartition("@")[2]


def masked(address: str) -> str:
    """Return the address as operators see it: ``c***@example.org``."""
    return masked_email(address, mark="***")


def sanitized_reply(text: str, recipient: str, *, longest: int = 300) -> str:
    """Return a server's reply as one printable line without personal data."""
    return without_person(re.sub(r"[^ -~]+", " ", text), recipient)[:longest]


def without_person(text: str, recipient: str) -> str:
    """Return a server's reply without the local part of any address and without link paths.

    Servers repeat the address they refuse, and filters repeat links found in the message.
    """
    text = _ANY_LOCAL_PART.sub("***@", text)
    text = _LINK.sub(r"\1/...", text)
    local_part = re.escape(recipient.rpartition("@")[0])
    return re.sub(rf"(?i)(?<!\w){local_part}(?!\w)", "***", text) if local_part else text
