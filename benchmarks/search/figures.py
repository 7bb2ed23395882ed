"""The figures that the search has to reach, worked out from what was measured."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.search.engines import (
    DEFAULT_SEARCH,
    ONE_SPECIALTY,
    RARE_SPECIALTY,
    SIX_SPECIALTIES,
    Kind,
)
from benchmarks.search.postgresql import BandPeer as PostgreSQLBandPeer
from benchmarks.search.postgresql import MistypedPostGISPeer, NearestPostGISPeer, PostGISPeer
from benchmarks.search.sqlite import BandPeer, RTreePeer, SpecialtyRTreePeer

_RECORDED_A_SECOND = 5.8  # the closest open peer, near + specialty, on such a machine
DATABASES = ("SQLite", "PostgreSQL")
BY_PLACE = ", rows by place"
Results = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """One row of the table: the target, and the measured value."""

    number: str
    what: str
    required: str
    measured: str
    is_met: bool | None  # None: reported, nothing is required


@dataclass(frozen=True)
class Sizes:
    """Which set of listings a figure looks at."""

    smallest: str
    peers: str
    largest: str
    operator: str


def figures_of(results: Results, sizes: Sizes) -> list[Figure]:
    """Return all figures that these results allow."""
    return [
        *_against_rtree(results, sizes.peers),
        *_against_postgis(results, sizes.peers),
        *_growth(results, sizes.smallest, sizes.largest),
        *_full(results, sizes.largest),
        *_operator(results, sizes.operator),
        *_served(results.get("http", {})),
        *_statements(results.get("statements", {})),
    ]


def at_least(number: str, what: str, times: float | None, least: float) -> Iterator[Figure]:
    """Yield a figure that has to be reached."""
    if times is not None:
        yield Figure(number, what, f"at least {least:g}", f"{times:.2f}", times >= least)


def at_most(
    number: str, what: str, value: float | None, most: float, unit: str = ""
) -> Iterator[Figure]:
    """Yield a figure that must not be passed."""
    if value is not None:
        yield Figure(number, what, f"at most {most:g}{unit}", f"{value:.2f}{unit}", value <= most)


def for_comparison(number: str, what: str, measured: str) -> Iterator[Figure]:
    """Yield what is reported without anything being required of it."""
    yield Figure(number, what, "reported", measured, None)


def ours(database: str, *, is_full: bool = False) -> str:
    """Return the name of our search; figures are those of a process that has kept nothing."""
    return f"ours on {database}, {'full' if is_full else 'plain'}, cold"


def _took(results: Results, size: str, engine: str, kind: Kind, share: str) -> float | None:
    spread = results.get("sizes", {}).get(size, {}).get("searches", {}).get(engine, {})
    found: float | None = spread.get(kind.name, {}).get(share)
    return found


def _ratio(upper: float | None, lower: float | None) -> float | None:
    return None if upper is None or not lower else upper / lower


def _against_rtree(results: Results, size: str) -> Iterator[Figure]:
    own = _took(results, size, ours("SQLite"), ONE_SPECIALTY, "p50")
    for peer in (RTreePeer.name, SpecialtyRTreePeer.name):
        times = _ratio(_took(results, size, peer, ONE_SPECIALTY, "p50"), own)
        what = f"times faster than {peer}, p50, {ONE_SPECIALTY.name}, {size}"
        if peer == RTreePeer.name:
            yield from at_least("1", what, times, 50)
        elif times is not None:
            yield from for_comparison("1", what, f"{times:.2f}")


def _against_postgis(results: Results, size: str) -> Iterator[Figure]:
    further_peers = (PostGISPeer.name + BY_PLACE, MistypedPostGISPeer.name, NearestPostGISPeer.name)
    for kind, least in ((ONE_SPECIALTY, 10), (SIX_SPECIALTIES, 5)):
        own = _took(results, size, ours("PostgreSQL"), kind, "p99")
        for peer in (PostGISPeer.name, *further_peers):
            times = _ratio(_took(results, size, peer, kind, "p99"), own)
            what = f"times faster than {peer}, p99, {kind.name}, {size}"
            if peer == PostGISPeer.name:
                yield from at_least("2", what, times, least)
            elif times is not None:
                yield from for_comparison("2", what, f"{times:.2f}")


def _growth(results: Results, smallest: str, largest: str) -> Iterator[Figure]:
    for database in DATABASES:
        upper = _took(results, largest, ours(database), RARE_SPECIALTY, "p50")
        lower = _took(results, smallest, ours(database), RARE_SPECIALTY, "p50")
        what = f"times {smallest} at {largest}, p50, {RARE_SPECIALTY.name}, {database}"
        yield from at_most("3", what, _ratio(upper, lower), 2)


def _full(results: Results, size: str) -> Iterator[Figure]:
    prototypes = (BandPeer.name, PostgreSQLBandPeer.name)
    for database, prototype in zip(DATABASES, prototypes, strict=True):
        for kind in (DEFAULT_SEARCH, SIX_SPECIALTIES):
            own = _took(results, size, ours(database, is_full=True), kind, "p99")
            peer = _took(results, size, prototype, kind, "p99")
            what = f"times the prototype's plain search, p99, full {kind.name}, {size}, {database}"
            yield from at_most("4", what, _ratio(own, peer), 3)


def _operator(results: Results, size: str) -> Iterator[Figure]:
    for kind in (DEFAULT_SEARCH, SIX_SPECIALTIES):
        own = _took(results, size, ours("SQLite", is_full=True), kind, "p99")
        yield from at_most("4", f"full {kind.name}, p99, {size}, SQLite", own, 10, " ms")


def _served(http: Results) -> Iterator[Figure]:
    for database, pages in http.items():
        for page, each in pages.get("shares", {}).items():
            what = f"requests a second, as a share of the constant {page}, {database}"
            yield from at_least("5", what, each, 0.5)
        if (single := pages.get("nearest_json")) is not None:
            people = f"{single['people']:.1f} people an answer"
            what = (
                f"times the {_RECORDED_A_SECOND} a second recorded elsewhere, {people}, {database}"
            )
            yield from at_least("7", what, single["requests_per_second"] / _RECORDED_A_SECOND, 100)


def _statements(counted: Results) -> Iterator[Figure]:
    for database, each in counted.items():
        kinds: Mapping[str, int] = each["statements"]
        most = max(kinds, key=lambda kind: kinds[kind])
        what = f"SQL statements, most of {len(kinds)} kinds of pages ({most}), {database}"
        yield from at_most("6", what, kinds[most], 4)
        what = f"SQL statements of the first page of a process, {database}"
        yield from for_comparison("6", what, str(each["first_of_a_process"]))
        what = f"compressed page with all it loads, {database}"
        yield from at_most("6", what, each["kilobytes"], 60, " KB")


def table_of(figures: list[Figure]) -> str:
    """Return the figures as a table for people."""
    marks = {True: "met", False: "NOT MET", None: ""}
    rows = [("figure", "what", "required", "measured", "")]
    rows += [
        (each.number, each.what, each.required, each.measured, marks[each.is_met])
        for each in figures
    ]
    return aligned(rows)


def aligned(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows of text with their columns under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
