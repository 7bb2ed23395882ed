"""The generated main file has the published layout, and no real people."""

import csv
import io
import re
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.imports.nppes_file import MEMBER, MOST_ROWS, ZIP_NAME, header, write_nppes
from directory.geo.gazetteer import find_zip_row
from directory.providers.npi import is_npi
from directory.sources.publishers.nppes import COLUMNS
from tests.sources.nppes_rows import header as needed_header

ROWS = 2_000
PRACTICE = "Provider Business Practice Location Address"


@pytest.fixture(scope="module")
def content(tmp_path_factory) -> bytes:
    path = write_nppes(tmp_path_factory.mktemp("nppes"), ROWS, zipped=False)
    return path.read_bytes()


@pytest.fixture(scope="module")
def rows(content) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.fixture(scope="module")
def live(rows) -> list[dict[str, str]]:
    return [row for row in rows if row["Entity Type Code"]]


def _unzipped(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(MEMBER)


def test_header_has_330_columns_and_each_name_once():
    assert len(header()) == len(set(header())) == 330


def test_header_has_the_columns_that_are_read():
    fillers = "Other Provider Identifier_"
    of_other_tests = {name for name in needed_header() if not name.startswith(fillers)}

    assert of_other_tests | {column.names[0] for column in COLUMNS} <= set(header())


def test_every_line_is_fully_quoted(content):
    lines = content.decode().removesuffix("\n").split("\n")

    assert len(lines) == ROWS + 1
    assert all(re.fullmatch(r'"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*', line) for line in lines)


def test_every_row_has_330_fields(content):
    assert {len(row) for row in csv.reader(io.StringIO(content.decode()))} == {330}


def test_npis_are_right_and_ascend(rows):
    npis = [row["NPI"] for row in rows]

    assert len(npis) == ROWS
    assert all(is_npi(npi) and npi[0] == "1" for npi in npis)
    assert npis == sorted(set(npis))


def test_a_seed_gives_the_same_bytes_again(tmp_path, content):
    again = write_nppes(tmp_path / "again", ROWS)

    assert again.name == ZIP_NAME
    assert _unzipped(again) == content
    assert write_nppes(tmp_path / "third", ROWS).read_bytes() == again.read_bytes()


def test_another_seed_gives_others(tmp_path, content):
    assert write_nppes(tmp_path, ROWS, seed=2, zipped=False).read_bytes() != content


def test_entity_types_have_their_shares(rows):
    counts = Counter(row["Entity Type Code"] for row in rows)

    assert counts["1"] / (counts["1"] + counts["2"]) == pytest.approx(0.78, abs=0.03)
    assert counts[""] / ROWS == pytest.approx(0.03, abs=0.015)


def test_a_stub_has_only_its_npi_and_the_day(rows):
    stubs = [row for row in rows if not row["Entity Type Code"]]
    filled = {name for row in stubs for name, value in row.items() if value}

    assert filled == {"NPI", "NPI Deactivation Date"}


def test_names_belong_to_the_entity_type(live):
    for row in live:
        is_person = row["Entity Type Code"] == "1"
        assert bool(row["Provider Last Name (Legal Name)"]) is is_person
        assert bool(row["Provider Organization Name (Legal Business Name)"]) is not is_person


def test_telephone_numbers_are_kept_free_for_fiction(live):
    names = [name for name in header() if "Telephone" in name or "Fax" in name]
    numbers = {row[name] for row in live for name in names} - {""}

    assert all(re.fullmatch(r"[2-9]\d\d55501\d\d", number) for number in numbers)


def test_places_are_those_of_their_zip_codes(live):
    for row in live:
        if row[f"{PRACTICE} Country Code (If outside U.S.)"] == "US":
            place = find_zip_row(row[f"{PRACTICE} Postal Code"][:5])
            assert place is not None
            assert place.state == row[f"{PRACTICE} State Name"]


def test_slots_are_filled_from_the_first_with_one_primary_switch(live):
    slots = [
        "".join(row[f"Healthcare Provider Primary Taxonomy Switch_{slot}"] for slot in range(1, 16))
        for row in live
    ]

    assert all(re.fullmatch(r"N*Y?N*", switches) and switches for switches in slots)
    assert 0.005 < sum("Y" not in switches for switches in slots) / len(slots) < 0.03
    assert sum(map(len, slots)) / len(slots) == pytest.approx(1.35, abs=0.1)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_small_files_can_be_had(tmp_path, count):
    path = write_nppes(tmp_path, count, zipped=False)

    assert len(path.read_text().splitlines()) == count + 1


def test_more_rows_than_npis_are_refused(tmp_path):
    with pytest.raises(ValueError, match="ask for 0 to"):
        write_nppes(tmp_path, MOST_ROWS + 1)
