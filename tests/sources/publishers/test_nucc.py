"""The names of taxonomies, in invented rows: the real ones are copyrighted."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.core.db.database import db
from directory.providers.models import Source, Taxonomy
from directory.providers.queries import taxonomy_names
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.nucc import NUCC
from directory.sources.reading.errors import SourceFileError
from tests.sources.dumps import public_dump
from tests.sources.nppes_rows import as_csv

HEADER = [
    "Code",
    "Grouping",
    "Classification",
    "Specialization",
    "Definition",
    "Notes",
    "Display Name",
    "Section",
]
A, B, C = "1111A0001X", "2222B0002X", "3333C0003X"

pytestmark = pytest.mark.usefixtures("app")


def entry(
    code: str = A, general: str = "Healer", special: str = "", display: str = ""
) -> list[str]:
    return [code, "Invented", general, special, "A secret definition", "[note]", display, "None"]


def write_set(folder: Path, *rows: list[str], name: str = "nucc_taxonomy_251.csv") -> Path:
    path = folder / name
    path.write_bytes(as_csv(rows, HEADER))
    return path


def names() -> dict[str, str]:
    session = db.session()
    session.rollback()
    found = session.scalars(sa.select(Taxonomy).where(Taxonomy.gone_on.is_(None)))
    return {each.code: each.name for each in found}


def test_the_display_name_has_precedence(tmp_path):
    rows = [entry(A, "Healer", "Of Heads", "Head Healer"), entry(B, "Healer", "Of Necks"), entry(C)]

    tally = load(NUCC, write_set(tmp_path, *rows), LoadOptions())

    assert names() == {A: "Head Healer", B: "Of Necks", C: "Healer"}
    assert taxonomy_names(db.session(), {"1": [A]}) == {A: "Head Healer"}
    assert (tally.released_on, tally.counts["new"]) == (date(2025, 7, 1), 3)


def test_old_versions_have_no_display_names(tmp_path):
    path = tmp_path / "nucc_taxonomy_170.csv"
    path.write_bytes(as_csv([entry(A, "Healer", "Of Heads")[:6]], HEADER[:6]))

    load(NUCC, path, LoadOptions())

    assert names() == {A: "Of Heads"}


def test_definitions_and_notes_are_not_stored(tmp_path):
    load(NUCC, write_set(tmp_path, entry()), LoadOptions())

    stored = str(public_dump())
    assert "secret" not in stored
    assert "[note]" not in stored


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("nucc_taxonomy_250.csv", date(2025, 1, 1)),
        ("nucc_taxonomy_251.csv", date(2025, 7, 1)),
        ("nucc_taxonomy_262.csv", None),
        ("taxonomy.csv", None),
    ],
)
def test_the_version_is_parsed_from_the_name(name, day):
    assert NUCC.find_release(name) == day
    assert NUCC.is_full(name) == (day is not None)


def test_only_a_newer_version_replaces_another(tmp_path):
    load(NUCC, write_set(tmp_path, entry(A), entry(B), name="nucc_taxonomy_250.csv"), LoadOptions())

    newer = write_set(tmp_path, entry(A, "Physician"), entry(C))
    tally = load(NUCC, newer, LoadOptions())
    late = write_set(tmp_path, entry(B), entry(C, "Old"), name="nucc_taxonomy_241.csv")
    nothing = load(NUCC, late, LoadOptions())

    assert names() == {A: "Physician", C: "Healer"}
    assert (tally.counts["changed"], tally.counts["new"], tally.counts["gone"]) == (1, 1, 1)
    assert nothing.notes == {"a newer release is loaded: nothing to do": 1}


@pytest.mark.both_databases
def test_a_restored_code_is_no_longer_gone(tmp_path):
    for version, code in (("240", A), ("241", B), ("250", A)):
        path = write_set(tmp_path, entry(code), name=f"nucc_taxonomy_{version}.csv")
        load(NUCC, path, LoadOptions())

    assert names() == {A: "Healer"}


@pytest.mark.both_databases
def test_loading_twice_changes_nothing(tmp_path):
    path = write_set(tmp_path, entry(A), entry(B))
    load(NUCC, path, LoadOptions())
    before = public_dump()

    tally = load(NUCC, path, LoadOptions())

    assert public_dump() == before
    assert tally.counts["unchanged"] == 2


def test_the_source_is_recorded(tmp_path):
    load(NUCC, write_set(tmp_path, entry(A)), LoadOptions())

    stored = db.session.scalars(sa.select(Taxonomy)).one()
    assert (stored.source, stored.as_of) == (Source.NUCC, date(2025, 7, 1))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (entry("11A"), "the code '11A' is not ten letters and digits"),
        (entry(B, general=""), "there is no name"),
        (entry(B, display="x" * 201), "the name is longer than 200 characters"),
        (entry(A, "Another"), "the code is in the file twice"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_reason_and_line(tmp_path, bad, reason):
    tally = load(NUCC, write_set(tmp_path, entry(A), bad), LoadOptions())

    assert tally.first_lines == {reason: 3}
    assert names() == {A: "Healer"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (as_csv([entry(B)], [*HEADER[:2], "Class", *HEADER[3:]]), ":1: found a header without it"),
        (as_csv([entry(B)[:-1]], HEADER), ":2: found 7 columns, expected 8"),
        (as_csv([entry(B)], HEADER).replace(b"Healer", b"H\xe9aler"), "the file may be in Latin-1"),
        (as_csv([], HEADER), ":2: found no rows below the header"),
    ],
    ids=["missing", "ragged", "latin", "empty"],
)
def test_a_bad_file_changes_nothing(tmp_path, content, sentence):
    load(NUCC, write_set(tmp_path, entry(A)), LoadOptions())
    before = public_dump()
    path = tmp_path / "nucc_taxonomy_260.csv"
    path.write_bytes(content)

    with pytest.raises(SourceFileError) as caught:
        load(NUCC, path, LoadOptions())

    assert str(caught.value).startswith(path.name)
    assert sentence in str(caught.value)
    assert public_dump() == before
