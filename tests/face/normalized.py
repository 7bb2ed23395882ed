"""Takes out of what is rendered all that is random, and leaves everything else as it is."""

import csv
import gzip
import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import cache
from pathlib import Path

from directory.config import PROJECT_FOLDER

# The clock of a recording begins at 17:40 UTC. These are its hours from New York to Los Angeles.
_HOURS = r"(?:1|5|9|10|11|12|17)"
_PATTERNS = {
    "FORM": r"(?<![\w-])[\w-]{43}\.(?:\d{10}|[\w-]{6})\.[\w-]{27,43}(?![\w-])",
    "CSRF": r"[\w-]{20,}\.[\w-]{6}\.[\w-]{27}(?![\w-])",
    "MAIL": r"\b\d{8}T\d{12}-[0-9a-f]{8}\b",
    "UUID": r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    "TOKEN": r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{43}(?![\w-])",
    "ID": r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{22}(?![\w-])",
    "REFERENCE": r"(?:\b|(?<=%20))[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}\b",
    "HASH": r"(?<=[?&;]v=)[0-9a-f]{12}\b",
    "SITE": r"\b127\.0\.0\.1:\d+\b",
    "NOW": r"\b20270302T17[45]\d\d\dZ|\b2027-03-02T(?:1[0-2]|0?9|17):[45]\d:\d\d(?:\.\d+)?",
    "TIME": rf"\b{_HOURS}:[45]\d\b(?::\d\d)?",
}
# Nothing random, only as long as a public id.
_WORDS = frozenset({"isAcceptingNewPatients"})
_ITEMS = re.compile(r'(?<=<ul class="inbox" role="list">).*?(?=</ul>)', re.DOTALL)
_CODE = r"\b\d{6}\b"
_RANDOM = re.compile("|".join(f"(?P<{name}>{each})" for name, each in _PATTERNS.items()))
_RANDOM_IN_MAIL = re.compile(f"{_RANDOM.pattern}|(?P<CODE>{_CODE})")
_NOT_OF_MAIL = {"content-type", "content-transfer-encoding", "date", "message-id", "mime-version"}
_HEADERS = {
    *("content-type", "content-security-policy", "cache-control", "vary", "location", "allow"),
    *("x-robots-tag", "link", "referrer-policy", "content-disposition", "retry-after"),
    *("content-language", "access-control-allow-origin"),
}


def normalized(text: str, *, is_mail: bool = False) -> str:
    """Return the text with what is random replaced by names, numbered by first appearance."""
    seen: dict[str, str] = {}
    numbers: dict[str, int] = {}

    def name_of(found: re.Match[str]) -> str:
        kind, value = str(found.lastgroup), found[0]
        if value in _WORDS or value in _demo_ids():
            return value
        if kind in ("TIME", "NOW", "SITE", "HASH"):
            return kind
        if value not in seen:
            numbers[kind] = numbers.get(kind, 0) + 1
            seen[value] = f"{kind}{numbers[kind]}"
        return seen[value]

    return (_RANDOM_IN_MAIL if is_mail else _RANDOM).sub(name_of, text.replace("\r\n", "\n"))


def mailbox_page(text: str) -> str:
    """Return the page of the mailbox with its emails sorted: they come in any order."""
    return _ITEMS.sub(lambda found: _sorted_items(found[0]), text)


def _sorted_items(items: str) -> str:
    each = [normalized(item, is_mail=True) for item in items.split("</li>")]
    return "</li>".join(sorted(each))


def answer_text(status: int, headers: dict[str, str], body: str) -> str:
    """Return an answer of the site as text: its status, the headers that matter, its body."""
    given = {name.lower(): value for name, value in headers.items()}
    lines = [f"{name}: {given[name]}" for name in sorted(_HEADERS & given.keys())]
    return "\n".join([str(status), *lines, "", body])


def mail_text(content: bytes) -> str:
    """Return an email as text: its headers, then every part of it, decoded."""
    message = BytesParser(policy=policy.default).parsebytes(content)
    headers = [f"{name}: {value}" for name, value in message.items()]
    kept = [each for each in headers if each.partition(":")[0].lower() not in _NOT_OF_MAIL]
    parts = [_part_text(each) for each in message.walk() if not each.is_multipart()]
    return normalized("\n".join([*sorted(kept), message.get_content_type(), *parts]), is_mail=True)


def _part_text(part: EmailMessage) -> str:
    name = part.get_filename() or ""
    about = f"{part.get_content_type()} {part.get_content_charset()} {name}"
    return f"\n--- {about} {part.get_param('method') or ''}\n{part.get_content()}"


@cache
def _demo_ids() -> frozenset[str]:
    """Return the public ids of the demo's clinics, which are the same in every run."""
    file = Path(PROJECT_FOLDER) / "seeds/demo/clinics.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8", newline="") as rows:
        return frozenset(row["public_id"] for row in csv.DictReader(rows))
