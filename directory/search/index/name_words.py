"""Names as people type them, and the words a name is indexed by."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from directory.core.text import folded
from directory.providers.npi import is_npi

SHORTEST_BEGINNING = 3  # letters; the shortest prefix that finds a word
_MOST_WORDS = 5
_LONGEST_WORD = 60
_TITLES = frozenset({"dr", "doctor", "doctora", "prof", "professor", "mr", "mrs", "ms", "miss"})
_PIECES = re.compile(r"[a-z0-9]+")
# Names that need `words_of`: with a character inside a word that is no letter or digit, with a
# last name of several words, or with characters outside ASCII.
_NOT_PLAIN = "|".join(
    (
        r"[A-Za-z0-9][^A-Za-z0-9 ]+[A-Za-z0-9]",
        r"^[^,]*[A-Za-z0-9][^A-Za-z0-9,]+[A-Za-z0-9][^,]*,",
        r"[^ -~]",
    )
)


@dataclass(frozen=True)
class TypedWord:
    """A word as it was typed: matches all of its pieces, or the pieces joined."""

    pieces: tuple[str, ...]

    @property
    def spellings(self) -> tuple[tuple[str, ...], ...]:
        """The spellings to look up: "o'neil" is "neil" (single letters are dropped) or "oneil"."""
        whole = ("".join(self.pieces),)
        apart = tuple(piece for piece in self.pieces if len(piece) > 1)
        return (whole,) if apart in {(), whole} else (apart, whole)


@dataclass(frozen=True)
class TypedName:
    """A name to search for: an NPI, or words that must all be in the name."""

    words: tuple[TypedWord, ...] = ()
    npi: str | None = None


def parse_name(text: str) -> TypedName | None:
    """Return the name to search for, or None if the text holds no usable word.

    >>> parse_name("Dr. Jane Smith, MD").words[1].pieces
    ('smith',)
    """
    compact = text.replace(" ", "").replace("-", "")
    if is_npi(compact):
        return TypedName(npi=compact)
    name, _, _credentials = text.partition(",")
    if not name.strip():
        name = text
    tokens = [folded(token).split() for token in name.split()]
    tokens = [pieces for pieces in tokens if pieces]
    if len(tokens) > 1 and "".join(tokens[0]) in _TITLES:
        tokens = tokens[1:]
    # An initial is not selective, and many files omit it.
    selective = [pieces for pieces in tokens if len("".join(pieces)) > 1]
    words = tuple(
        TypedWord(tuple(piece[:_LONGEST_WORD] for piece in pieces[:_MOST_WORDS]))
        for pieces in selective[:_MOST_WORDS]
    )
    return TypedName(words) if words else None


def words_of(name: str) -> set[str]:
    """Return the words that this name is indexed by.

    >>> sorted(words_of("O'NEIL-PENA, AMARA"))
    ['amara', 'neil', 'oneil', 'oneilpena', 'pena']
    """
    last, comma, _ = name.partition(",")
    words = set()
    for token in name.split():
        pieces = _pieces(token)
        words.update(pieces)
        if len(pieces) > 1:
            words.update(_pieces(token.replace("'", "")))
            words.add("".join(pieces))
    if comma:  # "MC DONALD" and "DE LA CRUZ" are also typed as one word.
        words.add("".join(_pieces(last)))
    return {word[:_LONGEST_WORD] for word in words if len(word) > 1}


def words_of_all(names: Sequence[str]) -> pl.DataFrame:
    """Return `words_of` many names as rows of "word" and "row", the number of the name."""
    frame = pl.DataFrame({"name": names}, schema={"name": pl.String}).with_row_index("row")
    is_plain = ~pl.col("name").str.contains(_NOT_PLAIN)
    plain = (
        frame.filter(is_plain)
        .select("row", pl.col("name").str.to_lowercase().str.extract_all(_PIECES.pattern))
        .explode("name")
        .rename({"name": "word"})
        .drop_nulls()
        .filter(pl.col("word").str.len_bytes() > 1)
        .with_columns(pl.col("word").str.slice(0, _LONGEST_WORD))
        .unique()
    )
    # Few names are not plain words separated by blanks.
    rows: list[int] = []
    words: list[str] = []
    for row, name in frame.filter(~is_plain).iter_rows():
        own = words_of(name)
        words += own
        rows += [row] * len(own)
    others = pl.DataFrame({"row": rows, "word": words}, schema=plain.schema)
    return pl.concat([plain, others]).sort("row")


def _pieces(text: str) -> list[str]:
    # Almost all names are ASCII, and millions are split here.
    return _PIECES.findall(text.lower() if text.isascii() else folded(text))
