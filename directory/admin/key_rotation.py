"""Rotates the data keys in many short transactions, while the site is running."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from directory.core.db.database import writing
from directory.privacy.audit import record
from directory.privacy.encryption import keyring
from directory.privacy.rotation import Batch, keyring_columns, reseal
from directory.privacy.rowkeys import row_keys


@dataclass(frozen=True)
class Rotated:
    """The number of values resealed with the newest key."""

    keys: int
    texts: int
    unreadable: int  # sealed with a missing key; unchanged


def rotate(*, now: datetime) -> Rotated:
    """Reseal everything with the newest of DATA_KEYS. If interrupted, run it again."""
    keys = row_keys().rewrap()
    texts = [
        _process_all(partial(reseal, model=model, text=text)) for model, text in keyring_columns()
    ]
    rotated = Rotated(
        keys=keys.keys,
        texts=sum(each.resealed for each in texts),
        unreadable=keys.unreadable + sum(each.unreadable for each in texts),
    )
    with writing() as session:
        newest = keyring().keys[0][0]
        record(session, actor="operator", action="keys rotated", subject=newest, now=now)
    return rotated


def _process_all(next_batch: Callable[..., Batch | None]) -> Batch:
    """Process batches until none is left, each in its own transaction."""
    total = Batch(last_id=0, resealed=0, unreadable=0)
    while (done := _in_transaction(next_batch, total.last_id)) is not None:
        total = Batch(
            done.last_id, total.resealed + done.resealed, total.unreadable + done.unreadable
        )
    return total


def _in_transaction(next_batch: Callable[..., Batch | None], after: int) -> Batch | None:
    with writing() as session:
        return next_batch(session, after=after)
