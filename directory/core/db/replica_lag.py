"""A thread that finds out which replicas answer, and how far each is behind the primary.

A server's log has a position that only grows, and a replica knows the position up to which it has
followed. The watch notes where the primary's log was at which moment of our own clock: a replica
shows everything up to the latest moment at which the log was not beyond what it has followed. That
needs no two clocks to agree, is right while nobody writes, and right for a replica that is cut
off from the primary and does not know it.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Sequence
from decimal import Decimal

import psycopg
import sqlalchemy as sa

from directory.core.db.replica_pool import Replica, State, shut_down

POLL_SECONDS = 0.25
_PATIENCE_SECONDS = 0.7  # with the pause before, under a second from falling silent to lost
_PRIMARY_CONNECT_SECONDS = 5.0  # its address may name several hosts, tried one after the other
_UNREACHABLE = (psycopg.OperationalError, psycopg.InterfaceError, OSError)
_POSITION = """
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END
        - '0/0'::pg_lsn
"""


class PrimaryLog:
    """Where the primary's log was at which moment, as far back as it matters."""

    def __init__(self, reach: float) -> None:
        self._reach = reach
        self._noted: deque[tuple[float, int]] = deque()

    def note(self, moment: float, position: int) -> None:
        """Take note that the log was not beyond the position at the moment."""
        if self._noted and self._noted[-1][1] == position:
            self._noted.pop()
        self._noted.append((moment, position))
        while moment - self._noted[0][0] > self._reach:
            self._noted.popleft()

    def lag_at(self, position: int) -> float:
        """Return how many seconds of the log one lacks who has followed it up to the position.

        As of the last note: while the primary cannot be asked, nobody falls behind.
        """
        for moment, reached in reversed(self._noted):
            if reached <= position:
                return self._noted[-1][0] - moment
        return float("inf") if self._noted else 0.0


class Watch:
    """Keeps the states of the replicas up to date, in a thread that starts when it is needed."""

    def __init__(self, primary: sa.Engine, replicas: Sequence[Replica], *, max_lag: float) -> None:
        self._primary = primary
        self._replicas = replicas
        self._max_lag = max_lag
        self._starting = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def ensure_running(self) -> None:
        """Start the thread unless it runs. A process that was forked off has none yet."""
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="replicas", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the thread, for good."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._follow_all())

    async def _follow_all(self) -> None:
        log = PrimaryLog(reach=self._max_lag)
        primary = _Asked(self._primary, connect_seconds=_PRIMARY_CONNECT_SECONDS)
        # Before any replica: where nothing is noted by then, there is nothing to compare with.
        await _note(primary, log)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_primary(primary, log))
            for replica in self._replicas:
                group.create_task(self._follow(replica, log))

    async def _follow_primary(self, primary: "_Asked", log: PrimaryLog) -> None:
        while not self._stopping.is_set():
            await asyncio.sleep(POLL_SECONDS)
            await _note(primary, log)
        await primary.close()

    async def _follow(self, replica: Replica, log: PrimaryLog) -> None:
        asked = _Asked(replica.engine, connect_seconds=_PATIENCE_SECONDS)
        while not self._stopping.is_set():
            replica.found(await self._state(asked, log))
            if replica.state is State.LOST:
                replica.end_waiting()
            await asyncio.sleep(POLL_SECONDS)
        await asked.close()

    async def _state(self, replica: "_Asked", log: PrimaryLog) -> State:
        try:
            position = await replica.position()
        except _UNREACHABLE:
            return State.LOST
        if position is None or log.lag_at(position) <= self._max_lag:
            return State.WELL
        return State.BEHIND


class _Asked:
    """A server that is asked again and again, over one connection, with little patience."""

    def __init__(self, engine: sa.Engine, *, connect_seconds: float) -> None:
        self._engine = engine
        self._connect_seconds = connect_seconds
        self._connection: psycopg.AsyncConnection | None = None

    async def position(self) -> int | None:
        """Return how far its log goes, or None of a server that answers but has no such log."""
        try:
            return await self._ask()
        except _UNREACHABLE:
            await self.close()
            raise

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
        self._connection = None

    async def _ask(self) -> int | None:
        if self._connection is None:
            self._connection = await asyncio.wait_for(self._connect(), self._connect_seconds)
        # Not a timeout: what is cancelled would ask the silent server to end the statement first.
        loop, descriptor = asyncio.get_running_loop(), self._connection.fileno()
        alarm = loop.call_later(_PATIENCE_SECONDS, shut_down, descriptor)
        try:
            row = await (await self._connection.execute(_POSITION)).fetchone()
        except psycopg.OperationalError:
            raise
        except psycopg.DatabaseError:
            return None
        finally:
            alarm.cancel()
        position: Decimal | None = row[0] if row else None
        return None if position is None else int(position)

    async def _connect(self) -> psycopg.AsyncConnection:
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        return await psycopg.AsyncConnection.connect(
            *arguments, **options, autocommit=True, prepare_threshold=None
        )


async def _note(primary: _Asked, log: PrimaryLog) -> None:
    asked_at = time.monotonic()
    try:
        position = await primary.position()
    except _UNREACHABLE:
        return
    if position is not None:
        log.note(asked_at, position)
