"""Reads the first sheet of an Excel workbook, every cell as text."""

import io
import zipfile

import python_calamine

from directory.sources.reading.archives import HIGHEST_RATIO, OpenFile
from directory.sources.reading.errors import SourceFileError

_MAX_BYTES = 64 * 1024**2
_MAX_UNPACKED_BYTES = 256 * 1024**2


def read_workbook(file: OpenFile) -> tuple[list[str], list[list[str]], int]:
    """Return the header, the rows below it and the line of the first one.

    Titles above the header are skipped: the header is the first row with two filled cells.
    """
    content = file.read(_MAX_BYTES)
    if file.read(1):
        raise SourceFileError(file.name, 1, "more than 64 MB", "a workbook of one list")
    _refuse_hostile(file.name, content)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        cells = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        found = f"a broken workbook ({error})"
        raise SourceFileError(file.name, 1, found, "a whole one: download it again") from error
    rows = [[str(cell).strip() for cell in row] for row in cells]
    top = next((index for index, row in enumerate(rows) if sum(map(bool, row)) >= 2), None)
    if top is None:
        raise SourceFileError(file.name, 1, "an empty workbook", "a header and rows")
    below = [row for row in rows[top + 1 :] if any(row)]
    return rows[top], below, top + 2


def _refuse_hostile(name: str, content: bytes) -> None:
    """Raise if the workbook, itself a zip archive, is a zip bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError) as error:
        found = "something else under the name of a workbook"
        raise SourceFileError(name, 1, found, "an Excel workbook (.xlsx)") from error
    unpacked = sum(info.file_size for info in members)
    if unpacked > _MAX_UNPACKED_BYTES or unpacked > HIGHEST_RATIO * max(len(content), 1):
        ratio = f"a workbook that unpacks to {unpacked // max(len(content), 1)} times its size"
        raise SourceFileError(name, 1, ratio, f"at most {HIGHEST_RATIO} times")
