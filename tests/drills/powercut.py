"""A power cut at any moment of a replay, and what plain SQLite and the product find afterwards."""

import itertools
import random
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import apsw
import sqlalchemy as sa
from flask import Flask

from directory.core.db.database import db
from directory.inquiries.models import Inquiry
from directory.outbox.models import MessageKind, OutboxMessage
from tests.drills.capture import Captured, close_all, folder_of
from tests.drills.disk import Acknowledged, Recorder, Step, cuts

_NEAR = 12  # steps

_names = itertools.count(1)


@dataclass
class Found:
    """What the cuts left, counted."""

    cuts: int = 0
    acknowledged: int = 0
    damaged: int = 0  # files that SQLite does not find whole
    lost: int = 0  # acknowledged inquiries that are not there
    doubled: int = 0
    unreadable: int = 0  # inquiries without their key
    unannounced: int = 0  # inquiries without the email to the clinic

    @property
    def is_clean(self) -> bool:
        """Return whether nothing was lost."""
        return not (
            self.damaged or self.lost or self.doubled or self.unreadable or self.unannounced
        )


def replayed(captured: Captured, folder: Path) -> list[Step]:
    """Return what the disk is asked to do when the statements are replayed in this folder."""
    for name, content in captured.files.items():
        (folder / name).write_bytes(content)
    recorder = Recorder(f"recorder-{next(_names)}")
    connections: dict[int, apsw.Connection] = {}
    for each in captured.events:
        if isinstance(each, Acknowledged):
            recorder.steps.append(each)
            continue
        if each.connection not in connections:
            connections[each.connection] = _open(folder / each.file, recorder)
        text = each.text.replace(str(captured.folder), str(folder))
        for _row in connections[each.connection].execute(text):
            pass
    steps = list(recorder.steps)
    recorder.is_over = True
    for connection in connections.values():
        connection.close()
    recorder.unregister()
    return steps


def judged(
    app: Flask, captured: Captured, steps: Sequence[Step], *, count: int, seed: int
) -> Found:
    """Cut the power `count` times at random moments, and count what is missing afterwards."""
    chance = random.Random(seed)
    found = Found(cuts=count)
    for disk in cuts(captured.files, steps, _moments(steps, count, chance)):
        close_all()
        _put_back(app, disk.after_cut(chance))
        _judge(app, found, disk.acknowledged)
    close_all()
    return found


def _moments(steps: Sequence[Step], count: int, chance: random.Random) -> list[int]:
    """Return when the power goes: half of the cuts anywhere, half around acknowledgements."""
    told = [number for number, step in enumerate(steps) if isinstance(step, Acknowledged)]
    near = [chance.choice(told) + chance.randint(-_NEAR, _NEAR) for _ in range(count // 2)]
    anywhere = [chance.randint(0, len(steps)) for _ in range(count - len(near))]
    return [min(max(moment, 0), len(steps)) for moment in near + anywhere]


def _put_back(app: Flask, files: dict[str, bytes]) -> None:
    for path in folder_of(app).glob("*.db*"):
        path.unlink()
    for name, content in files.items():
        (folder_of(app) / name).write_bytes(content)


def _judge(app: Flask, found: Found, acknowledged: Sequence[str]) -> None:
    found.acknowledged += len(acknowledged)
    for file in folder_of(app).glob("*.db"):
        found.damaged += not _is_whole(file)
    session = db.session()
    inquiries = list(session.scalars(sa.select(Inquiry)))
    told = session.scalars(
        sa.select(OutboxMessage.subject_id).where(OutboxMessage.kind == MessageKind.CLINIC_INQUIRY)
    )
    times = Counter(each.public_id for each in inquiries)
    found.lost += sum(each not in times for each in acknowledged)
    found.doubled += sum(number > 1 for number in times.values())
    found.unreadable += sum(each.contact is None or each.answers is None for each in inquiries)
    found.unannounced += len(set(times) ^ set(told))


def _is_whole(file: Path) -> bool:
    """Have plain SQLite recover a file; nothing has to reach the platter here."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _open(file: Path, recorder: Recorder) -> apsw.Connection:
    connection = apsw.Connection(str(file), vfs=recorder.name)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    return connection
