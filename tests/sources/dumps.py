"""All public rows of the database as text, to be compared before and after."""

import sqlalchemy as sa

from directory.core.db.database import Base, db

# Its rows count how often something changed.
_NOT_PUBLIC = {"import_run", "data_version"}


def public_dump() -> dict[str, list[str]]:
    """Return every row of every table with public data."""
    session = db.session()
    session.rollback()
    dump = {
        table.name: sorted(repr(tuple(row)) for row in session.execute(sa.select(table)))
        for table in Base.metadata.sorted_tables
        if table.name not in _NOT_PUBLIC
    }
    session.rollback()
    return dump
