"""Frozen dataclasses as JSON text and back: enums, dates, tuples and mappings included."""

import dataclasses
import enum
import functools
import json
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

Value = TypeVar("Value")


def to_json(value: Any) -> str:
    """Return the dataclass as compact JSON."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def from_json(kind: type[Value], text: str) -> Value:
    """Return what `to_json` was given. Fields that are missing have their default."""
    value: Value = _read(kind, json.loads(text))
    return value


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, date):  # includes datetime
        return value.isoformat()
    return value


def _read(kind: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in {types.UnionType, typing.Union}:
        return None if value is None else _read(_not_none(arguments), value)
    if origin is tuple:
        return tuple(_read(arguments[0], each) for each in value)
    if origin is not None and issubclass(origin, Mapping):
        key_kind, value_kind = arguments
        return {_read(key_kind, key): _read(value_kind, each) for key, each in value.items()}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints_of(kind)
        return kind(**{name: _read(hints[name], each) for name, each in value.items()})
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    if kind in {date, datetime}:
        return kind.fromisoformat(value)
    return value


@functools.cache
def _hints_of(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _not_none(arguments: tuple[Any, ...]) -> Any:
    return next(each for each in arguments if each is not type(None))
