"""Column types used by every slice: times in UTC, enums, and NPIs stored as integers."""

import enum
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect


class Moment(sa.TypeDecorator[datetime]):
    """An aware time in UTC. SQLite has no zones, so it is stored there without one."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class NPIColumn(sa.TypeDecorator[str]):
    """Ten digits in Python, an integer in the database.

    An integer key is the row id itself on SQLite: no second index, and files sorted by
    NPI load at the speed of appending.
    """

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(
            sa.Integer() if dialect.name == "sqlite" else sa.BigInteger()
        )

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> int | None:
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, _dialect: Dialect) -> str | None:
        return None if value is None else f"{value:010d}"


def one_of(choices: type[enum.Enum], *, length: int = 24) -> sa.Enum:
    """Return a text column type that holds the values of an enum and nothing else.

    The database checks it too. Adding a value needs a migration that replaces the constraint.
    """
    return sa.Enum(
        choices,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=length,
        name=choices.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )
