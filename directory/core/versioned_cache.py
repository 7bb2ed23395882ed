"""What a process keeps in memory of one version of the data, and forgets whole with the next."""

import hashlib
from typing import Any

from flask import current_app, request


class Memory:
    """Values by key, all of one version; when there are too many, it begins anew."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._tag = ""
        self._kept: dict[Any, Any] = {}

    def of(self, tag: str) -> dict[Any, Any]:
        """Return what is kept of the version with this tag, to be read and added to."""
        if tag != self._tag or len(self._kept) > self.most:
            # Another thread may go on filling the old one: it is of no harm there.
            self._tag, self._kept = tag, {}
        return self._kept


def memory_of(name: str, most: int) -> Memory:
    """Return the memory that this application has under the name, made when first asked for."""
    memory = current_app.extensions.get(name)
    if memory is None:
        memory = current_app.extensions.setdefault(name, Memory(most))
    assert isinstance(memory, Memory)
    return memory


def request_key() -> bytes | None:
    """Return what a public answer to this request is kept under, or None when it is not kept.

    It is a digest: what somebody asked is not to lie about in memory for longer than it takes. Who
    turns the pages of an older version is answered anew.
    """
    if "version" in request.args:
        return None
    return hashlib.sha256(f"{request.script_root} {request.full_path}".encode()).digest()
