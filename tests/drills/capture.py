"""The statements sent to SQLite while inquiries are sent, and controls derived from them.

The statements and pragmas are the product's own, noted with their values as they reach SQLite,
of the main file and of the store of keys alike, in the order in which they came.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from directory.core.db.database import db
from directory.core.db.wal_checkpoints import shorten_log
from directory.privacy.rowkeys import row_keys
from tests.drills.disk import Acknowledged

KEY_STORE = "keys.db"
# As the worker does it every second, and so few pages that the log begins anew now and then.
SHORTENED_EVERY, LONG_PAGES = 4, 200


@dataclass(frozen=True)
class Statement:
    """A statement that reached SQLite, with its values, on one of the connections."""

    connection: int
    file: str
    text: str


Event = Statement | Acknowledged
# Sends an inquiry, and calls what it is given with its id once it has been acknowledged.
Sender = Callable[[Callable[[str], None]], None]


@dataclass(frozen=True)
class Captured:
    """What was sent to SQLite in order, and the files as they were before and after."""

    folder: Path
    files: dict[str, bytes]
    events: list[Event]
    after: dict[str, bytes]


def capture(app: Flask, send_one: Sender, *, times: int) -> Captured:
    """Return what the product sends to SQLite while inquiries are sent."""
    close_all()
    files = _content(app)
    events: list[Event] = []
    with _traced(events):
        for number in range(times):
            send_one(lambda inquiry_id: events.append(Acknowledged(inquiry_id)))
            if number % SHORTENED_EVERY == 0:
                # The worker has a connection of its own for it; a replay has one for each file.
                with closing(db.engine.raw_connection()) as connection:
                    shorten_log(connection.driver_connection, long_pages=LONG_PAGES)
    close_all()
    return Captured(folder_of(app), files, events, _content(app))


def _content(app: Flask) -> dict[str, bytes]:
    """Return the files that hold the database and the keys, with their logs."""
    files = [each for each in folder_of(app).glob("*.db*") if not each.name.endswith("-shm")]
    return {file.name: file.read_bytes() for file in files}


def folder_of(app: Flask) -> Path:
    """Return where the files of an application are."""
    folder: Path = app.config["SETTINGS"].instance_folder
    return folder


def close_all() -> None:
    """Close every connection."""
    db.session.remove()
    db.engine.dispose()
    row_keys().close()


def without_full_sync(captured: Captured) -> Captured:
    """Return the same, with NORMAL where the product says FULL: a control that has to lose."""
    events = [
        replace(each, text=each.text.replace("synchronous = FULL", "synchronous = NORMAL"))
        if isinstance(each, Statement)
        else each
        for each in captured.events
    ]
    assert events != captured.events
    return replace(captured, events=events)


def with_keys_last(captured: Captured) -> Captured:
    """Return the same, each key written after what it seals: a control that has to fail."""
    events: list[Event] = []
    held: list[Event] = []
    for each in _transactions(captured.events):
        if any(_makes_key(part) for part in each):
            held.extend(each)
        elif isinstance(each[0], Acknowledged):
            events += [*held, *each]
            held.clear()
        else:
            events += each
    assert events != captured.events
    return replace(captured, events=events)


def _makes_key(part: Event) -> bool:
    return isinstance(part, Statement) and "INTO row_key" in part.text and "'inquiry:" in part.text


def _transactions(events: Sequence[Event]) -> Iterator[list[Event]]:
    """Give the transactions of the key store whole, and everything else one by one."""
    open_one: list[Event] = []
    for each in events:
        if not isinstance(each, Statement) or each.file != KEY_STORE:
            yield [each]
            continue
        open_one.append(each)
        if not open_one[0].text.startswith("BEGIN") or each.text == "COMMIT":
            yield open_one
            open_one = []
    assert not open_one


@contextmanager
def _traced(events: list[Event]) -> Iterator[None]:
    """Note all that new connections send, from their first pragma on."""
    numbers = itertools.count(1)

    def connect(dialect, _record, arguments, options):
        connection = dialect.connect(*arguments, **options)
        number, file = next(numbers), Path(arguments[0]).name

        def note(text: str) -> None:
            # What begins like a comment was started by SQLite itself.
            if not text.startswith("--"):
                events.append(Statement(number, file, text.strip()))

        connection.set_trace_callback(note)
        return connection

    event.listen(Engine, "do_connect", connect)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", connect)
