"""Professionals who may be on the federal exclusion list: matches by name, for the operator alone.

Most entries of the list bear no NPI. The same name in the same state may well be somebody else,
so such a match is never shown on a page and hides nobody.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.text import folded
from directory.providers.models import EntityType, Exclusion, PracticeLocation, Provider

# The folded last and first name, and the state.
_Person = tuple[str, str, str]

_folded = lru_cache(1 << 16)(folded)


@dataclass(frozen=True)
class PossibleExclusion:
    """An entry without NPI, and a professional of that name in that state."""

    npi: str
    listed_as: str
    state: str
    exclusion_type: str
    excluded_on: date
    as_of: date


def possible_exclusions(session: Session) -> list[PossibleExclusion]:
    """Return who shares first name, last name and state with an entry in force that has no NPI."""
    found = set(_matches(session, _entries(session)))
    return sorted(found, key=lambda each: (each.listed_as, each.npi, each.excluded_on))


def _matches(
    session: Session, entries: dict[_Person, list[sa.Row[*tuple[Any, ...]]]]
) -> Iterator[PossibleExclusion]:
    people = (
        sa.select(Provider.npi, Provider.last_name, Provider.first_name, PracticeLocation.state)
        .join(PracticeLocation, PracticeLocation.npi == Provider.npi)
        .where(
            Provider.entity_type == EntityType.INDIVIDUAL,
            Provider.gone_on.is_(None),
            PracticeLocation.gone_on.is_(None),
        )
        .distinct()
        .execution_options(yield_per=10_000)
    )
    for npi, last_name, first_name, state in session.execute(people):
        person = (_folded(last_name or ""), _folded(first_name or ""), state)
        for entry in entries.get(person, ()):
            yield PossibleExclusion(
                npi=npi,
                listed_as=f"{entry.last_name}, {entry.first_name}",
                state=state,
                exclusion_type=entry.exclusion_type,
                excluded_on=entry.excluded_on,
                as_of=entry.as_of,
            )


def _entries(session: Session) -> dict[_Person, list[sa.Row[*tuple[Any, ...]]]]:
    """Return the entries in force that name a person, but no NPI."""
    columns = (
        Exclusion.last_name,
        Exclusion.first_name,
        Exclusion.state,
        Exclusion.exclusion_type,
        Exclusion.excluded_on,
        Exclusion.as_of,
    )
    statement = sa.select(*columns).where(
        Exclusion.npi.is_(None),
        Exclusion.last_name.is_not(None),
        Exclusion.first_name.is_not(None),
        Exclusion.state.is_not(None),
        Exclusion.reinstated_on.is_(None),
        Exclusion.gone_on.is_(None),
        sa.or_(Exclusion.waiver_state.is_(None), Exclusion.waiver_state != Exclusion.state),
    )
    found: dict[_Person, list[sa.Row[*tuple[Any, ...]]]] = defaultdict(list)
    for entry in session.execute(statement):
        person = (folded(entry.last_name or ""), folded(entry.first_name or ""), entry.state or "")
        found[person].append(entry)
    return found
