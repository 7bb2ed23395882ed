"""A strict, fast CSV reader: malformed input is refused with its line number.

CSV readers tolerate unclosed quotes, ragged rows and truncated files, so every line is checked
first: a line with exactly the quotes and delimiters of a plain row is left to the fast reader, and
every other line is parsed strictly. A record is complete when it has an even number of quotes.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from directory.core.text import folded, squeezed
from directory.sources.reading.archives import OpenFile, refuse_other_text
from directory.sources.reading.errors import SourceFileError

Row = list[str]

_BLOCK = 32 << 20
_LONGEST_RECORD = 1 << 20
_MOST_LINES = 100
_QUOTE = '"'
_NEWLINE = 10
_NEVER = b"\x01"  # does not occur in a plain block
_BOM = b"\xef\xbb\xbf"


class Columns:
    """The positions of columns. Names are compared without case, blanks and punctuation."""

    def __init__(self, file: str, header: Sequence[str]) -> None:
        self._file = file
        self._index = {folded(name): index for index, name in enumerate(header)}
        self.width = len(header)
        counted = Counter(folded(name) for name in header if name.strip())
        for name in header:
            if counted[folded(name)] > 1:
                raise SourceFileError(
                    file, 1, f"the column {squeezed(name)[:80]!r} twice", "each column once"
                )

    def find(self, *names: str) -> int | None:
        """Return the index of the column with the first of these names that exists, or None."""
        found = (self._index.get(folded(name)) for name in names)
        return next((each for each in found if each is not None), None)

    def index(self, name: str, *also: str) -> int:
        """Return the index of the column with one of these names; raise if there is none."""
        found = self.find(name, *also)
        if found is not None:
            return found
        names = " or ".join(repr(each) for each in (name, *also))
        raise SourceFileError(self._file, 1, "a header without it", f"a column {names}")


class Reader:
    """The rows of one open file with their line numbers; the header is read on creation."""

    def __init__(
        self,
        file: OpenFile,
        *,
        delimiter: str = ",",
        progress: Callable[[int], None] = lambda _bytes: None,
    ) -> None:
        self._file = file
        self._delimiter = delimiter
        self._width = 0  # until the header is read
        self._pending: list[str] = []
        self._begun = 0
        self._blocks = _lines(file, progress)
        self._rest: tuple[int, bytes] | None = None
        self.columns = Columns(file.name, self._header())
        self._width = self.columns.width

    @property
    def name(self) -> str:
        """The name of the file in messages."""
        return self._file.name

    def frames(self, wanted: Mapping[str, int]) -> Iterator[pl.DataFrame]:
        """Yield the wanted columns of all rows as text, by our names and with their lines.

        Missing values are empty texts. A row of another width raises an error.
        """
        is_empty = True
        for number, block in self._remaining():
            frame = self._frame(number, block, wanted)
            is_empty = is_empty and not frame.height
            yield frame
        if self._pending:
            raise self._unclosed()
        if is_empty:
            raise self._error(2, "no rows below the header", "at least one")

    def _header(self) -> Row:
        for number, block in self._blocks:
            lines = _split(block)
            for index, line in enumerate(lines):
                if (row := self._record_with(line, number + index)) is not None and row[1]:
                    rest = "".join(lines[index + 1 :]).encode()
                    self._rest = (number + index + 1, rest)
                    return row[1]
        if self._pending:
            raise self._unclosed()
        raise self._error(1, "an empty file", "a header and rows")

    def _remaining(self) -> Iterator[tuple[int, bytes]]:
        if self._rest and self._rest[1]:
            yield self._rest
        yield from self._blocks

    def _frame(self, number: int, block: bytes, wanted: Mapping[str, int]) -> pl.DataFrame:
        """Return the rows of a block: plain lines in bulk, the others one by one."""
        is_plain = self._plain_lines(block)
        if not self._pending and is_plain.all():
            lines = np.arange(number, number + len(is_plain))
            return self._plain_frame(block, lines, wanted)
        plain, others = self._separated(number, block, is_plain, list(wanted.values()))
        parts = []
        if plain:
            text = b"".join(piece for _, _, piece in plain)
            lines = np.concatenate([np.arange(first, last) for first, last, _ in plain])
            parts.append(self._plain_frame(text, lines, wanted))
        if others:
            parts.append(_frame_of_rows(others, wanted))
        if not parts:
            return pl.DataFrame(schema={**dict.fromkeys(wanted, pl.String), "line": pl.Int64})
        return pl.concat(parts).sort("line") if len(parts) > 1 else parts[0]

    def _plain_lines(self, block: bytes) -> np.ndarray:
        """Return for each line whether it is a row with all fields quoted or none."""
        count = block.count(b"\n") + (not block.endswith(b"\n"))
        if _NEVER in block or self._width < 2:
            return np.zeros(count, dtype=bool)
        whole = pl.read_csv(
            block,
            has_header=False,
            separator=_NEVER.decode(),
            quote_char=None,
            infer_schema=False,
            new_columns=["line"],
            empty_string_is_null=False,
        )["line"]
        if whole.len() != count:
            return np.zeros(count, dtype=bool)
        quotes = block.count(_QUOTE.encode())
        if not quotes:
            is_plain = self._has_gaps(whole, self._delimiter)
        elif self._may_be_quoted(block, quotes, count) and (
            (quoted := self._has_gaps(whole, self._between)).all()
        ):
            is_plain = quoted
        else:
            is_plain = self._plain_ones(whole)
        found = is_plain.to_numpy().copy()
        if not block.endswith(b"\n"):
            found[-1] = False  # It may be truncated.
        return found

    @property
    def _between(self) -> str:
        return f"{_QUOTE}{self._delimiter}{_QUOTE}"

    def _has_gaps(self, lines: pl.Series, between: str) -> pl.Series:
        return lines.str.count_matches(between, literal=True) == self._width - 1

    def _may_be_quoted(self, block: bytes, quotes: int, lines: int) -> bool:
        """Return whether all lines begin and end with a quote, with the right total of quotes.

        If each line then has the right separators, which use all but two, no quote is left.
        """
        quote = _QUOTE.encode()
        end = quote + (b"\r\n" if block.endswith(b"\r\n") else b"\n")
        return (
            quotes == 2 * self._width * lines
            and block.startswith(quote)
            and block.endswith(end)
            and block.count(end + quote) == lines - 1
        )

    def _plain_ones(self, lines: pl.Series) -> pl.Series:
        marks = lines.str.count_matches(_QUOTE, literal=True)
        is_quoted = (marks == 2 * self._width) & self._has_gaps(lines, self._between)
        is_quoted &= lines.str.starts_with(_QUOTE)
        is_quoted &= lines.str.strip_suffix("\r").str.ends_with(_QUOTE)
        is_bare = marks == 0
        if is_bare.any():
            is_bare &= self._has_gaps(lines, self._delimiter)
        return is_quoted | is_bare

    def _separated(
        self, number: int, block: bytes, is_plain: np.ndarray, places: Sequence[int]
    ) -> tuple[list[tuple[int, int, bytes]], list[tuple[int, Row]]]:
        """Return the runs of plain lines, and the selected fields of other rows, with lines."""
        ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == _NEWLINE) + 1
        if len(ends) < len(is_plain):
            ends = np.append(ends, len(block))
        starts = np.concatenate(([0], ends[:-1]))
        odd = np.append(np.flatnonzero(~is_plain), len(is_plain))
        plain: list[tuple[int, int, bytes]] = []
        others: list[tuple[int, Row]] = []
        at = 0
        while at < len(is_plain):
            if not self._pending:
                upto = int(odd[np.searchsorted(odd, at)])
                if upto > at:
                    piece = block[starts[at] : ends[upto - 1]]
                    plain.append((number + at, number + upto, piece))
                    at = upto
                    continue
            record = self._record_with(block[starts[at] : ends[at]].decode(), number + at)
            if record is not None and record[1]:
                line, row = self._checked(*record)
                others.append((line, [row[place] for place in places]))
            at += 1
        return plain, others

    def _checked(self, line: int, row: Row) -> tuple[int, Row]:
        if len(row) != self._width:
            columns = "1 column" if len(row) == 1 else f"{len(row)} columns"
            raise self._error(line, columns, f"{self._width} as in the header")
        return line, row

    def _plain_frame(
        self, text: bytes, lines: np.ndarray, wanted: Mapping[str, int]
    ) -> pl.DataFrame:
        places = sorted(set(wanted.values()))
        frame = pl.read_csv(
            text,
            has_header=False,
            columns=places,
            separator=self._delimiter,
            infer_schema=False,
            empty_string_is_null=False,
        )
        frame.columns = [str(place) for place in places]
        return frame.select(
            *(pl.col(str(index)).fill_null("").alias(name) for name, index in wanted.items()),
            pl.Series("line", lines, dtype=pl.Int64),
        )

    def _record_with(self, text: str, line: int) -> tuple[int, Row] | None:
        """Return the record that ends with this line and where it begins, if one ends here."""
        if not self._pending:
            self._begun = line
        self._pending.append(text)
        if len(self._pending) > _MOST_LINES:
            raise self._error(self._begun, "a quote that is never closed", "a closing quote")
        record = "".join(self._pending) if len(self._pending) > 1 else text
        if record.count(_QUOTE) % 2:
            return None
        self._pending.clear()
        return self._begun, self._parsed(record, self._begun)

    def _parsed(self, record: str, line: int) -> Row:
        if not record.strip():
            return []
        try:
            rows = list(csv.reader([record], delimiter=self._delimiter, strict=True))
        except csv.Error as error:
            raise self._error(line, f"a malformed row ({error})", "a CSV row") from error
        row = rows[0]
        if not record.endswith("\n") and len(row) < self._width:
            raise self._cut_off(line)
        return row

    def _unclosed(self) -> SourceFileError:
        if len(self._pending) == 1 and not self._pending[0].endswith("\n"):
            return self._cut_off(self._begun)
        return self._error(self._begun, "a quote that is never closed", "a closing quote")

    def _cut_off(self, line: int) -> SourceFileError:
        return self._error(
            line, "a file that is cut off within this row", "a whole row: download it again"
        )

    def _error(self, line: int, found: str, expected: str) -> SourceFileError:
        return SourceFileError(self.name, line, found, expected)


def _frame_of_rows(rows: Sequence[tuple[int, Row]], wanted: Mapping[str, int]) -> pl.DataFrame:
    values = [row for _, row in rows]
    frame = pl.DataFrame(values, schema=dict.fromkeys(wanted, pl.String), orient="row")
    return frame.with_columns(pl.Series("line", [line for line, _ in rows], dtype=pl.Int64))


def _lines(file: OpenFile, progress: Callable[[int], None]) -> Iterator[tuple[int, bytes]]:
    """Yield blocks of complete lines, validated as text, with their first line number."""
    number, offset, rest = 1, 0, b""
    while block := file.read(_BLOCK):
        progress(len(block))
        if not offset and not rest:
            refuse_other_text(file.name, block[:4096])
        block = rest + block
        cut = block.rfind(b"\n") + 1
        block, rest = block[:cut], block[cut:]
        if len(rest) > _LONGEST_RECORD:
            line = number + block.count(b"\n")
            raise SourceFileError(file.name, line, "a line of more than 1 MB", "lines of a CSV")
        if block:
            _refuse_no_text(file.name, block, number, offset)
            yield number, block if offset else block.removeprefix(_BOM)
            number, offset = number + block.count(b"\n"), offset + len(block)
    if rest:
        _refuse_no_text(file.name, rest, number, offset)
        yield number, rest if offset else rest.removeprefix(_BOM)
    elif not offset:
        raise SourceFileError(file.name, 1, "an empty file", "a header and rows")


def _refuse_no_text(file: str, block: bytes, number: int, offset: int) -> None:
    """Raise unless a block of bytes is UTF-8 without NUL."""
    if (at := block.find(b"\0")) >= 0:
        line = number + block.count(b"\n", 0, at)
        raise SourceFileError(file, line, f"a NUL at byte {offset + at}", "text")
    if block.isascii():
        return
    try:
        block.decode("utf-8")
    except UnicodeDecodeError as error:
        line = number + block.count(b"\n", 0, error.start)
        wrong = block[error.start]
        # 80 to 9F are control codes in Latin-1, but curly quotes in Windows-1252.
        hint = "Windows-1252" if any(0x80 <= each <= 0x9F for each in block) else "Latin-1"
        found = f"the byte {wrong:#04x} at byte {offset + error.start}, which is not UTF-8"
        raise SourceFileError(
            file, line, found, f"UTF-8; the file may be in {hint}: convert it first"
        ) from error


def _split(block: bytes) -> list[str]:
    """Return the lines of a block, ends included."""
    # Not splitlines(): that also splits at characters which are no line ends in a CSV.
    lines = block.decode("utf-8").split("\n")
    last = lines.pop()
    lines = [f"{line}\n" for line in lines]
    return [*lines, last] if last else lines
