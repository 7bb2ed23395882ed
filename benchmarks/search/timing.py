"""Asking several engines the same searches in turn, and how long each took."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.search.engines import SIX_SPECIALTIES, Engine, Kind
from directory.geo.points import Point

_PLACES_A_TURN = 20


@dataclass(frozen=True)
class Spread:
    """Milliseconds of one search around many places, and how much was found on average."""

    p50: float
    p95: float
    p99: float
    mean: float
    searches: int
    matches: float | None


def warm_up(engines: Sequence[Engine], places: Sequence[Point]) -> None:
    """Warm up every engine and the system caches with the queries."""
    for engine in engines:
        for near in places:
            engine.search(SIX_SPECIALTIES, near)


def time_in_turn(
    engines: Sequence[Engine], kind: Kind, places: Sequence[Point]
) -> Mapping[str, Spread]:
    """Ask one engine around a few places, then the next; another begins each time.

    So all see the same weather of the machine. Taking turns at every single place would time
    how fast a processor takes in one engine's code and data after the others': nobody serves
    from a dozen engines at once.
    """
    took: dict[str, list[float]] = {engine.name: [] for engine in engines}
    found: dict[str, list[int]] = {engine.name: [] for engine in engines}
    for turn, start in enumerate(range(0, len(places), _PLACES_A_TURN)):
        first = turn % len(engines)
        for engine in (*engines[first:], *engines[:first]):
            for near in places[start : start + _PLACES_A_TURN]:
                began = time.perf_counter()
                answer = engine.search(kind, near)
                took[engine.name].append((time.perf_counter() - began) * 1000)
                if answer.total is not None:
                    found[engine.name].append(answer.total)
    return {name: spread_of(each, found[name]) for name, each in took.items()}


def spread_of(milliseconds: Sequence[float], matches: Sequence[int] = ()) -> Spread:
    """Return the percentiles."""
    ordered = sorted(milliseconds)
    last = len(ordered) - 1
    return Spread(
        p50=round(ordered[round(last * 0.5)], 4),
        p95=round(ordered[round(last * 0.95)], 4),
        p99=round(ordered[round(last * 0.99)], 4),
        mean=round(sum(ordered) / len(ordered), 4),
        searches=len(ordered),
        matches=round(sum(matches) / len(matches), 1) if matches else None,
    )
