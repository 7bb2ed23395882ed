"""Opens public files of all formats as tables."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from directory.sources.loading.importer import Format, Importer
from directory.sources.loading.progress import Progress, no_progress
from directory.sources.reading.archives import OpenFile, opened
from directory.sources.reading.csv_reader import Columns, Reader
from directory.sources.reading.errors import SourceFileError
from directory.sources.reading.xlsx_reader import read_workbook

_LARGEST_JSON = 64 * 1024**2  # parsed, it takes ten times the memory


class Table(Protocol):
    """Rows with a header."""

    @property
    def name(self) -> str:
        """The name of the file in messages."""

    @property
    def columns(self) -> Columns:
        """The positions of the columns."""

    def frames(self, wanted: Mapping[str, int]) -> Iterator[pl.DataFrame]:
        """Yield the wanted columns as text, by our names, with the `line` of each row."""


@dataclass(frozen=True)
class WholeTable:
    """A table that fits into memory, all columns as text."""

    name: str
    columns: Columns
    rows: pl.DataFrame  # by the places of the columns, and `line`

    def frames(self, wanted: Mapping[str, int]) -> Iterator[pl.DataFrame]:
        """Yield the wanted columns, all at once."""
        yield self.rows.select(
            *(pl.col(str(index)).alias(name) for name, index in wanted.items()), "line"
        )


@contextmanager
def opened_table(
    importer: Importer, path: Path, progress: Progress = no_progress
) -> Iterator[Table]:
    """Open the part of a file that is for this importer."""
    is_workbook = importer.format is Format.WORKBOOK
    with (
        opened(path, importer.pattern, is_workbook=is_workbook) as file,
        progress("Reading", file.size) as advance,
    ):
        if is_workbook:
            yield whole_table(file.name, *read_workbook(file))
        elif _is_json(file):
            yield _json_table(file)
        else:
            yield csv_table(file, importer.delimiters, advance)


def csv_table(
    file: OpenFile, delimiters: str, advance: Callable[[int], None] = lambda _bytes: None
) -> Reader:
    """Return the reader of a CSV, with the delimiter found in the header."""
    head = file.peek().split(b"\n", 1)[0]
    delimiter = max(delimiters, key=lambda each: head.count(each.encode()))
    return Reader(file, delimiter=delimiter, progress=advance)


def whole_table(name: str, header: list[str], rows: list[list[str]], first_line: int) -> WholeTable:
    """Return a table of rows in memory; the first has this line number."""
    columns = Columns(name, header)
    if not rows:
        raise SourceFileError(name, first_line, "no rows below the header", "at least one")
    places = [str(place) for place in range(len(header))]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(places, pl.String), orient="row")
    return WholeTable(name, columns, frame.with_row_index("line", offset=first_line))


def _is_json(file: OpenFile) -> bool:
    return file.peek().lstrip()[:1] in {b"[", b"{"}


def _json_table(file: OpenFile) -> WholeTable:
    """Read an array of flat objects. Its "lines" are the numbers of the objects."""
    text = file.read(_LARGEST_JSON)
    if file.read(1):
        raise SourceFileError(file.name, 1, "more than 64 MB of JSON", "the CSV of the same file")
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise SourceFileError(file.name, line, f"no JSON ({error})", "an array of rows") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceFileError(file.name, 1, "other JSON", "an array of flat objects, one a row")
    header = list(dict.fromkeys(name for row in rows for name in row))
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise SourceFileError(
                file.name,
                number,
                f"{len(row)} values in row {number}",
                f"{len(header)} as in others",
            )
    values = [["" if row[name] is None else str(row[name]) for name in header] for row in rows]
    return whole_table(file.name, header, values, 1)
