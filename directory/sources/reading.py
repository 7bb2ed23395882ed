"""Strict, fast reading of rows: whatever is not a well-formed CSV is refused with its line.

The csv module alone forgives unclosed quotes and cut-off files, so the lines of a record are
found here: a record is whole when it has an even number of quotes.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from directory.core.text import folded, squeezed
from directory.sources.errors import SourceFileError
from directory.sources.opening import OpenFile, refuse_other_text

Row = list[str]

_BLOCK = 1 << 20
_LONGEST_RECORD = 1 << 20
_MOST_LINES = 100
_QUOTE = '"'


class Columns:
    """Where each column stands. Names are compared without case, blanks and punctuation."""

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

    def index(self, name: str, *also: str) -> int:
        """Return where the column stands, under this name or one of the others."""
        for each in (name, *also):
            if folded(each) in self._index:
                return self._index[folded(each)]
        names = " or ".join(repr(each) for each in (name, *also))
        raise SourceFileError(self._file, 1, "a header without it", f"a column {names}")


class Reader:
    """The rows of one open file, each with its line; `columns` is known once it is made."""

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
        self._records = self._records_of(_lines(file, progress))
        _, header = next(self._records)
        self.columns = Columns(file.name, header)
        self._width = self.columns.width

    @property
    def name(self) -> str:
        """What the file is called in messages."""
        return self._file.name

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Yield the line and the fields of each row; a row of another width ends it."""
        width = self._width
        line = 1
        for line, row in self._records:
            if len(row) != width:
                columns = "1 column" if len(row) == 1 else f"{len(row)} columns"
                raise self._error(line, columns, f"{width} as in the header")
            yield line, row
        if line == 1:
            raise self._error(2, "no rows below the header", "at least one")

    def _records_of(self, lines: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, Row]]:
        """Yield the fields of each record and the line it begins on; blank lines are none."""
        between = f"{_QUOTE}{self._delimiter}{_QUOTE}"
        pending: list[str] = []
        begun = 0
        for number, block in lines:
            for line, text in enumerate(block, number):
                if not pending:
                    # All fields quoted, no quote within: splitting is exact, and three
                    # times as fast as the csv module.
                    if text[0] == _QUOTE and text.endswith(('"\n', '"\r\n')):
                        row = text.rstrip("\r\n")[1:-1].split(between)
                        if text.count(_QUOTE) == 2 * len(row):
                            yield line, row
                            continue
                    begun = line
                pending.append(text)
                if len(pending) > _MOST_LINES:
                    raise self._error(begun, "a quote that is never closed", "a closing quote")
                record = "".join(pending) if len(pending) > 1 else text
                if record.count(_QUOTE) % 2:
                    continue
                pending.clear()
                if row := self._parsed(record, begun):
                    yield begun, row
        if pending:
            raise self._unclosed(pending, begun)

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

    def _unclosed(self, pending: Sequence[str], begun: int) -> SourceFileError:
        if len(pending) == 1 and not pending[0].endswith("\n"):
            return self._cut_off(begun)
        return self._error(begun, "a quote that is never closed", "a closing quote")

    def _cut_off(self, line: int) -> SourceFileError:
        return self._error(
            line, "a file that is cut off within this row", "a whole row: download it again"
        )

    def _error(self, line: int, found: str, expected: str) -> SourceFileError:
        return SourceFileError(self.name, line, found, expected)


def _lines(file: OpenFile, progress: Callable[[int], None]) -> Iterator[tuple[int, list[str]]]:
    """Yield lists of whole lines, ends included, with the number of the first of each."""
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
            lines = _decoded(file.name, block, number, offset)
            yield number, lines
            number, offset = number + len(lines), offset + len(block)
    if rest:
        yield number, _decoded(file.name, rest, number, offset)
    elif not offset:
        raise SourceFileError(file.name, 1, "an empty file", "a header and rows")


def _decoded(file: str, block: bytes, number: int, offset: int) -> list[str]:
    """Return the lines of a block of bytes that has to be UTF-8 without NUL."""
    if (at := block.find(b"\0")) >= 0:
        line = number + block.count(b"\n", 0, at)
        raise SourceFileError(file, line, f"a NUL at byte {offset + at}", "text")
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError as error:
        line = number + block.count(b"\n", 0, error.start)
        wrong = block[error.start]
        # 80 to 9F are control codes in Latin-1, but curly quotes in Windows-1252.
        hint = "Windows-1252" if any(0x80 <= each <= 0x9F for each in block) else "Latin-1"
        found = f"the byte {wrong:#04x} at byte {offset + error.start}, which is not UTF-8"
        raise SourceFileError(
            file, line, found, f"UTF-8; the file may be in {hint}: convert it first"
        ) from error
    if not offset:
        text = text.removeprefix("\ufeff")
    # Not splitlines(): that also splits at characters which are no line ends in a CSV.
    lines = text.split("\n")
    last = lines.pop()
    lines = [f"{line}\n" for line in lines]
    return [*lines, last] if last else lines
