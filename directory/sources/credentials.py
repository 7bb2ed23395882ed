"""Credentials: free text in the file, one spelling here."""

import re
from functools import lru_cache

_SPELLED = {
    each.upper(): each
    for each in ("PhD", "PharmD", "PsyD", "AuD", "EdD", "DrPH", "ScD", "RPh", "MEd", "Jr", "Sr")
}
# The letters of one credential may stand apart: "M. D.", "M D".
_APART = re.compile(r"\b([A-Z])(?:\.\s*|\s+)(?=[A-Z]\b)")
_BETWEEN = re.compile(r"[\s,;/&]+")
_TRAILING_NUMBER = re.compile(r"[0-9]+$")
_NOTHING = frozenset({"", "AND", "NONE", "NA", "NULL"})
_CACHED = 1 << 14
_LONGEST = 60


@lru_cache(_CACHED)
def normalized_credential(text: str) -> str | None:
    """Return the credentials in one spelling, in the order given, each once.

    >>> normalized_credential("M. D., PH.D."), normalized_credential("MS CCC-A FAAA")
    ('MD, PhD', 'MS, CCC-A, FAAA')
    """
    kept: list[str] = []
    for part in _BETWEEN.split(_APART.sub(r"\1", text.upper())):
        word = _TRAILING_NUMBER.sub("", part.replace(".", "")).strip("-'()")
        credential = _SPELLED.get(word, word)
        is_longer = len(", ".join([*kept, credential])) > _LONGEST
        if len(word) < 2 or word in _NOTHING or credential in kept or is_longer:
            continue
        kept.append(credential)
    return ", ".join(kept) or None
