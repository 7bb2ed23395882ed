"""Invented names with the shares of the real registry: what they are made of, and how often.

Nearly all are plain ASCII capitals. About 4 % have a hyphen, an apostrophe or two last names;
hardly any have an accent. Few last names are frequent, and very many are rare.
"""

import itertools
import unicodedata

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seeds.demo.words import read_words

_STARTS = """
AB AL AN BAR BEL BER BRAN CAL CAN CAR COR DAL DAN DEL DOR EL FAL FAR FEN GAL GAR GOR HAL HAN HAR
HOL IN JAN KAL KAR KEL KOR LAN LAR LEN LOR MAL MAN MAR MEL MON NAL NOR OL OR PAL PAR PEL POR RAN
REN ROS SAL SAN SEL SOR TAL TAR TEL TOR UL VAL VAN VER VOR WAL WAR WEN WIN YAR ZAL
"""
_MIDDLES = "A AB AD AM AN AV BE BI DA DI E EL EN ER I IN IS LA LI MA ME NI O OL ON OS RA RI TI U"
_ENDS = """
BERG BY DAL DEN DO FORD GER HAM KIN LAND LES LEY LIN LOW MAN MER NER NEZ NOV RA RO SEN SKI SON
STED TON VICH WELL WICK WORTH
"""
_SPECIAL = 0.04  # of last names
_ACCENTED = 0.001
_WITH_MIDDLE = 0.35
_WITH_INITIAL = 0.3
# How fast last names become rarer: the first hundred are borne by a sixth.
_FLATTENED_BY = 40


def names(rng: np.random.Generator, count: int) -> pl.Series:
    """Return names as files write them: the last, a comma, the first and what comes between."""
    words = read_words()["first_names"]
    first = pl.Series([_capitals(word) for word in f"{words['female']} {words['male']}".split()])
    middle = first.gather(rng.integers(0, len(first), count))
    kind = rng.random(count)
    middle = (
        pl.DataFrame({"name": middle, "kind": kind})
        .select(
            pl.when(pl.col("kind") < _WITH_MIDDLE)
            .then("name")
            .when(pl.col("kind") < _WITH_MIDDLE + _WITH_INITIAL)
            .then(pl.col("name").str.slice(0, 1))
            .otherwise(pl.lit(""))
        )
        .to_series()
    )
    given = first.gather(rng.integers(0, len(first), count))
    return (_last_names(rng, count) + ", " + given + " " + middle).alias("name")


def _last_names(rng: np.random.Generator, count: int) -> pl.Series:
    written = [word for word in read_words()["last_names"]["plain"].split() if word.isalpha()]
    parts = (_STARTS.split(), _MIDDLES.split(), _ENDS.split())
    rare = ["".join(each) for each in itertools.product(*parts)]
    rng_of_list = np.random.default_rng(0)  # whatever the seed, the same names are frequent
    rng_of_list.shuffle(rare)
    plain = pl.Series([*dict.fromkeys([*map(_capitals, written), *rare])])
    accented = pl.Series([word.upper() for word in written if not word.isascii()])
    found = plain.gather(_often(rng, len(plain), count)).to_frame("name")
    special = np.flatnonzero(rng.random(count) < _SPECIAL)
    other = plain.gather(_often(rng, len(plain), special.size))
    between = pl.Series(["-", " "]).gather(rng.integers(0, 2, special.size))
    own = found["name"].gather(special)
    doubled = own + between + other
    prefixed = pl.Series(["O'", "D'"]).gather(rng.integers(0, 2, special.size)) + own
    is_prefixed = pl.Series(rng.random(special.size) < 0.25)
    last = found["name"].scatter(special, prefixed.zip_with(is_prefixed, doubled))
    with_accent = np.flatnonzero(rng.random(count) < _ACCENTED)
    return last.scatter(
        with_accent, accented.gather(rng.integers(0, len(accented), with_accent.size))
    )


def _often(rng: np.random.Generator, size: int, count: int) -> NDArray[np.int64]:
    """Return places in a list whose first are the most frequent."""
    until = np.cumsum(1 / (np.arange(size) + _FLATTENED_BY))
    return np.searchsorted(until / until[-1], rng.random(count), side="right").clip(0, size - 1)


def _capitals(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ø", "o"))
    return plain.encode("ascii", "ignore").decode().upper()
