"""One set of listings: every engine built on it, checked, and timed."""

import gc
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.search.data import make_listings, peer_rows, query_places
from benchmarks.search.engines import (
    KINDS,
    ONE_SPECIALTY,
    RARE_SPECIALTY,
    SIX_SPECIALTIES,
    BruteForce,
    Engine,
    Kind,
    check,
)
from benchmarks.search.figures import BY_PLACE
from benchmarks.search.ours import Ours, OurSearch
from benchmarks.search.postgresql import BandPeer as PostgreSQLBandPeer
from benchmarks.search.postgresql import (
    MistypedPostGISPeer,
    NearestPostGISPeer,
    PostGISPeer,
    PostgreSQLRows,
    drop_database,
    new_database,
)
from benchmarks.search.sqlite import BandPeer, RTreePeer, SpecialtyRTreePeer
from benchmarks.search.timing import time_in_turn, warm_up

_CHECKED_PLACES = 5
_FAR_PLACES = 100


@dataclass(frozen=True)
class Plan:
    """What to build: how many listings, whose, on which databases, with which peers."""

    size: int
    databases: Sequence[str]
    places: int
    seed: int
    is_operator: bool = False
    has_peers: bool = False  # R*Tree and PostGIS; the prototype always is
    postgres_url: str | None = None

    @property
    def name(self) -> str:
        """What the figures are filed under."""
        return f"operator {self.size}" if self.is_operator else str(self.size)


@dataclass
class Built:
    """The engines of one plan, with what it took to build each."""

    engines: list[Engine] = field(default_factory=list)
    costs: dict[str, Any] = field(default_factory=dict)


def measure(plan: Plan, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Build, check and time everything of one plan; return plain values."""
    folder.mkdir()
    listings = make_listings(plan.size, seed=plan.seed, is_operator=plan.is_operator)
    rows = peer_rows(listings).sort("npi", "place")
    near = query_places(plan.places, seed=plan.seed)
    with ExitStack() as stack:
        built = _build(plan, folder, listings, rows, stack, say)
        _check(built.engines, rows, near)
        # What is no longer needed must not be in the way of what is timed.
        del listings, rows
        gc.collect()
        say(f"{plan.name}: asking {len(built.engines)} engines in turn")
        warm_up(built.engines, near)
        searches: dict[str, dict[str, Any]] = {engine.name: {} for engine in built.engines}
        for kind in KINDS:
            asked = near[:_FAR_PLACES] if kind.miles > SIX_SPECIALTIES.miles else near
            engines = [engine for engine in built.engines if _is_asked(engine, kind)]
            for name, spread in time_in_turn(engines, kind, asked).items():
                searches[name][kind.name] = asdict(spread)
    shutil.rmtree(folder)
    return {"built": built.costs, "searches": searches}


def _is_asked(engine: Engine, kind: Kind) -> bool:
    """Return whether to run a search: peers for comparison only run fewer."""
    if isinstance(engine, NearestPostGISPeer | MistypedPostGISPeer):
        return kind in (ONE_SPECIALTY, SIX_SPECIALTIES, RARE_SPECIALTY)
    return True


def _check(engines: Sequence[Engine], rows: pl.DataFrame, near: Sequence[Any]) -> None:
    right = BruteForce(rows)
    few = near[:_CHECKED_PLACES]
    for engine in engines:
        kinds = [kind for kind in KINDS if _is_asked(engine, kind)]
        is_ours = isinstance(engine, OurSearch)
        is_ranked = isinstance(engine, OurSearch) and engine.is_full
        check(engine, right, kinds, few, is_collapsed=is_ours, is_ranked=is_ranked)


def _build(
    plan: Plan,
    folder: Path,
    listings: pl.DataFrame,
    rows: pl.DataFrame,
    stack: ExitStack,
    say: Callable[[str], None],
) -> Built:
    built = Built()
    if "sqlite" in plan.databases:
        _add_sqlite(plan, folder, rows, built, stack, say)
        ours = Ours(f"sqlite:///{folder / 'ours/directory.db'}", folder / "ours", listings)
        _add_ours(ours, built, stack, say)
    if "postgresql" in plan.databases:
        assert plan.postgres_url is not None
        name = f"bench_{plan.name.replace(' ', '_')}"
        url = new_database(plan.postgres_url, name)
        stack.callback(drop_database, plan.postgres_url, name)
        ours = Ours(url, folder / "ours-postgresql", listings)
        _add_ours(ours, built, stack, say)
        _add_postgresql(plan, url, rows, built, stack, say)
    return built


def _add_ours(ours: Ours, built: Built, stack: ExitStack, say: Callable[[str], None]) -> None:
    stack.callback(ours.close)
    database = "SQLite" if ours.is_sqlite else "PostgreSQL"
    built.costs[f"ours on {database}"] = {
        "insert_seconds": round(ours.insert_seconds, 1),
        "pack_seconds": round(ours.pack_seconds, 1),
        "megabytes": {name: round(size, 1) for name, size in ours.megabytes.items()},
    }
    say(f"built ours on {database} in {ours.insert_seconds + ours.pack_seconds:.0f} s")
    for is_full in (False, True):
        for is_cold in (True, False):
            search = OurSearch(ours, is_cold=is_cold, is_full=is_full)
            stack.callback(search.close)
            built.engines.append(search)


def _add_sqlite(
    plan: Plan,
    folder: Path,
    rows: pl.DataFrame,
    built: Built,
    stack: ExitStack,
    say: Callable[[str], None],
) -> None:
    kinds = [BandPeer, RTreePeer, SpecialtyRTreePeer] if plan.has_peers else [BandPeer]
    for kind in kinds:
        began = time.perf_counter()
        peer = kind(folder, by_place(rows) if kind is SpecialtyRTreePeer else rows)
        stack.callback(peer.close)
        built.engines.append(peer)
        built.costs[peer.name] = _cost(began, peer.megabytes)
        say(f"built {peer.name} in {built.costs[peer.name]['seconds']:.0f} s")


def _add_postgresql(
    plan: Plan,
    url: str,
    rows: pl.DataFrame,
    built: Built,
    stack: ExitStack,
    say: Callable[[str], None],
) -> None:
    began = time.perf_counter()
    table = PostgreSQLRows(url, rows)
    stack.callback(table.close)
    band = PostgreSQLBandPeer(table)
    built.engines.append(band)
    built.costs[band.name] = _cost(began, table.add_bands())
    say(f"built {band.name} in {built.costs[band.name]['seconds']:.0f} s")
    if not plan.has_peers:
        return
    for schema, note in (("as_loaded", ""), ("by_place", BY_PLACE)):
        began = time.perf_counter()
        own = by_place(rows) if note else rows
        table = PostgreSQLRows(url, own, schema=schema)
        stack.callback(table.close)
        peers = [PostGISPeer(table, note=note), NearestPostGISPeer(table, note=note)]
        if not note:
            peers.append(MistypedPostGISPeer(table))
        built.engines += peers
        built.costs[peers[0].name] = _cost(began, table.add_positions())
        say(f"built {peers[0].name} in {built.costs[peers[0].name]['seconds']:.0f} s")


def _cost(began: float, megabytes: float) -> Mapping[str, float]:
    return {"seconds": round(time.perf_counter() - began, 1), "megabytes": round(megabytes, 1)}


def by_place(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows in the order of places instead of that of the registry."""
    band = (pl.col("latitude") * 8).floor()
    return rows.sort(band, pl.col("longitude"))
