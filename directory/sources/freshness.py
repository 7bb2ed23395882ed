"""What is loaded of each source, how old it is, and what is overdue."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.providers.models import Release, Source
from directory.sources.loading.importer import Importer


@dataclass(frozen=True)
class Loaded:
    """The latest release that is loaded of one source, or of one part of it."""

    part: str
    file_name: str
    released_on: date
    is_full: bool
    rows: int
    loaded_at: datetime


@dataclass(frozen=True)
class Standing:
    """How one source stands; nothing loaded is an empty `loaded`."""

    importer: Importer
    loaded: tuple[Loaded, ...]
    age_days: int | None  # of the newest release
    is_overdue: bool


def standing_of(session: Session, importer: Importer, *, today: date) -> Standing:
    """Return what is loaded of a source; a partial release newer than the full one counts."""
    at = Release
    statement = sa.select(at).where(at.source == importer.source)
    newest: dict[str, Release] = {}
    for release in session.scalars(statement.order_by(at.released_on, at.id)):
        newest[release.part] = release
    days = [release.released_on for release in newest.values()]
    age = (today - max(days)).days if days else None
    limit = importer.days_between
    return Standing(
        importer=importer,
        loaded=tuple(
            Loaded(part, each.file_name, each.released_on, each.is_full, each.rows, each.loaded_at)
            for part, each in sorted(newest.items())
        ),
        age_days=age,
        is_overdue=age is not None and limit is not None and age > limit,
    )


# Of these, only what is about providers who are loaded is kept.
_ABOUT_LOADED = frozenset({Source.CLINICIANS, Source.MEDICARE, Source.STATE})


def is_loaded(session: Session, source: Source, digest: str, options: str) -> bool:
    """Tell whether this very file is loaded, in this very way, and has nothing to add.

    A file about providers who are loaded has, once the registry was loaded after it.
    """
    at = Release
    same = (at.source == source, at.file_digest == digest, at.options == options)
    loaded_at = session.scalar(sa.select(sa.func.max(at.loaded_at)).where(*same))
    if loaded_at is None or source not in _ABOUT_LOADED:
        return loaded_at is not None
    registry = session.scalar(sa.select(sa.func.max(at.loaded_at)).where(at.source == Source.NPPES))
    return registry is None or registry <= loaded_at
