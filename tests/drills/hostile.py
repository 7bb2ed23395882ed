"""Hostile input: texts, and request bodies made of them."""

import random
from collections.abc import Mapping, Sequence
from urllib.parse import quote_plus

LOUD = "HOSTILE"
SCRIPTS = (
    f"<script>alert('{LOUD}')</script>",
    f"\"><img src=x onerror=alert('{LOUD}')>",
    f"'><svg/onload=alert('{LOUD}')>",
    f"</textarea><script>alert('{LOUD}')</script>",
    f"{{{{7*7}}}}{LOUD}{{% raw %}}",
    f"javascript:alert('{LOUD}')",
)
INJECTIONS = (
    f"Jo\r\nBcc: {LOUD.lower()}@example.org",
    f"Jo\nX-{LOUD}: yes\n\nHello",
    f"=?utf-8?q?Jo=0D=0ABcc:_{LOUD.lower()}=40example.org?=",
    f"jo@example.org\r\nBcc: {LOUD.lower()}@example.org",
    f"jo@example.org,{LOUD.lower()}@example.org",
    f'"<script>alert({LOUD})</script>"@example.org',
    f"Jo\u2028Bcc: {LOUD.lower()}@example.org\u2029",
    f"Jo\x85X-{LOUD}: yes\x0b\x0c",
    f".\r\nMAIL FROM:<{LOUD.lower()}@example.org>\r\n.",
)
FORMULAS = (
    f'=HYPERLINK("http://example.org/{LOUD}")',
    f"@SUM(1+1)*cmd|' /C calc'!{LOUD}",
    f"+1-{LOUD}",
    f"\t=1+1{LOUD}",
)
LETTERS = (
    "\x00",
    f"a\x00{LOUD}",
    "\x1b[31m\x07\x08",
    "\u202e" + LOUD + "\u2066\u200f",
    "\ufeff\u200b\u00ad",
    "\ud800",  # half of a letter, as a broken program sends it
    "ﷺ" * 2000,
    "e" + "\u0301" * 3000,
    "\N{MATHEMATICAL FRAKTUR SMALL N}\N{BRAIN}" * 500,
    "é" * 100_000,
)
NUMBERS = (
    "9" * 5000,  # more digits than Python turns into a number
    "²",
    "١٢",
    "-1",
    "1e9",
    "NaN",
    "0x10",
    "1_0",
    "2147483648",
    "9223372036854775808",
    "2026-02-30",
    "9999-12-31",
    "0000-00-00",
    "10000-01-01",
    "+2026-11-24",
    "0001-01-01",
    "24:60",
    "12:00 \u202fPM",
)
OTHERS = (
    "",
    " ",
    "'; DROP TABLE inquiry; --",
    "%s%n%(name)s{0}",
    "../../etc/passwd",
    "http://127.0.0.1:9/" + LOUD,
    "jo@exämple.org",
    "jö@example.org",
    "jo@xn--.org",
    "jo@[127.0.0.1]",
    "yes",
    "none",
)
TEXTS = (*SCRIPTS, *INJECTIONS, *FORMULAS, *LETTERS, *NUMBERS, *OTHERS)

_FORM = "application/x-www-form-urlencoded"
_MOST_BYTES = 300 * 1024


def hostile_body(chance: random.Random, fields: Mapping[str, object]) -> tuple[bytes, str]:
    """Return the body of a form that is wrong in some ways, and its content type."""
    pairs = _pairs(fields)
    names = sorted({name for name, _ in pairs})
    for name in chance.sample(names, min(len(names), chance.randint(1, 3))):
        pairs = _spoiled(chance, pairs, name)
    return chance.choices(
        [_plain, _multipart, _cut, _odd_charset, _as_json, _huge, _garbage],
        weights=[12, 4, 1, 1, 1, 1, 1],
    )[0](chance, pairs)


Pairs = list[tuple[str, str]]


def _pairs(fields: Mapping[str, object]) -> Pairs:
    pairs: Pairs = []
    for name, value in fields.items():
        values = value if isinstance(value, list) else [value]
        pairs += [(name, str(each)) for each in values]
    return pairs


def _spoiled(chance: random.Random, pairs: Pairs, name: str) -> Pairs:
    others = [pair for pair in pairs if pair[0] != name]
    match chance.randint(0, 9):
        case 0:
            return others
        case 1:
            return [*pairs, *((name, chance.choice(TEXTS)) for _ in range(chance.randint(1, 50)))]
        case 2:
            return [*others, (chance.choice(TEXTS) or name, "y")]
        case _:
            return [*others, (name, chance.choice(TEXTS))]


def _encoded(pairs: Sequence[tuple[str, str]]) -> bytes:
    return "&".join(f"{_quoted(name)}={_quoted(text)}" for name, text in pairs).encode("ascii")


def _quoted(text: str) -> str:
    return quote_plus(text.encode("utf-8", "surrogatepass"))


def _plain(chance: random.Random, pairs: Pairs) -> tuple[bytes, str]:
    return _encoded(pairs)[:_MOST_BYTES], _FORM


def _multipart(chance: random.Random, pairs: Pairs) -> tuple[bytes, str]:
    parts = []
    for name, text in pairs:
        file = chance.choice(["", "", "", f'; filename="{LOUD}.html"'])
        kind = chance.choice(["", "", "Content-Type: text/html; charset=utf-7\r\n"])
        head = f'--cut\r\nContent-Disposition: form-data; name="{_safe(name)}"{file}\r\n{kind}\r\n'
        parts.append(head.encode() + text.encode("utf-8", "surrogatepass") + b"\r\n")
    body = b"".join(parts) + chance.choice([b"--cut--\r\n", b"--cut--\r\n", b""])
    return body[:_MOST_BYTES], chance.choice(
        ["multipart/form-data; boundary=cut"] * 6
        + ["multipart/form-data", "multipart/form-data; boundary=" + "x" * 300]
    )


def _cut(chance: random.Random, pairs: Pairs) -> tuple[bytes, str]:
    body = _encoded(pairs)
    return body[: chance.randint(0, len(body))] + b"%", _FORM


def _odd_charset(chance: random.Random, pairs: Pairs) -> tuple[bytes, str]:
    body = _encoded(pairs) + b"&message=%ff%fe%00%c0%80"
    return body, f"{_FORM}; charset={chance.choice(['utf-16', 'utf-7', 'none', LOUD])}"


def _as_json(chance: random.Random, pairs: Pairs) -> tuple[bytes, str]:
    bodies = [f'{{"message": ["{LOUD}", null, 1e999], "code": 1}}', f'[1, "{LOUD}"]', "{"]
    return chance.choice(bodies).encode(), "application/json"


def _huge(chance: random.Random, pairs: Pairs) -> tuple[bytes, str]:
    if chance.random() < 0.5:
        return _encoded(pairs) + b"&x=1" * 2000, _FORM
    return _encoded([*pairs, ("message", "x" * _MOST_BYTES)]), _FORM


def _garbage(chance: random.Random, pairs: Pairs) -> tuple[bytes, str]:
    return chance.randbytes(chance.randint(0, 4000)), _FORM


def _safe(name: str) -> str:
    """Return a name that leaves the head of a part as it is; its bytes are hostile enough."""
    return (
        "".join(letter for letter in name if letter not in '\r\n"')
        .encode("utf-8", "replace")
        .decode()
    )
