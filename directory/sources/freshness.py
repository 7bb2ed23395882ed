"""The loaded releases of each source, their age, and which are overdue."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.providers.models import Release, Source
from directory.sources.loading.importer import Importer


@dataclass(frozen=True)
class LoadedRelease:
    """The latest loaded release of one source, or of one part of it."""

    part: str
    file_name: str
    released_on: date
    is_full: bool
    rows: int
    loaded_at: datetime


@dataclass(frozen=True)
class Freshness:
    """The loaded releases of one source, empty if there are none, and their age."""

    importer: Importer
    loaded: tuple[LoadedRelease, ...]
    age_days: int | None  # of the newest release
    is_overdue: bool


def freshness_of(session: Session, importer: Importer, *, today: date) -> Freshness:
    """Return the freshness of a source; partial releases count as well as full ones."""
    statement = sa.select(Release).where(Release.source == importer.source)
    newest: dict[str, Release] = {}
    for release in session.scalars(statement.order_by(Release.released_on, Release.id)):
        newest[release.part] = release
    days = [release.released_on for release in newest.values()]
    age = (today - max(days)).days if days else None
    limit = importer.days_between
    return Freshness(
        importer=importer,
        loaded=tuple(
            LoadedRelease(
                part, each.file_name, each.released_on, each.is_full, each.rows, each.loaded_at
            )
            for part, each in sorted(newest.items())
        ),
        age_days=age,
        is_overdue=age is not None and limit is not None and age > limit,
    )


# Of these sources, only rows about loaded providers are kept.
_ABOUT_LOADED = frozenset({Source.CLINICIANS, Source.MEDICARE, Source.STATE})


def is_loaded(session: Session, source: Source, digest: str, options: str) -> bool:
    """Return whether this file is loaded with these options and would add nothing.

    A file of rows about loaded providers may add rows once the registry was loaded after it.
    """
    same = (Release.source == source, Release.file_digest == digest, Release.options == options)
    loaded_at = session.scalar(sa.select(sa.func.max(Release.loaded_at)).where(*same))
    if loaded_at is None or source not in _ABOUT_LOADED:
        return loaded_at is not None
    registry = session.scalar(
        sa.select(sa.func.max(Release.loaded_at)).where(Release.source == Source.NPPES)
    )
    return registry is None or registry <= loaded_at
