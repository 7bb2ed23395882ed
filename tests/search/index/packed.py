"""What the blocks hold, and what they should hold."""

from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.search.index import cell_writer
from directory.search.index.models import ListingCell, ListingName
from directory.search.index.packed_listing import RECORD


def stored_blocks(session: Session) -> dict[Any, bytes]:
    """Return the newest block of every cell and word that holds anybody."""
    cells, names = ListingCell, ListingName
    found: dict[Any, bytes] = {}
    for cell, block in session.execute(sa.select(cells.cell, cells.records).order_by(cells.since)):
        found[cell] = block
    for word, block in session.execute(sa.select(names.word, names.records).order_by(names.since)):
        found[word] = block
    return {key: block for key, block in found.items() if block}


def wanted_blocks(session: Session) -> dict[Any, bytes]:
    """Make the blocks of all listings from scratch."""
    words = cell_writer._WordNumbers()
    rows = cell_writer._read(session, None, take_names=words.take)
    return {**dict(cell_writer._all_cells(rows)), **dict(words.blocks(rows.records))}


def professionals_in(blocks: dict[Any, bytes]) -> set[int]:
    """Return everybody who is in one of the blocks."""
    return {
        npi for block in blocks.values() for npi in np.frombuffer(block, RECORD)["npi"].tolist()
    }
