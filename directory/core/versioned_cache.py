"""In-memory caches of one version of the data, cleared as a whole when the version changes."""

import hashlib
from typing import Any

from flask import current_app, request


class VersionedCache:
    """Values by key, all of one version; cleared when there are too many."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._tag = ""
        self._kept: dict[Any, Any] = {}

    def of(self, tag: str) -> dict[Any, Any]:
        """Return the cached values of the version with this tag, to read and to extend."""
        if tag != self._tag or len(self._kept) > self.most:
            # Another thread may still write to the old dictionary, which is harmless.
            self._tag, self._kept = tag, {}
        return self._kept


def cache_named(name: str, most: int) -> VersionedCache:
    """Return the application's cache of this name, created on first use."""
    memory = current_app.extensions.get(name)
    if memory is None:
        memory = current_app.extensions.setdefault(name, VersionedCache(most))
    assert isinstance(memory, VersionedCache)
    return memory


def request_key() -> bytes | None:
    """Return the cache key of a public response to this request, or None if it is not cached.

    It is a digest, so that queries do not stay in memory. Requests for pages of an older version
    are not cached.
    """
    if "version" in request.args:
        return None
    return hashlib.sha256(f"{request.script_root} {request.full_path}".encode()).digest()
