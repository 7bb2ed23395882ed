"""Regenerates `directory/search/map/data`: shorelines, county lines and towns.

Needs npm, and the places made before. Run it in the project folder: `python -m seeds.make_map`
"""

import gzip
import json
import math
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from directory.geo import gazetteer
from seeds.make_places import fetch

FOLDER = Path(__file__).resolve().parent.parent / "directory/search/map/data"
LAND = FOLDER / "land.json.gz"
TOWNS = FOLDER / "towns.csv.gz"

ATLAS = "us-atlas@3.0.1"

# The tolerance of lines in miles, for maps of up to 50 miles around a place and wider ones.
TOLERANCES = {"near": 0.0, "far": 0.8}
DEGREES_PER_UNIT = 1e-4
_MILES_PER_DEGREE = 69.0
# Adjacent lines are joined up to this length; longer ones would be hard to clip.
_LONGEST_LINE = 40

Unit = tuple[int, int]  # longitude and latitude, in ten-thousandths of a degree
Line = list[Unit]


def main() -> None:
    """Download the package, write the file, and print its counts."""
    with tempfile.TemporaryDirectory() as folder:
        file = fetch(ATLAS, Path(folder)) / "counties-10m.json"
        topology = json.loads(file.read_text(encoding="utf-8"))
    levels = make_levels(topology)
    towns = make_towns()
    FOLDER.mkdir(exist_ok=True)
    LAND.write_bytes(packed(levels))
    TOWNS.write_bytes(gzip.compress("\n".join(towns).encode(), mtime=0))
    counties = len(topology["objects"]["counties"]["geometries"])
    for name, level in levels.items():
        counts = {kind: len(lines) for kind, lines in level.items()}
        points = sum(len(line) for lines in level.values() for line in lines)
        print(f"{name}: {counts}, {points} points")
    print(f"{counties} counties, {LAND.stat().st_size} bytes: {LAND}")
    print(f"{len(towns)} towns, {TOWNS.stat().st_size} bytes: {TOWNS}")


def make_levels(topology: dict[str, Any]) -> dict[str, dict[str, list[Line]]]:
    """Return, for each level of detail, the rings of the shore and the lines on land."""
    arcs = read_arcs(topology)
    shore, states, counties = sort_arcs(topology["objects"]["counties"]["geometries"])
    levels = {}
    for name, tolerance in TOLERANCES.items():
        plain = [simplified(arc, tolerance) for arc in arcs]
        rings = [ring for ring in joined_rings(plain, shore) if len(ring) > 3]
        levels[name] = {
            "shore": sorted(rings),
            "state": sorted(joined_lines(plain[number] for number in states)),
        }
        if name == "near":
            between = joined_lines(plain[number] for number in counties)
            levels[name]["county"] = sorted(between)
    return levels


def read_arcs(topology: dict[str, Any]) -> list[Line]:
    """Return the arcs of the topology, decoded from deltas, in our units."""
    (scale_x, scale_y), (left, bottom) = (
        topology["transform"]["scale"],
        topology["transform"]["translate"],
    )
    found = []
    for arc in topology["arcs"]:
        xs, ys = (accumulate(values) for values in zip(*arc, strict=True))
        found.append(
            [
                (
                    round((left + x * scale_x) / DEGREES_PER_UNIT),
                    round((bottom + y * scale_y) / DEGREES_PER_UNIT),
                )
                for x, y in zip(xs, ys, strict=True)
            ]
        )
    return found


def sort_arcs(geometries: list[dict[str, Any]]) -> tuple[list[int], list[int], list[int]]:
    """Separate directed arcs of a single county from those between two states or counties."""
    users: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for geometry in geometries:
        is_single = geometry["type"] == "Polygon"
        for polygon in [geometry["arcs"]] if is_single else geometry["arcs"]:
            for ring in polygon:
                for number in ring:
                    users[max(number, ~number)].append((number, geometry["id"]))
    shore, states, counties = [], [], []
    for arc, used in sorted(users.items()):
        if len(used) == 1:
            shore.append(used[0][0])
        elif used[0][1][:2] != used[1][1][:2]:
            states.append(arc)
        else:
            counties.append(arc)
    return shore, states, counties


