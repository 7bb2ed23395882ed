"""What an email says: the value that is sealed while the message waits."""

import re
import unicodedata
from dataclasses import dataclass

from directory.core.dataclass_json import from_json, to_json
from directory.core.errors import DirectoryError

_LONGEST_SUBJECT = 200
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_NOT_IN_HEADERS = frozenset({"Cc", "Cs", "Zl", "Zp"})
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,60}\.[a-z0-9]{1,8}")
_MEDIA_TYPE = re.compile(r"text/[a-z]+(; ?[a-z]+=[A-Za-z0-9-]+)*")


class ContentError(DirectoryError):
    """An email cannot be written like this. The text never repeats what was in it."""


@dataclass(frozen=True)
class Attachment:
    """A small text file that goes with an email, such as a calendar file."""

    file_name: str  # ASCII letters, digits and dashes, then a dot and an ending
    media_type: str  # such as "text/calendar; method=PUBLISH"; the character set is ours to name
    text: str

    def __post_init__(self) -> None:
        if not _FILE_NAME.fullmatch(self.file_name) or not _MEDIA_TYPE.fullmatch(self.media_type):
            raise ContentError("An attachment needs a plain file name and a type such as text/csv.")


@dataclass(frozen=True)
class Content:
    """Subject, plain text, HTML and language of an email. Without HTML it is text only."""

    subject: str
    text: str
    html: str
    language: str
    reply_to: str | None = None
    attachment: Attachment | None = None

    def __post_init__(self) -> None:
        if not self.subject.strip() or len(self.subject) > _LONGEST_SUBJECT:
            raise ContentError(f"A subject has 1 to {_LONGEST_SUBJECT} characters.")
        if not is_one_line(self.subject):
            raise ContentError("A subject must be one line without control characters.")
        if not _LANGUAGE.fullmatch(self.language):
            raise ContentError("A language must be a tag such as en or es.")

    def to_json(self) -> str:
        """Return the text that is sealed."""
        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> "Content":
        """Return what `to_json` was given."""
        return from_json(cls, text)


def is_one_line(text: str) -> bool:
    """Return True if text is safe in a header: no line breaks and no control characters."""
    return not any(unicodedata.category(letter) in _NOT_IN_HEADERS for letter in text)
