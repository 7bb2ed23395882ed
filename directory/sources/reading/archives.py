"""Opens public files, plain or within their zip archive; other formats are refused."""

import fnmatch
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from directory.sources.reading.errors import SourceFileError

LARGEST_FILE = 40 * 1024**3
# Text of names and addresses compresses to a tenth; a much higher ratio is a zip bomb.
HIGHEST_RATIO = 200
BROKEN = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError)
_HEAD = 65_536

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_WORKBOOK = "[Content_Types].xml"
_ENCRYPTED = 0x1
_OTHER_FORMATS = {
    b"\x1f\x8b": "a gzip archive without .gz in its name",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


class OpenFile:
    """An open file of rows, with its name in messages and its size in bytes."""

    def __init__(
        self, name: str, size: int, stream: IO[bytes], *, longest: int = LARGEST_FILE
    ) -> None:
        self.name = name
        self.size = size
        self._stream = stream
        self._head = b""
        self._left = longest

    def peek(self) -> bytes:
        """Return the first bytes, which `read` will return again."""
        if not self._head:
            self._head = self.read(_HEAD)
        return self._head

    def read(self, size: int) -> bytes:
        """Return the next bytes; a broken archive is a `SourceFileError`."""
        head, self._head = self._head, b""
        if len(head) >= size:
            self._head = head[size:]
            return head[:size]
        try:
            block = head + self._stream.read(size - len(head))
        except (*BROKEN, RuntimeError) as error:
            raise _broken(self.name, error) from error
        self._left -= len(block) - len(head)
        if self._left < 0:
            raise SourceFileError(self.name, 1, "an archive that unpacks without end", "a list")
        return block


@contextmanager
def opened(path: Path, pattern: str, *, is_workbook: bool = False) -> Iterator[OpenFile]:
    """Open a file, or the one member of a zip whose name matches the pattern."""
    with path.open("rb") as stream:
        head = stream.read(4096)
        stream.seek(0)
        suffix = path.suffix.lower()
        if suffix == ".zip":
            with _archive(path, stream) as archive:
                yield _member(archive, path.name, pattern)
        elif suffix == ".gz":
            with gzip.GzipFile(fileobj=stream) as unpacked:
                size = path.stat().st_size
                # A gzip archive does not declare the size of its content.
                longest = min(LARGEST_FILE, HIGHEST_RATIO * max(size, 4096))
                yield OpenFile(path.name, size, cast("IO[bytes]", unpacked), longest=longest)
        else:
            if not is_workbook:
                _refuse_other_formats(path, head)
            yield OpenFile(path.name, path.stat().st_size, stream)


def has_member(path: Path, pattern: str) -> bool:
    """Return whether a zip holds a file of this kind."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(is_match(name, pattern) for name in archive.namelist())
    except (*BROKEN, NotImplementedError, ValueError):
        return False


def is_match(name: str, pattern: str) -> bool:
    """Return whether a published file name is of this kind, other than a header file."""
    name = Path(name).name.lower()
    return fnmatch.fnmatchcase(name, pattern.lower()) and "fileheader" not in name


def refuse_other_text(file: str, head: bytes) -> None:
    """Raise if the first bytes are those of a web page, or if there are none."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not text:
        raise SourceFileError(file, 1, "an empty file", "a header and rows")
    if text.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        raise SourceFileError(file, 1, "a web page", "a CSV: download the file itself again")


def _refuse_other_formats(path: Path, head: bytes) -> None:
    if head.startswith((_ZIP, _EMPTY_ZIP)):
        found = "an Excel workbook" if _is_workbook(path) else "a zip archive"
        hint = "save it as CSV" if "Excel" in found else "give it a name that ends in .zip"
        raise SourceFileError(path.name, 1, f"{found} under the name of a CSV", f"a CSV: {hint}")
    for magic, found in _OTHER_FORMATS.items():
        if head.startswith(magic):
            raise SourceFileError(path.name, 1, found, "a CSV in UTF-8")


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return _WORKBOOK in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _archive(path: Path, stream: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        if not path.stat().st_size:
            raise SourceFileError(path.name, 1, "an empty file", "a zip archive") from error
        raise _broken(path.name, error) from error


def _member(archive: zipfile.ZipFile, name: str, pattern: str) -> OpenFile:
    info = _the_one_member(archive, name, pattern)
    label = f"{name}/{Path(info.filename).name}"
    if info.flag_bits & _ENCRYPTED:
        raise SourceFileError(label, 1, "an encrypted member", "one that needs no password")
    if info.file_size > LARGEST_FILE:
        size = f"{info.file_size / 1024**3:.0f} GB"
        raise SourceFileError(label, 1, size, f"at most {LARGEST_FILE // 1024**3} GB")
    if info.file_size > HIGHEST_RATIO * max(info.compress_size, 1):
        ratio = f"a member {info.file_size // max(info.compress_size, 1)} times its packed size"
        raise SourceFileError(label, 1, ratio, f"at most {HIGHEST_RATIO} times")
    try:
        # zipfile unpacks at most the declared size and verifies the checksum.
        return OpenFile(label, info.file_size, archive.open(info))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise _broken(label, error) from error


def _the_one_member(archive: zipfile.ZipFile, name: str, pattern: str) -> zipfile.ZipInfo:
    found = [info for info in archive.infolist() if is_match(info.filename, pattern)]
    if len(found) == 1:
        return found[0]
    if _WORKBOOK in archive.namelist():
        raise SourceFileError(name, 1, "an Excel workbook under the name of a zip", pattern)
    if found:
        raise SourceFileError(name, 1, f"{len(found)} members named {pattern}", "one")
    names = ", ".join(repr(Path(info.filename).name)[:80] for info in archive.infolist()[:5])
    raise SourceFileError(name, 1, f"the members {names or 'none'}", f"one named {pattern}")


def _broken(name: str, error: Exception) -> SourceFileError:
    return SourceFileError(
        name, 1, f"a broken archive ({error})", "a whole one: download the file again"
    )
