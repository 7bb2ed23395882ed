"""File locks: one run at a time on this machine."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from directory.core.errors import DirectoryError


@contextmanager
def exclusive_lock(path: Path, refusal: type[DirectoryError]) -> Iterator[None]:
    """Hold an exclusive lock on the file, or raise the refusal if another process holds it.

    The operating system releases the lock when the process ends for any reason.
    """
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise refusal from error
        yield
