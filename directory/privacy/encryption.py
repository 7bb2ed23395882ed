"""Text sealed with AES-256-GCM, bound to the row it belongs to.

A sealed value is ``version(1) key-id-length(1) key-id nonce(12) ciphertext+tag(16)``. The
associated data is the table, the column and the row's public id, so that a value copied to
another row or column cannot be opened.
"""

import base64
import binascii
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, overload

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

from directory.core.errors import DirectoryError, SettingsError

ROW_KEY = "row"  # the key id in values sealed with the row's own key
_VERSION = 1
_NONCE_BYTES = 12
_KEY_BYTES = 32
_MAKE_KEY = (
    "python3 -c \"import base64, os; print('key1:' + base64.b64encode(os.urandom(32)).decode())\""
)


class UnreadableError(DirectoryError):
    """A sealed value cannot be opened: wrong key, wrong row, or changed bytes."""


@dataclass(frozen=True)
class Keyring:
    """The data keys by id. The first seals; all of them open."""

    keys: tuple[tuple[str, bytes], ...]

    def __repr__(self) -> str:
        return f"Keyring({', '.join(key_id for key_id, _ in self.keys)})"

    def seal(self, text: str, *, bound_to: str) -> bytes:
        """Return the text encrypted with the newest key for the row and column named."""
        key_id, key = self.keys[0]
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), bound_to.encode())
        return header_of_key(key_id) + nonce + sealed

    def open(self, sealed: bytes, *, bound_to: str) -> str:
        """Return the text, or raise `UnreadableError` without any of the content."""
        key_id, id_end = _parse_header(sealed)
        key = dict(self.keys).get(key_id)
        if key is None:
            raise UnreadableError(f"DATA_KEYS has no key named {key_id!r}; add it again.")
        nonce, body = sealed[id_end : id_end + _NONCE_BYTES], sealed[id_end + _NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, body, bound_to.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise UnreadableError(f"A sealed value of {bound_to} does not open.") from error

    def is_older(self, column: sa.SQLColumnExpression[Any]) -> sa.ColumnElement[bool]:
        """Return the condition of rows whose column is not sealed with the newest key."""
        head = header_of_key(self.keys[0][0])
        return sa.func.substr(column, 1, len(head), type_=sa.LargeBinary) != head


def header_of_key(key_id: str) -> bytes:
    """Return the first bytes of values sealed with the key of this id."""
    return bytes([_VERSION, len(key_id)]) + key_id.encode()


def _parse_header(sealed: bytes) -> tuple[str, int]:
    """Return the key's id and where it ends, or raise `UnreadableError` for a damaged head."""
    if len(sealed) < 2 or sealed[0] != _VERSION or not sealed[2 : 2 + sealed[1]].isascii():
        raise UnreadableError("A sealed value is damaged.")
    return sealed[2 : 2 + sealed[1]].decode("ascii"), 2 + sealed[1]


def parse_keyring(text: str) -> Keyring:
    """Read ``id:base64key,older:base64key``; the first key seals, every key is 32 bytes."""
    keys: list[tuple[str, bytes]] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key_id, colon, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not colon or not key_id.isascii() or not 0 < len(key_id) <= 32 or len(key) != _KEY_BYTES:
            raise SettingsError(
                "DATA_KEYS must read name:key, each key 32 random bytes in base64; "
                f"make one with: {_MAKE_KEY}"
            )
        keys.append((key_id, key))
    if any(key_id == ROW_KEY for key_id, _ in keys):
        raise SettingsError(f"DATA_KEYS names a key {ROW_KEY!r}; that name is taken.")
    if not keys:
        raise SettingsError(f"DATA_KEYS is empty; make a key with: {_MAKE_KEY}")
    if len({key_id for key_id, _ in keys}) != len(keys):
        raise SettingsError("DATA_KEYS names a key twice; give each key a name of its own.")
    return Keyring(tuple(keys))


def new_data_key(key_id: str) -> str:
    """Return a new entry for DATA_KEYS."""
    return f"{key_id}:{base64.b64encode(os.urandom(_KEY_BYTES)).decode()}"


class _Row(Protocol):
    """A row that holds sealed text; its public id exists before anything is sealed."""

    __tablename__: str
    public_id: Any


class EncryptedText:
    """An attribute that reads and writes text, stored sealed in a binary column of the same row.

    >>> class OutboxMessage(Base):
    ...     sealed_content: Mapped[bytes | None]
    ...     content = EncryptedText("sealed_content")

    With `key_name` it is sealed with the row's own key, which has to exist before; once that
    key is deleted, the text reads as None.
    """

    def __init__(self, column: str, *, key_name: Callable[[Any], str] | None = None) -> None:
        self.column = column
        self._key_name = key_name

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def uses_keyring(self) -> bool:
        """Return whether the keys of DATA_KEYS seal it directly."""
        return self._key_name is None

    @overload
    def __get__(self, row: None, owner: type) -> "EncryptedText": ...
    @overload
    def __get__(self, row: _Row, owner: type) -> str | None: ...
    def __get__(self, row: _Row | None, owner: type) -> "EncryptedText | str | None":
        if row is None:
            return self
        sealed: bytes | None = getattr(row, self.column)
        if sealed is None:
            return None
        keys = self._keys(row)
        return None if keys is None else keys.open(sealed, bound_to=self._bound_to(row))

    def __set__(self, row: _Row, text: str | None) -> None:
        sealed = None
        if text is not None:
            keys = self._keys(row)
            if keys is None:
                raise UnreadableError(f"A row of {row.__tablename__} has no key of its own.")
            sealed = keys.seal(text, bound_to=self._bound_to(row))
        setattr(row, self.column, sealed)

    def _keys(self, row: _Row) -> Keyring | None:
        if self._key_name is None:
            return keyring()
        found: Keyring | None = current_app.extensions["row_keys"].find(self._key_name(row))
        return found

    def _bound_to(self, row: _Row) -> str:
        if not row.public_id:
            raise ValueError(f"{row.__tablename__} needs its public id before text is sealed")
        return f"{row.__tablename__}.{self.column}:{row.public_id}"


def keyring() -> Keyring:
    """Return the keys of the running application."""
    found: Keyring = current_app.extensions["keyring"]
    return found
