"""What an email says: the value that is sealed while the message waits."""

import json
import re
import unicodedata
from dataclasses import asdict, dataclass

from directory.core.errors import DirectoryError

_LONGEST_SUBJECT = 200
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_NOT_IN_HEADERS = frozenset({"Cc", "Cs", "Zl", "Zp"})


class ContentError(DirectoryError):
    """An email cannot be written like this. The text never repeats what was in it."""


@dataclass(frozen=True)
class Content:
    """Subject, plain text, HTML and language of an email. Without HTML it is text only."""

    subject: str
    text: str
    html: str
    language: str

    def __post_init__(self) -> None:
        if not self.subject.strip() or len(self.subject) > _LONGEST_SUBJECT:
            raise ContentError(f"A subject has 1 to {_LONGEST_SUBJECT} characters.")
        if not is_one_line(self.subject):
            raise ContentError("A subject must be one line without control characters.")
        if not _LANGUAGE.fullmatch(self.language):
            raise ContentError("A language must be a tag such as en or es.")

    def to_json(self) -> str:
        """Return the text that is sealed."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Content":
        """Return what `to_json` was given."""
        return cls(**json.loads(text))


def is_one_line(text: str) -> bool:
    """Tell whether text may stand in a header: no line break of any kind, no control character."""
    return not any(unicodedata.category(letter) in _NOT_IN_HEADERS for letter in text)
