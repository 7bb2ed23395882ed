"""A disk that keeps only synced data after a power failure, and a random part of the rest.

SQLite writes through `Recorder`, which notes every write, truncation and sync. `Disk` walks
through the notes and says what the files hold when the power goes at any of them.

A VFS in Python has no shared memory. So a replayed connection keeps its locks (EXCLUSIVE),
and the index of its log stays in the process; what goes to the files is the same.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512


@dataclass(frozen=True)
class Written:
    """Bytes were written to a file."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True)
class Truncated:
    """A file was cut off."""

    file: str
    size: int


@dataclass(frozen=True)
class Synced:
    """All that was written to a file is on the platter."""

    file: str


@dataclass(frozen=True)
class Acknowledged:
    """This inquiry was acknowledged as sent."""

    inquiry_id: str


Step = Written | Truncated | Synced | Acknowledged


class Recorder(apsw.VFS):
    """The usual file system, with every change noted in `steps`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps: list[Step] = []
        self.is_over = False
        super().__init__(name, base="")

    def xOpen(self, name, flags):  # noqa: N802 - as SQLite calls it
        """Open a file; those without a name are for a moment only."""
        if name is None:
            return super().xOpen(name, flags)
        return _File(self.steps, name, flags)

    def xDelete(self, filename, syncdir):  # noqa: N802
        """Refuse until the end: while inquiries are sent no file comes or goes."""
        assert self.is_over, f"{Path(filename).name} was deleted"
        super().xDelete(filename, syncdir)


class _File(apsw.VFSFile):
    def __init__(self, steps: list[Step], name, flags) -> None:
        self._steps = steps
        self._name = Path(name.filename() if isinstance(name, apsw.URIFilename) else name).name
        super().__init__("", name, flags)

    def xWrite(self, data, offset):  # noqa: N802
        super().xWrite(data, offset)
        self._steps.append(Written(self._name, offset, bytes(data)))

    def xTruncate(self, newsize):  # noqa: N802
        super().xTruncate(newsize)
        self._steps.append(Truncated(self._name, newsize))

    def xSync(self, flags):  # noqa: N802
        super().xSync(flags)
        self._steps.append(Synced(self._name))


@dataclass
class _Stored:
    """A file: what is on the platter, and what is not yet."""

    safe: bytearray = field(default_factory=bytearray)
    pending: list[Written | Truncated] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.safe, change)
        self.pending.clear()

    def after_cut(self, chance: random.Random, share: float) -> bytes:
        content = bytearray(self.safe)
        for change in self.pending:
            for piece in _sectors(change):
                if chance.random() < share:
                    _apply(content, piece)
        return bytes(content)


class Disk:
    """Files as they would be found after a power cut."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = {name: _Stored(bytearray(content)) for name, content in files.items()}
        self.acknowledged: list[str] = []

    def take(self, step: Step) -> None:
        """Go one step further."""
        match step:
            case Acknowledged():
                self.acknowledged.append(step.inquiry_id)
            case Synced():
                self._files.setdefault(step.file, _Stored()).sync()
            case _:
                self._files.setdefault(step.file, _Stored()).pending.append(step)

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """Return the files after a cut now; of what was not synced any sector may be there."""
        share = chance.choice([0.0, chance.random(), 1.0])
        return {name: stored.after_cut(chance, share) for name, stored in self._files.items()}


def cuts(
    files: Mapping[str, bytes], steps: Iterable[Step], moments: Iterable[int]
) -> Iterator[Disk]:
    """Give the disk at each moment, which is a number of steps."""
    disk, done, steps = Disk(files), 0, iter(steps)
    for moment in sorted(moments):
        while done < moment:
            disk.take(next(steps))
            done += 1
        yield disk


def _sectors(change: Written | Truncated) -> Iterator[Written | Truncated]:
    """Take a write apart at the borders of sectors: each is written whole or not at all."""
    if isinstance(change, Truncated):
        yield change
        return
    start, end = change.offset, change.offset + len(change.data)
    while start < end:
        border = min(end, (start // SECTOR + 1) * SECTOR)
        yield Written(
            change.file, start, change.data[start - change.offset : border - change.offset]
        )
        start = border


def _apply(content: bytearray, change: Written | Truncated) -> None:
    if isinstance(change, Truncated):
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
        return
    missing = change.offset - len(content)
    if missing > 0:
        content.extend(bytes(missing))
    content[change.offset : change.offset + len(change.data)] = change.data
