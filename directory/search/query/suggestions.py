"""Names to choose from: while somebody types one, and when nobody bears what they typed."""

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from sqlalchemy.orm import Session, aliased

from directory.search.index.cell_reader import begins_with
from directory.search.index.models import ListingName
from directory.search.index.name_words import parse_name
from directory.search.index.packed_listing import RECORD

MOST_SUGGESTIONS = 8
SHORTEST_TYPED = 2
_ALIKE = 70.0  # of 100: "jonson" and "johnson" are 92
_TRIED = 40  # endings that are tried with the words before them
_LIKELIEST = 4  # spellings of a word that are tried beside those of the others


@dataclass(frozen=True)
class _Word:
    """A word of names, and in how many listings it is."""

    text: str
    count: int


def names_that_begin(session: Session, text: str, *, as_of: int) -> tuple[str, ...]:
    """Return names that the text begins, the most frequent first; for typing.

    Only the last word is completed. What stands before it is kept as it was typed, and
    somebody has to bear both.
    """
    before, _, begun = text.rpartition(" ")
    last = _typed_words(begun)
    if len(last) != 1:
        return ()
    earlier = _typed_words(before)
    found = _words(session, last, as_of=as_of, most=_TRIED if earlier else MOST_SUGGESTIONS)
    endings = [word.text for word in found]
    if earlier and endings:
        borne = _borne_together(session, [*([word] for word in earlier), endings], as_of=as_of)
        endings = [words[-1] for words in borne]
    completed = (_as_begun(begun, word[len(last[0]) :]) for word in endings)
    return tuple(f"{before} {word}".strip() for word in completed)[:MOST_SUGGESTIONS]


def names_alike(session: Session, text: str, *, as_of: int) -> tuple[str, ...]:
    """Return names that somebody bears and that look like this one, the likeliest first.

    The first two letters of each word have to be right.
    """
    typed = _typed_words(text)
    if not typed:
        return ()
    found = _words(session, [word[:SHORTEST_TYPED] for word in typed], as_of=as_of)
    alike = [_alike(word, found) for word in typed]
    if len(typed) == 1:
        return tuple(_as_written(word) for word in alike[0] if word != typed[0])[:MOST_SUGGESTIONS]
    likely = [words[:_LIKELIEST] for words in alike]
    borne = _borne_together(session, likely, as_of=as_of)
    written = (" ".join(map(_as_written, words)) for words in borne if list(words) != typed)
    return tuple(written)[:MOST_SUGGESTIONS]


def _typed_words(text: str) -> list[str]:
    name = parse_name(text)
    words = [] if name is None else ["".join(word.pieces) for word in name.words]
    return [word for word in words if len(word) >= SHORTEST_TYPED]


def _as_written(word: str) -> str:
    return word.capitalize()


def _as_begun(begun: str, rest: str) -> str:
    """Return the word as its beginning was typed, accents and all.

    A browser shows only those suggestions that hold the typed text.
    """
    begun = begun.capitalize() if begun in (begun.lower(), begun.upper()) else begun
    return begun + rest


def _words(
    session: Session, beginnings: Iterable[str], *, as_of: int, most: int | None = None
) -> list[_Word]:
    """Return the words with these beginnings that somebody bears, the most frequent first."""
    at, newer, words = ListingName, aliased(ListingName), ListingName.__table__.c
    size = sa.func.length(at.records)
    statement = (
        sa.select(at.word, size)
        .where(
            sa.or_(*(begins_with(words.word, each) for each in sorted(set(beginnings)))),
            at.since <= as_of,
            size > 0,
            ~sa.exists().where(newer.word == at.word, newer.since > at.since, newer.since <= as_of),
        )
        .order_by(size.desc(), at.word)
        .limit(most)
    )
    return [_Word(word, size // RECORD.itemsize) for word, size in session.execute(statement)]


def _alike(typed: str, found: Sequence[_Word]) -> list[str]:
    """Return the words that look like the typed one; frequent ones win over slightly better."""
    counts = {word.text: word.count for word in found}
    scored = process.extract(
        typed, list(counts), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=None
    )
    ranks = {word: score + math.log2(counts[word]) for word, score, _ in scored}
    if typed in ranks:
        ranks[typed] = math.inf  # somebody is called this, so it is no mistake
    return sorted(ranks, key=lambda word: (-ranks[word], word))


def _borne_together(
    session: Session, likely: Sequence[Sequence[str]], *, as_of: int
) -> list[tuple[str, ...]]:
    """Return those choices of one word each that are in the name of one professional."""
    at = ListingName
    wanted = {word for words in likely for word in words}
    statement = (
        sa.select(at.word, at.records)
        .where(at.word.in_(sorted(wanted)), at.since <= as_of)
        .order_by(at.since)
    )
    npis = {
        word: np.frombuffer(records, RECORD)["npi"] for word, records in session.execute(statement)
    }
    choices: list[tuple[str, ...]] = [()]
    for words in likely:
        choices = [
            (*chosen, word)
            for chosen in choices
            for word in words
            if word in npis and _is_borne([npis[each] for each in (*chosen, word)])
        ]
    return choices


def _is_borne(npis: Sequence[NDArray[np.uint32]]) -> bool:
    return len(functools.reduce(np.intersect1d, npis)) > 0
