"""What the blobs hold, and what they should hold."""

from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.search.index import cell_writer
from directory.search.index.models import ListingCell, ListingName
from directory.search.index.packed_listing import RECORD


def stored_blobs(session: Session) -> dict[Any, bytes]:
    """Return the newest blob of every cell and word that holds anybody."""
    cells, names = ListingCell, ListingName
    found: dict[Any, bytes] = {}
    for cell, blob in session.execute(sa.select(cells.cell, cells.records).order_by(cells.since)):
        found[cell] = blob
    for word, blob in session.execute(sa.select(names.word, names.records).order_by(names.since)):
        found[word] = blob
    return {key: blob for key, blob in found.items() if blob}


def wanted_blobs(session: Session) -> dict[Any, bytes]:
    """Make the blobs of all listings from scratch."""
    words = cell_writer._WordNumbers()
    rows = cell_writer._read(session, None, take_names=words.take)
    return {**dict(cell_writer._all_cells(rows)), **dict(words.blobs(rows.records))}


def professionals_in(blobs: dict[Any, bytes]) -> set[int]:
    """Return everybody who is in one of the blobs."""
    return {npi for blob in blobs.values() for npi in np.frombuffer(blob, RECORD)["npi"].tolist()}
