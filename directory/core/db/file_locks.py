"""One run at a time, on this machine."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from directory.core.errors import DirectoryError


@contextmanager
def alone(path: Path, refusal: type[DirectoryError]) -> Iterator[None]:
    """Go on only if nobody else holds this file; raise the refusal otherwise.

    The system lets go of it when the process ends, however that is.
    """
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise refusal from error
        yield
