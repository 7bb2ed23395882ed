"""Writes frames of facts in bulk, in the same way for every source.

A frame has the column names of its table, and values as stored: dates as text YYYY-MM-DD, enums
as their values. Rows of new providers are inserted directly; others are staged and merged by one
statement per table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from directory.core.db.database import Base
from directory.providers.models import PracticeLocation, Source

_ORIGIN = ("source", "as_of")
# Set for new rows, and updated by a separate step.
_COMPUTED = ("is_duplicate",)
_SCOPE = sa.Table(
    "stage_scope",
    sa.MetaData(),
    sa.Column("npi", sa.BigInteger, primary_key=True),
    prefixes=["TEMPORARY"],
)


@dataclass
class Merged:
    """The counts of merging the rows of one table."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0


class FactStore:
    """Writes what one source states in one release."""

    def __init__(self, session: Session, source: Source, released_on: date) -> None:
        self.session = session
        self._source = source
        self._released_on = released_on
        self._stages: dict[str, sa.Table] = {}

    @cached_property
    def _driver(self) -> Any:
        return self.session.connection().connection.dbapi_connection

    @property
    def _is_sqlite(self) -> bool:
        return self.session.connection().dialect.name == "sqlite"

    def insert(self, model: type[Base], frame: pl.DataFrame) -> None:
        """Insert rows of providers without stored rows."""
        if frame.height:
            rows = self._with_origin(model, frame)
            known = [name for name in rows.columns if name in model.__table__.c]
            self._bulk(self._name_of(model.__table__), rows.select(known))

    def stage(self, model: type[Base], frame: pl.DataFrame) -> None:
        """Stage rows for `merge`. Of rows with the same key, the first line is used."""
        frame = self._with_origin(model, frame)
        if "line" not in frame.columns:
            frame = frame.with_row_index("line")
        stage = self._stages.get(model.__tablename__)
        if stage is None:
            stage = self._stages[model.__tablename__] = self._new_stage(model, frame.columns)
        if frame.height:
            self._bulk(stage.name, frame)

    def merge(
        self,
        model: type[Base],
        *,
        of: sa.ColumnElement[bool] | None,
        must_be_newer: bool = True,
    ) -> Merged:
        """Update the table from the staged rows.

        `of` selects the stored rows of this source that the stage covers completely: those
        missing from it are gone. None: no stored row is covered.
        """
        if model.__tablename__ not in self._stages:
            return Merged()
        stage = self._stages[model.__tablename__]
        merged = self._upsert(model, stage, must_be_newer=must_be_newer)
        if of is not None:
            merged.gone = self._mark_gone(model, stage, of)
        self.session.execute(sa.delete(stage))
        return merged

    def update(self, model: type[Base]) -> int:
        """Update existing rows from the stage, without their origin; return how many changed."""
        stage = self._stages.get(model.__tablename__)
        if stage is None:
            return 0
        table, keys = model.__table__, key_of(model)
        values = {name: stage.c[name] for name in _values_of(model, stage)}
        done = self.session.execute(
            sa.update(model)
            .where(
                *(table.c[key] == stage.c[key] for key in keys),
                sa.or_(*(table.c[name].is_distinct_from(new) for name, new in values.items())),
            )
            .values(values)
            .execution_options(synchronize_session=False)
        )
        self.session.execute(sa.delete(stage))
        return int(done.rowcount)  # type: ignore[attr-defined]

    def set_scope(self, npis: pl.Series) -> sa.Select[Any]:
        """Store these NPIs in a temporary table; return the query that selects them."""
        self.session.execute(sa.text("DROP TABLE IF EXISTS stage_scope"))
        self.session.execute(sa.schema.CreateTable(_SCOPE))
        distinct = npis.cast(pl.Int64).unique().sort().to_frame("npi")
        if distinct.height:
            self._bulk(_SCOPE.name, distinct)
        return sa.select(_SCOPE.c.npi)

    def restate(self, model: type[Base], scope: sa.Select[Any]) -> None:
        """Mark the facts of this source about these providers as stated by this release."""
        columns = model.__table__.c
        self.session.execute(
            sa.update(model)
            .where(
                columns.npi.in_(scope),
                columns.source == self._source,
                columns.gone_on.is_(None),
                columns.as_of < self._released_on,
            )
            .values(as_of=self._released_on)
            .execution_options(synchronize_session=False)
        )

    def _upsert(self, model: type[Base], stage: sa.Table, *, must_be_newer: bool) -> Merged:
        table = model.__table__
        keys = key_of(model)
        values = _values_of(model, stage)
        names = [each.name for each in stage.c if each.name in table.c]
        numbered = sa.select(
            *(stage.c[name] for name in names),
            sa.func.row_number()
            .over(partition_by=[stage.c[key] for key in keys], order_by=stage.c.line)
            .label("nth"),
        ).subquery("numbered")
        rows = sa.select(*(numbered.c[name] for name in names)).where(numbered.c.nth == 1)
        known = sa.and_(*(table.c[key] == numbered.c[key] for key in keys))
        distinct, existing = self.session.execute(
            sa.select(
                sa.func.count(),
                sa.func.coalesce(
                    sa.func.sum(sa.case((sa.exists().where(known), 1), else_=0)),
                    0,
                ),
            ).where(numbered.c.nth == 1)
        ).one()
        dialect = sqlite if self._is_sqlite else postgresql
        insert = dialect.insert(table).from_select(names, rows)
        given = insert.excluded
        differs = sa.or_(
            table.c.gone_on.is_not(None),
            *(table.c[name].is_distinct_from(given[name]) for name in values),
        )
        if must_be_newer:
            # A fact removed by a newer release is not restored by an older one.
            known_on = sa.func.coalesce(table.c.gone_on, table.c.as_of)
            differs = sa.and_(differs, known_on <= given.as_of)
        done = self.session.execute(
            insert.on_conflict_do_update(
                index_elements=[table.c[key] for key in keys],
                set_={
                    **{name: given[name] for name in (*values, *_ORIGIN)},
                    "gone_on": sa.null(),
                },
                where=differs,
            ),
            # Otherwise psycopg does not report the row count of INSERT with SELECT.
            execution_options={"preserve_rowcount": True},
        )
        new = distinct - existing
        changed = max(done.rowcount - new, 0)  # type: ignore[attr-defined]
        return Merged(new=new, changed=changed, unchanged=existing - changed)

    def _mark_gone(self, model: type[Base], stage: sa.Table, of: sa.ColumnElement[bool]) -> int:
        table = model.__table__
        same = sa.and_(*(table.c[key] == stage.c[key] for key in key_of(model)))
        done = self.session.execute(
            sa.update(model)
            .where(
                table.c.source == self._source,
                table.c.gone_on.is_(None),
                table.c.as_of <= self._released_on,
                of,
                ~sa.exists().where(same),
            )
            .values(gone_on=self._released_on)
        )
        return int(done.rowcount)  # type: ignore[attr-defined]

    def _new_stage(self, model: type[Base], names: Sequence[str]) -> sa.Table:
        columns = model.__table__.c
        stage = sa.Table(
            f"stage_{model.__tablename__}",
            sa.MetaData(),
            *(
                sa.Column(name, _plain(columns[name].type) if name in columns else sa.BigInteger)
                for name in names
            ),
            sa.Index(f"ix_stage_{model.__tablename__}", *key_of(model)),
            prefixes=["TEMPORARY"],
        )
        self.session.execute(sa.text(f"DROP TABLE IF EXISTS {stage.name}"))
        connection = self.session.connection()
        stage.create(connection)
        return stage

    def _with_origin(self, model: type[Base], frame: pl.DataFrame) -> pl.DataFrame:
        origin = {
            "source": pl.lit(str(self._source)),
            "as_of": pl.lit(self._released_on.isoformat()),
        }
        return frame.with_columns(
            *(value.alias(name) for name, value in origin.items() if name in model.__table__.c)
        )

    def _name_of(self, table: sa.FromClause) -> str:
        options = self.session.connection().get_execution_options()
        schema = (options.get("schema_translate_map") or {}).get(table.schema, table.schema)
        return f"{schema}.{table.name}"  # type: ignore[attr-defined]

    def _bulk(self, name: str, frame: pl.DataFrame) -> None:
        if self._is_sqlite:
            places = ", ".join("?" * frame.width)
            columns = ", ".join(frame.columns)
            self._driver.executemany(
                f"INSERT INTO {name} ({columns}) VALUES ({places})",  # noqa: S608 - our own names
                frame.iter_rows(),
            )
            return
        columns = ", ".join(frame.columns)
        statement = f"COPY {name} ({columns}) FROM STDIN (FORMAT csv)"
        with self._driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(frame.write_csv(None, include_header=False).encode())


def key_of(model: type[Base]) -> list[str]:
    """Return the columns that identify a fact."""
    if model is PracticeLocation:
        return ["npi", "address_key", "source"]
    return [column.name for column in model.__table__.primary_key]


def _values_of(model: type[Base], stage: sa.Table) -> list[str]:
    """Return the staged columns with values: neither key nor origin nor computed."""
    others = {*key_of(model), *_ORIGIN, *_COMPUTED}
    own = model.__table__.c
    return [each.name for each in stage.c if each.name in own and each.name not in others]


def _plain(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Return the type without its check constraint, which the table itself has."""
    return sa.String() if isinstance(kind, sa.Enum) else kind
