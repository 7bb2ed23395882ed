"""Reseals text with the newest key, so that older ones can be removed from DATA_KEYS."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.db.database import Base
from directory.privacy.encryption import EncryptedText, UnreadableError, keyring

_BATCH = 200  # bounds how long other writers wait


@dataclass(frozen=True)
class Batch:
    """The result of resealing one batch of rows."""

    last_id: int
    resealed: int
    unreadable: int  # sealed with a key missing from DATA_KEYS; unchanged


def keyring_columns() -> Iterator[tuple[type[Any], EncryptedText]]:
    """Yield each model and text attribute that the keys of DATA_KEYS seal directly."""
    for mapper in sorted(Base.registry.mappers, key=lambda each: each.class_.__name__):
        for text in vars(mapper.class_).values():
            if isinstance(text, EncryptedText) and text.uses_keyring:
                yield mapper.class_, text


def reseal(
    session: Session, model: type[Any], text: EncryptedText, *, after: int = 0
) -> Batch | None:
    """Reseal the next rows sealed with an older key; return None when there are no more."""
    sealed = getattr(model, text.column)
    rows = session.scalars(
        sa.select(model)
        .where(keyring().is_older(sealed), model.id > after)
        .order_by(model.id)
        .limit(_BATCH)
        .with_for_update()
    ).all()
    if not rows:
        return None
    resealed = sum(_reseal_row(row, text.name) for row in rows)
    session.flush()
    return Batch(rows[-1].id, resealed, len(rows) - resealed)


def _reseal_row(row: Any, name: str) -> bool:
    try:
        setattr(row, name, getattr(row, name))
    except UnreadableError:
        return False
    return True
