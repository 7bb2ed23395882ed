"""Every kind of invalid file is refused with its line and a message."""

import io
import zipfile
from pathlib import Path

import pytest

from directory.sources.reading.archives import opened
from directory.sources.reading.csv_reader import Reader
from directory.sources.reading.errors import SourceFileError

PATTERN = "npidata_pfile_*.csv"
GOOD = b'"NPI","Name"\n"1","Ada"\n"2","Bo"\n'


def rows_of(path: Path) -> list[tuple[int, list[str]]]:
    with opened(path, PATTERN) as file:
        reader = Reader(file)
        names = {str(place): place for place in range(reader.columns.width)}
        return [
            (row[-1], list(row[:-1])) for frame in reader.frames(names) for row in frame.iter_rows()
        ]


def refusal(tmp_path: Path, content: bytes, name: str = "file.csv") -> str:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceFileError) as caught:
        rows_of(path)
    return str(caught.value)


def zip_of(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b'"', b""),
        GOOD[:-1],
        GOOD + b"\n\r\n",
    ],
    ids=["quoted", "bom", "crlf", "unquoted", "no last newline", "blank rows at the end"],
)
def test_common_csv_dialects_are_read(tmp_path, content):
    path = tmp_path / "file.csv"
    path.write_bytes(content)

    assert rows_of(path) == [(2, ["1", "Ada"]), (3, ["2", "Bo"])]


def test_quotes_commas_and_line_ends_within_a_field_are_kept(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(b'"NPI","Name"\n"1","A ""B"", C"\n"2","two\nlines"\n"3","x"\n')

    assert rows_of(path) == [(2, ["1", 'A "B", C']), (3, ["2", "two\nlines"]), (5, ["3", "x"])]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "file.csv:1: found an empty file, expected a header and rows."),
        (b" \n\n", "file.csv:1: found an empty file, expected a header and rows."),
        (b'"NPI","Name"\n', "file.csv:2: found no rows below the header, expected at least one."),
        (
            b"<!DOCTYPE html><html>",
            "file.csv:1: found a web page, expected a CSV: download the file itself again.",
        ),
        (
            GOOD + b'"3","J\xf6rg"\n',
            "file.csv:4: found the byte 0xf6 at byte 38, which is not UTF-8, "
            "expected UTF-8; the file may be in Latin-1: convert it first.",
        ),
        (GOOD + b'"3","O\x92Neil"\n', "Windows-1252"),
        (GOOD + b'"3","a\0b"\n', "file.csv:4: found a NUL at byte 38, expected text."),
        (
            GOOD + b'"3","open\n' + b'"4","Ed"\n' * 500,
            "file.csv:4: found a quote that is never closed, expected a closing quote.",
        ),
        (
            GOOD + b'"3","open\n' + b'"4","Ed"\n' * 5,
            "file.csv:4: found a quote that is never closed, expected a closing quote.",
        ),
        (GOOD + b'"3"\n', "file.csv:4: found 1 column, expected 2 as in the header."),
        (GOOD + b'"3","Ed","x"\n', "file.csv:4: found 3 columns, expected 2 as in the header."),
        (GOOD + b"3,Ed,x\n", "file.csv:4: found 3 columns, expected 2 as in the header."),
        (
            GOOD + b'"3","Ed',
            "file.csv:4: found a file that is cut off within this row, "
            "expected a whole row: download it again.",
        ),
        (GOOD + b'"3"', "file.csv:4: found a file that is cut off within this row"),
        (GOOD + b'"3","a"b"c"\n', "file.csv:4: found a malformed row"),
        (
            b'"NPI","name","Name "\n"1","a","b"\n',
            "file.csv:1: found the column 'name' twice, expected each column once.",
        ),
        (
            b"\x1f\x8b\x08",
            "file.csv:1: found a gzip archive without .gz in its name, expected a CSV in UTF-8.",
        ),
        (b"\xff\xfeN\0P\0", "file.csv:1: found UTF-16 text, expected a CSV in UTF-8."),
        (b"x" * 3_000_000, "file.csv:1: found a line of more than 1 MB, expected lines of a CSV."),
    ],
)
def test_an_invalid_file_is_refused_with_line_and_message(tmp_path, content, sentence):
    assert sentence in refusal(tmp_path, content)


