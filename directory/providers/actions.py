"""Changes of provider facts outside an import."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.db.database import Base
from directory.providers.models import Fact, Release, Source

# Issued NPIs begin with 1, so no real professional matches.
FIRST_DEMO_NPI, LAST_DEMO_NPI = "2000000000", "2999999999"


def fact_models() -> list[type[Fact]]:
    """Return every model of facts, in one order."""
    models = (mapper.class_ for mapper in Base.registry.mappers)
    return sorted(
        (each for each in models if issubclass(each, Fact)), key=lambda each: each.__name__
    )


def delete_demo_facts(session: Session) -> None:
    """Delete what is stated of invented people."""
    for model in fact_models():
        if (npi := getattr(model, "npi", None)) is not None:
            _delete(session, model, npi.between(FIRST_DEMO_NPI, LAST_DEMO_NPI))
    _delete(session, Release, Release.source == Source.DEMO)


def _delete(session: Session, model: type[Any], condition: sa.ColumnElement[bool]) -> None:
    options = {"synchronize_session": False}
    session.execute(sa.delete(model).where(condition), execution_options=options)
