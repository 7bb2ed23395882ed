"""Suggested names: completions while typing, and similar names when none was found."""

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
_MIN_SIMILARITY = 70.0  # of 100: "jonson" and "johnson" are 92
_MAX_COMPLETIONS = 40  # completions that are checked against the words before them
_SPELLINGS_PER_WORD = 4  # that are combined with those of the other words


@dataclass(frozen=True)
class _Word:
    """A word of names, and the number of listings it is in."""

    text: str
    count: int


def names_that_begin(session: Session, text: str, *, as_of: int) -> tuple[str, ...]:
    """Return completions of a name as it is typed, the most frequent first.

    Only the last word is completed. The words before it are kept as typed, and all words must
    be in the name of one professional.
    """
    before, _, begun = text.rpartition(" ")
    last = _typed_words(begun)
    if len(last) != 1:
        return ()
    preceding = _typed_words(before)
    found = _words(
        session, last, as_of=as_of, most=_MAX_COMPLETIONS if preceding else MOST_SUGGESTIONS
    )
    endings = [word.text for word in found]
    if preceding and endings:
        combined = _in_one_name(session, [*([word] for word in preceding), endings], as_of=as_of)
        endings = [words[-1] for words in combined]
    completed = (_as_begun(begun, word[len(last[0]) :]) for word in endings)
    return tuple(f"{before} {word}".strip() for word in completed)[:MOST_SUGGESTIONS]


def names_alike(session: Session, text: str, *, as_of: int) -> tuple[str, ...]:
    """Return existing names similar to this one, the most likely first.

    The first two letters of each word must match.
    """
    typed = _typed_words(text)
    if not typed:
        return ()
    found = _words(session, [word[:SHORTEST_TYPED] for word in typed], as_of=as_of)
    alike = [_alike(word, found) for word in typed]
    if len(typed) == 1:
        return tuple(_as_written(word) for word in alike[0] if word != typed[0])[:MOST_SUGGESTIONS]
    likely = [words[:_SPELLINGS_PER_WORD] for words in alike]
    combined = _in_one_name(session, likely, as_of=as_of)
    written = (" ".join(map(_as_written, words)) for words in combined if list(words) != typed)
    return tuple(written)[:MOST_SUGGESTIONS]


def _typed_words(text: str) -> list[str]:
    name = parse_name(text)
    words = [] if name is None else ["".join(word.pieces) for word in name.words]
    return [word for word in words if len(word) >= SHORTEST_TYPED]


def _as_written(word: str) -> str:
    return word.capitalize()


def _as_begun(begun: str, rest: str) -> str:
    """Return the word with its beginning as typed, including accents.

    A browser shows only suggestions that contain the typed text.
    """
    begun = begun.capitalize() if begun in (begun.lower(), begun.upper()) else begun
    return begun + rest


def _words(
    session: Session, beginnings: Iterable[str], *, as_of: int, most: int | None = None
) -> list[_Word]:
    """Return the indexed words with these prefixes, the most frequent first."""
    newer, columns = aliased(ListingName), ListingName.__table__.c
    size = sa.func.length(ListingName.records)
    statement = (
        sa.select(ListingName.word, size)
        .where(
            sa.or_(*(begins_with(columns.word, each) for each in sorted(set(beginnings)))),
            ListingName.since <= as_of,
            size > 0,
            ~sa.exists().where(
                newer.word == ListingName.word,
                newer.since > ListingName.since,
                newer.since <= as_of,
            ),
        )
        .order_by(size.desc(), ListingName.word)
        .limit(most)
    )
    return [_Word(word, size // RECORD.itemsize) for word, size in session.execute(statement)]


def _alike(typed: str, found: Sequence[_Word]) -> list[str]:
    """Return the words similar to the typed one, ranked by similarity and frequency."""
    counts = {word.text: word.count for word in found}
    scored = process.extract(
        typed, list(counts), scorer=fuzz.ratio, score_cutoff=_MIN_SIMILARITY, limit=None
    )
    ranks = {word: score + math.log2(counts[word]) for word, score, _ in scored}
    if typed in ranks:
        ranks[typed] = math.inf  # a word of an existing name is not a typing error
    return sorted(ranks, key=lambda word: (-ranks[word], word))


def _in_one_name(
    session: Session, likely: Sequence[Sequence[str]], *, as_of: int
) -> list[tuple[str, ...]]:
    """Return the combinations of one word each that occur in the name of one professional."""
    wanted = {word for words in likely for word in words}
    statement = (
        sa.select(ListingName.word, ListingName.records)
        .where(ListingName.word.in_(sorted(wanted)), ListingName.since <= as_of)
        .order_by(ListingName.since)
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
            if word in npis and _have_common_npi([npis[each] for each in (*chosen, word)])
        ]
    return choices


def _have_common_npi(npis: Sequence[NDArray[np.uint32]]) -> bool:
    return len(functools.reduce(np.intersect1d, npis)) > 0
