"""A replica: its engine, its state, and interrupting those that wait for it."""

import enum
import logging
import os
import socket
import threading
from contextlib import suppress
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL

from directory.core.db.database import engine_options, prepare_engine

# Lets the operating system detect a machine that disappears without closing connections.
_CONNECT_ARGS = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,
}

log = logging.getLogger(__name__)


class State(enum.Enum):
    """The state of a replica as last observed; the value is the log message."""

    UNKNOWN = "replica not yet asked"
    WELL = "replica in use"
    BEHIND = "replica too far behind"
    LOST = "replica lost"


class Replica:
    """One server to read from. Its number is its position in the setting, from 1."""

    def __init__(self, number: int, url: URL) -> None:
        self.number = number
        self.state = State.UNKNOWN
        self.engine = sa.create_engine(url, **_engine_options(url))
        self._sockets = Sockets()
        prepare_engine(self.engine)
        event.listen(self.engine, "do_connect", self._refuse_if_lost)
        self._sockets.follow(self.engine)

    def found(self, state: State) -> None:
        """Set the observed state, and log a change."""
        if state is not self.state:
            level = logging.INFO if state is State.WELL else logging.WARNING
            log.log(level, state.value, extra={"replica": self.number})
        self.state = state

    def end_waiting(self) -> None:
        """Interrupt everything that waits for its response."""
        self._sockets.shut_down()

    def _refuse_if_lost(self, *_arguments: object) -> None:
        # The pool replaces a connection that was shut down, and would wait for the new one as well.
        if self.state is State.LOST:
            raise psycopg.OperationalError(self.state.value)


class Sockets:
    """The sockets of an engine's open connections, to be shut down by any thread.

    Each socket is duplicated to our own descriptor: another descriptor's number might be reused
    for something else by the time it is shut down.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[psycopg.Connection[Any], int] = {}

    def follow(self, engine: sa.Engine) -> None:
        """Track the connections that the engine opens and closes from now on."""
        event.listen(engine, "connect", self._opened)
        event.listen(engine, "close", self._closed)

    def shut_down(self) -> None:
        """Shut down every socket."""
        with self._lock:
            for descriptor in self._held.values():
                shut_down(descriptor)

    def _opened(self, connection: psycopg.Connection[Any], _record: object) -> None:
        with self._lock:
            self._held[connection] = os.dup(connection.fileno())

    def _closed(self, connection: psycopg.Connection[Any], _record: object) -> None:
        with self._lock:
            descriptor = self._held.pop(connection, None)
        if descriptor is not None:
            os.close(descriptor)


def shut_down(descriptor: int) -> None:
    """Shut down a socket; its descriptor stays open."""
    end = socket.socket(fileno=descriptor)
    with suppress(OSError):  # The other side may have ended it.
        end.shutdown(socket.SHUT_RDWR)
    end.detach()


def _engine_options(url: URL) -> dict[str, Any]:
    # Options in the URL take precedence.
    ours = {name: value for name, value in _CONNECT_ARGS.items() if name not in url.query}
    return {**engine_options(url), "connect_args": ours}
