"""Sealing anew with the newest key, so that an older one can be taken out of DATA_KEYS."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.db.database import Base
from directory.privacy.encryption import EncryptedText, UnreadableError, keyring

_BATCH = 200  # other writers wait no longer than it takes to seal these


@dataclass(frozen=True)
class Batch:
    """What came of sealing some rows anew."""

    last_id: int
    resealed: int
    unreadable: int  # sealed with a key that DATA_KEYS does not hold; left as they are


def keyring_columns() -> Iterator[tuple[type[Any], EncryptedText]]:
    """Yield every model with its text that the keys of DATA_KEYS seal themselves."""
    for mapper in sorted(Base.registry.mappers, key=lambda each: each.class_.__name__):
        for text in vars(mapper.class_).values():
            if isinstance(text, EncryptedText) and text.is_of_keyring:
                yield mapper.class_, text


def reseal(
    session: Session, model: type[Any], text: EncryptedText, *, after: int = 0
) -> Batch | None:
    """Seal the next rows anew that an older key has sealed; return None when there are no more."""
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