def test_line_numbers_are_right_across_blocks(tmp_path):
    content = b'"NPI","Name"\n' + b'"1","Ada"\n' * 300_000 + b'"2","\xff"\n'

    assert refusal(tmp_path, content).startswith("file.csv:300002: found the byte 0xff at byte")


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(GOOD)

    with opened(path, PATTERN) as file, pytest.raises(SourceFileError) as caught:
        Reader(file).columns.index("Provider Sex Code", "Provider Gender Code")

    assert "a column 'Provider Sex Code' or 'Provider Gender Code'" in str(caught.value)


def test_columns_are_found_regardless_of_blanks_and_case(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(b'" NPI ","Practice Address-  LINE 1"\n"1","x"\n')

    with opened(path, PATTERN) as file:
        assert Reader(file).columns.index("Practice Address - Line 1") == 1


def test_workbooks_and_archives_under_the_name_of_a_csv_are_refused(tmp_path):
    workbook = zip_of({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})

    assert "found an Excel workbook under the name of a CSV" in refusal(tmp_path, workbook)
    assert "found a zip archive under the name of a CSV" in refusal(tmp_path, zip_of({"a": b"b"}))
    assert "found an Excel workbook under the name of a zip" in refusal(tmp_path, workbook, "a.zip")


def test_the_one_matching_member_of_a_zip_is_read(tmp_path):
    path = tmp_path / "published.zip"
    names = ("npidata_pfile_20050523-20260907_FileHeader.csv", "pl_pfile_1.csv", "../../evil.csv")
    path.write_bytes(zip_of({**dict.fromkeys(names, b"x"), "npidata_pfile_1.csv": GOOD}))

    assert len(rows_of(path)) == 2
    assert sorted(each.name for each in tmp_path.iterdir()) == ["published.zip"]


def _lying_about_its_size() -> bytes:
    data = bytearray(zip_of({"npidata_pfile_1.csv": GOOD * 50}))
    real = len(GOOD * 50).to_bytes(4, "little")
    return bytes(data.replace(real, (40).to_bytes(4, "little")))


def _encrypted() -> bytes:
    data = bytearray(zip_of({"npidata_pfile_1.csv": GOOD}))
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _declaring(size: int) -> bytes:
    data = bytearray(zip_of({"npidata_pfile_1.csv": GOOD}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = size.to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "a.zip:1: found an empty file, expected a zip archive."),
        (b"PK\x03\x04 nothing more", "a.zip:1: found a broken archive"),
        (b"<html></html>", "a.zip:1: found a broken archive"),
        (zip_of({"npidata_pfile_1.csv": GOOD * 99})[:-40], "found a broken archive"),
        (zip_of({"x.csv": GOOD}), "found the members 'x.csv', expected one named npidata_pfile_*"),
        (zip_of({"npidata_pfile_1.csv": b"", "npidata_pfile_2.csv": b""}), "found 2 members"),
        (zip_of({"npidata_pfile_1.csv": b"a" * 3_000_000}), "times its packed size"),
        (_encrypted(), "a.zip/npidata_pfile_1.csv:1: found an encrypted member"),
        (_declaring(0xFFFFFFF0), "times its packed size"),
        (_lying_about_its_size(), "a.zip/npidata_pfile_1.csv:1: found a broken archive (Bad CRC"),
        (zip_of({"npidata_pfile_1.csv": GOOD + b'"3"\n'}), "a.zip/npidata_pfile_1.csv:4: found 1"),
    ],
)
def test_a_broken_or_hostile_archive_is_refused(tmp_path, content, sentence):
    assert sentence in refusal(tmp_path, content, "a.zip")


def test_a_member_larger_than_any_public_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("directory.sources.reading.archives.LARGEST_FILE", 10)

    assert "expected at most" in refusal(tmp_path, zip_of({"npidata_pfile_1.csv": GOOD}), "a.zip")


def test_a_damaged_member_is_refused_by_its_checksum(tmp_path):
    content = bytearray(zip_of({"npidata_pfile_1.csv": GOOD}, zipfile.ZIP_STORED))
    content[content.index(b"Ada")] = ord("B")

    assert "found a broken archive (Bad CRC" in refusal(tmp_path, bytes(content), "a.zip")
