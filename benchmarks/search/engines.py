"""What is asked of every engine, what each answers, and the answer that is right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from benchmarks.search.data import ONE, RARE, SHARES, SIX
from directory.care.specialties import CareGroup
from directory.geo.points import Circle, Point
from directory.search.query.criteria import ENOUGH, PAGE_SIZE


@dataclass(frozen=True)
class Kind:
    """A search as patients make it, wherever they are."""

    name: str
    specialties: tuple[CareGroup, ...]
    miles: int = 25
    is_default: bool = False  # no specialty named: all that matter


ONE_SPECIALTY = Kind("one specialty", (ONE,))
SIX_SPECIALTIES = Kind("six specialties", SIX)
RARE_SPECIALTY = Kind("rare specialty", (RARE,))
DEFAULT_SEARCH = Kind("default search", tuple(SHARES), is_default=True)
SIX_FAR = Kind("six specialties, 100 miles", SIX, 100)
RARE_FAR = Kind("rare specialty, 100 miles", (RARE,), 100)
KINDS = (ONE_SPECIALTY, SIX_SPECIALTIES, RARE_SPECIALTY, DEFAULT_SEARCH, SIX_FAR, RARE_FAR)


@dataclass(frozen=True)
class Answer:
    """The first page, nearest first, and the number of matches where the engine counts them."""

    first: tuple[tuple[int, int], ...]  # NPI and place
    total: int | None


class Engine(Protocol):
    """Something that answers searches on one set of listings."""

    name: str

    def search(self, kind: Kind, near: Point) -> Answer:
        """Return the first page and the exact number of matches."""


class BruteForce:
    """The right answer: every row is looked at."""

    def __init__(self, rows: pl.DataFrame) -> None:
        rows = rows.sort("npi", "place")
        self._specialties = rows["specialty"].to_numpy()
        self._keys = rows.select("npi", "place").to_numpy()
        self._vectors = rows.select("x", "y", "z").to_numpy()
        self._tiers = rows["tier"].to_numpy()

    def search(
        self, kind: Kind, near: Point, *, is_collapsed: bool = False, is_ranked: bool = False
    ) -> Answer:
        """Return what peers have to answer; or, collapsed, one row a professional.

        Ranked: the strongest evidence first, then the nearest.
        """
        circle = Circle(near, kind.miles)
        rows = np.flatnonzero(np.isin(self._specialties, [int(each) for each in kind.specialties]))
        chords = ((self._vectors[rows] - np.array(circle.unit_vector)) ** 2).sum(axis=1)
        is_inside = chords <= circle.chord_squared
        rows = rows[is_inside][np.argsort(chords[is_inside], kind="stable")]
        if is_collapsed:
            _, nearest = np.unique(self._keys[rows, 0], return_index=True)
            rows = rows[np.sort(nearest)]
        if is_ranked:
            rows = rows[np.argsort(self._tiers[rows], kind="stable")]
        keys = self._keys[rows]
        return Answer(tuple((int(npi), int(at)) for npi, at in keys[:PAGE_SIZE]), len(keys))

    def chords_within(self, kind: Kind, near: Point) -> dict[tuple[int, int], float]:
        """Return how far all within the circle are, as squared chords without the last digits."""
        circle = Circle(near, kind.miles)
        chords = ((self._vectors - np.array(circle.unit_vector)) ** 2).sum(axis=1)
        inside = np.flatnonzero(chords <= circle.chord_squared)
        return {
            (int(npi), int(at)): round(float(chord), 15)
            for (npi, at), chord in zip(self._keys[inside], chords[inside], strict=True)
        }


def check(
    engine: Engine,
    right: BruteForce,
    kinds: Sequence[Kind],
    places: Sequence[Point],
    *,
    is_collapsed: bool = False,
    is_ranked: bool = False,
) -> None:
    """Raise unless the engine counts and orders as it should."""
    for kind in kinds:
        for near in places:
            expected = right.search(kind, near, is_collapsed=is_collapsed, is_ranked=is_ranked)
            if is_ranked and (expected.total or 0) < ENOUGH:
                continue  # it goes further then, as the tests of the product look at
            answer = engine.search(kind, near)
            if answer.total is None:
                # Nearest neighbors go on beyond the circle, and know no order of the equally far.
                chords = right.chords_within(kind, near)
                is_right = [chords.get(key) for key in answer.first[: len(expected.first)]] == [
                    chords[key] for key in expected.first[: len(answer.first)]
                ]
            else:
                is_right = answer == expected
            if not is_right:
                raise WrongAnswerError(engine, kind, near)


class WrongAnswerError(Exception):
    """An engine that answers wrongly is not worth timing."""

    def __init__(self, engine: Engine, kind: Kind, near: Point) -> None:
        super().__init__(f"{engine.name} answers wrongly: {kind.name} near {near}.")
