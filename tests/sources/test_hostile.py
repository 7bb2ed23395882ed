"""Every kind of hostile file is refused by every importer, with a line and a message."""

import gzip
import io
import re
import zipfile

import pytest

from directory.core.db.database import writing
from directory.sources.loading.importer import Format, Importer
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.reading.errors import SourceFileError
from directory.sources.registry import FAMILIES
from tests.factories import make_location, make_provider
from tests.sources.dumps import public_dump

IMPORTERS = {
    f"{name} {each.find_part('') or each.name}": each
    for name, family in FAMILIES.items()
    for each in family
}
CSVS = [name for name, each in IMPORTERS.items() if each.format is Format.CSV]


def lines_of(importer: Importer) -> list[bytes]:
    """Return a header with all columns, and four rows of the right width."""
    between = f'"{importer.delimiters[0]}"'
    names = [column.names[0] for column in importer.columns]
    rows = [[f"{number}{place}" for place in range(len(names))] for number in range(4)]
    return [f'"{between.join(row)}"\n'.encode() for row in [names, *rows]]


def with_third_line(lines: list[bytes], line: bytes) -> bytes:
    return b"".join([*lines[:2], line, *lines[3:]])


def workbook() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return stream.getvalue()


def wrecks(importer: Importer) -> dict[str, tuple[bytes, str]]:
    """Return the kind of fault, the file, and the line and text of the error."""
    lines = lines_of(importer)
    whole, header, third = b"".join(lines), lines[0], lines[2]
    first = importer.columns[0].names[0]
    quoted = f'"{first}"'.encode()
    between = importer.delimiters[0].encode()
    return {
        "a missing column": (
            whole.replace(quoted, b'"Something else"', 1),
            ":1: found a header without it, expected a column",
        ),
        "a column twice": (
            whole.replace(header, header.replace(b"\n", between + quoted + b"\n")),
            ":1: found the column",
        ),
        "not UTF-8": (with_third_line(lines, b'"M\xfcller"\n'), ":3: found the byte 0xfc at byte"),
        "a NUL": (with_third_line(lines, third.replace(b"0", b"\0", 1)), ":3: found a NUL at byte"),
        "a quote that stays open": (
            with_third_line(lines, third[:-2] + b"\n"),
            ":3: found a quote that is never closed",
        ),
        "a ragged row": (
            with_third_line(
                lines, b'"1"' + between + b'"2"\n' if len(importer.columns) != 2 else b'"1"\n'
            ),
            ":3: found",
        ),
        "a cut-off file": (whole[:-4], ":5: found a file that is cut off within this row"),
        "nothing at all": (b"", ":1: found an empty file"),
        "a header alone": (header, ":2: found no rows below the header"),
        "a web page": (b"<!DOCTYPE html><p>Moved</p>", ":1: found a web page"),
        "a workbook": (workbook(), ":1: found an Excel workbook under the name of a CSV"),
        "an archive": (b"PK\x03\x04abc", ":1: found a zip archive under the name of a CSV"),
        "a gzip archive": (gzip.compress(whole), ":1: found a gzip archive without .gz"),
    }


@pytest.fixture(autouse=True)
def somebody(app):
    """A provider who must be unchanged afterwards."""
    with writing() as session:
        make_location(session, make_provider(session, treatments=40))


@pytest.mark.parametrize("name", CSVS)
def test_a_hostile_csv_is_refused_by_every_importer(tmp_path, name):
    importer = IMPORTERS[name]
    before = public_dump()
    for wrong, (content, complaint) in wrecks(importer).items():
        path = tmp_path / "hostile_2023.csv"
        path.write_bytes(content)

        message = refusal(importer, path)

        if wrong == "a missing column" and "expected a column" not in message:
            complaint = ":1: found"  # A license file names all that are missing at once.
        assert message.startswith(f"hostile_2023.csv{complaint}"), f"{wrong}: {message}"
        assert re.search(r", expected .+\.$", message), message
    assert public_dump() == before


@pytest.mark.parametrize("name", IMPORTERS)
def test_a_hostile_archive_is_refused_by_every_importer(tmp_path, name):
    importer = IMPORTERS[name]
    member = importer.pattern.replace("*", "x")
    before = public_dump()
    for wrong, content in {
        "not an archive": b"This is no archive.",
        "cut off": zip_of({member: b"x" * 9000})[:-30],
        "a bomb": zip_of({member: b"0" * 30_000_000}),
        "nothing of ours": zip_of({"readme.md": b"x"}),
        "two of them": zip_of({f"a/{member}": b"x", f"b/{member}": b"x"}),
    }.items():
        path = tmp_path / "hostile.zip"
        path.write_bytes(content)

        message = refusal(importer, path)

        assert re.match(r"hostile\.zip[^:]*:1: found .+, expected .+\.$", message), (
            f"{wrong}: {message}"
        )
    assert public_dump() == before


def test_a_gzip_bomb_is_refused(tmp_path):
    path = tmp_path / "UPDATED.csv.gz"
    path.write_bytes(gzip.compress(b'"a","b"\n' * 40_000_000))

    message = refusal(IMPORTERS["exclusions exclusions"], path)

    assert message.startswith("UPDATED.csv.gz:1: found ")


def refusal(importer: Importer, path) -> str:
    with pytest.raises(SourceFileError) as caught:
        load(importer, path, LoadOptions(part=importer.find_part("")))
    return str(caught.value)


def zip_of(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()