def joined_rings(arcs: list[Line], directed: list[int]) -> Iterator[Line]:
    """Join the arcs of the shore into closed rings."""
    starting: dict[Unit, list[Line]] = defaultdict(list)
    for number in directed:
        line = arcs[number] if number >= 0 else arcs[~number][::-1]
        starting[line[0]].append(line)
    for first in list(starting):
        while starting[first]:
            ring = list(starting[first].pop())
            while ring[-1] != first:
                ring += starting[ring[-1]].pop()[1:]
            yield ring


def joined_lines(lines: Iterable[Line]) -> Iterator[Line]:
    """Extend a line with another that begins at its end, up to the maximum length."""
    remaining = [line for line in lines if len(line) > 1]
    at: dict[Unit, list[int]] = defaultdict(list)
    for number, line in enumerate(remaining):
        at[line[0]].append(number)
        at[line[-1]].append(number)
    used: set[int] = set()
    for number, line in enumerate(remaining):
        if number in used:
            continue
        used.add(number)
        whole = list(line)
        while len(whole) < _LONGEST_LINE:
            following = next((each for each in at[whole[-1]] if each not in used), None)
            if following is None:
                break
            used.add(following)
            more = remaining[following]
            whole += more[1:] if more[0] == whole[-1] else more[-2::-1]
        yield whole


def simplified(line: Line, tolerance: float) -> Line:
    """Simplify a line with a tolerance in miles (Douglas-Peucker)."""
    if len(line) < 3 or not tolerance:
        return line
    narrowing = math.cos(math.radians(line[0][1] * DEGREES_PER_UNIT))
    scale = _MILES_PER_DEGREE * DEGREES_PER_UNIT
    flat = [(x * scale * narrowing, y * scale) for x, y in line]
    kept = {0, len(line) - 1}
    parts = [(0, len(line) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        distances = [_off(flat[at], flat[first], flat[last]) for at in range(first + 1, last)]
        furthest = max(distances)
        if furthest > tolerance:
            middle = first + 1 + distances.index(furthest)
            kept.add(middle)
            parts += [(first, middle), (middle, last)]
    return [line[at] for at in sorted(kept)]


def _off(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return the distance of a point from a segment, which may be a single point."""
    across, up = end[0] - start[0], end[1] - start[1]
    length = across * across + up * up
    x, y = point[0] - start[0], point[1] - start[1]
    if not length:
        return math.hypot(x, y)
    along = max(0.0, min(1.0, (x * across + y * up) / length))
    return math.hypot(x - along * across, y - along * up)


def make_towns() -> list[str]:
    """Return a line for each town: latitude, longitude, name and state; those with most ZIP codes
    first."""
    codes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in filter(None, map(gazetteer.find_zip_row, gazetteer.zip_codes())):
        if row.city:
            codes[row.city, row.state].append(row.zip_code)
    largest_first = sorted(codes, key=lambda town: (-len(codes[town]), town))
    found = []
    for name, state in largest_first:
        at = gazetteer.central_point(tuple(codes[name, state]))
        found.append(f"{at.latitude:.3f},{at.longitude:.3f},{name},{state}")
    return found


def packed(levels: dict[str, dict[str, list[Line]]]) -> bytes:
    """Return the lines as compressed differences, the same bytes for the same lines."""
    content = {
        name: {kind: [_differences(line) for line in lines] for kind, lines in level.items()}
        for name, level in levels.items()
    }
    return gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0)


def _differences(line: Sequence[Unit]) -> list[int]:
    """Return x and y of the first point, then the x and y differences of the next ones."""
    flat = list(line[0])
    for (x, y), (next_x, next_y) in pairwise(line):
        flat += [next_x - x, next_y - y]
    return flat


if __name__ == "__main__":
    main()
