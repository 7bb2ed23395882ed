"""A thread that monitors which replicas respond, and how far each is behind the primary.

The position of a server's WAL only grows, and a replica knows the position that it has replayed.
The monitor records the primary's position over time on our own clock: a replica is current as of
the latest time at which the primary's position was not beyond the replayed one. This needs no
synchronized clocks, is correct while there are no writes, and correct for a replica that is cut
off from the primary without noticing.
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
_RESPONSE_SECONDS = 0.7  # plus the poll interval, under a second from the last response to LOST
_PRIMARY_CONNECT_SECONDS = 5.0  # its URL may name several hosts, tried in turn
_UNREACHABLE = (psycopg.OperationalError, psycopg.InterfaceError, OSError)
_POSITION = """
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END
        - '0/0'::pg_lsn
"""


class PrimaryLog:
    """The positions of the primary's log over time, for the relevant period."""

    def __init__(self, reach: float) -> None:
        self._reach = reach
        self._noted: deque[tuple[float, int]] = deque()

    def note(self, moment: float, position: int) -> None:
        """Record that the log was not beyond the position at this time."""
        if self._noted and self._noted[-1][1] == position:
            self._noted.pop()
        self._noted.append((moment, position))
        while moment - self._noted[0][0] > self._reach:
            self._noted.popleft()

    def lag_at(self, position: int) -> float:
        """Return how many seconds a replica that has replayed up to the position is behind.

        As of the last record: while the primary is unreachable, no replica falls behind.
        """
        for moment, reached in reversed(self._noted):
            if reached <= position:
                return self._noted[-1][0] - moment
        return float("inf") if self._noted else 0.0


class ReplicaMonitor:
    """Keeps the states of the replicas up to date, in a thread that starts on demand."""

    def __init__(self, primary: sa.Engine, replicas: Sequence[Replica], *, max_lag: float) -> None:
        self._primary = primary
        self._replicas = replicas
        self._max_lag = max_lag
        self._starting = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def ensure_running(self) -> None:
        """Start the thread unless it is running. A forked process has none yet."""
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="replicas", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Stop the thread permanently."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._follow_all())

    async def _follow_all(self) -> None:
        log = PrimaryLog(reach=self._max_lag)
        primary = _PolledServer(self._primary, connect_seconds=_PRIMARY_CONNECT_SECONDS)
        # Before any replica: without a first record there is nothing to compare with.
        await _note(primary, log)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_primary(primary, log))
            for replica in self._replicas:
                group.create_task(self._follow(replica, log))

    async def _follow_primary(self, primary: "_PolledServer", log: PrimaryLog) -> None:
        while not self._stopping.is_set():
            await asyncio.sleep(POLL_SECONDS)
            await _note(primary, log)
        await primary.close()

    async def _follow(self, replica: Replica, log: PrimaryLog) -> None:
        asked = _PolledServer(replica.engine, connect_seconds=_RESPONSE_SECONDS)
        while not self._stopping.is_set():
            replica.found(await self._state(asked, log))
            if replica.state is State.LOST:
                replica.end_waiting()
            await asyncio.sleep(POLL_SECONDS)
        await asked.close()

    async def _state(self, replica: "_PolledServer", log: PrimaryLog) -> State:
        try:
            position = await replica.position()
        except _UNREACHABLE:
            return State.LOST
        if position is None or log.lag_at(position) <= self._max_lag:
            return State.WELL
        return State.BEHIND


class _PolledServer:
    """A server that is polled over one connection, with short timeouts."""

    def __init__(self, engine: sa.Engine, *, connect_seconds: float) -> None:
        self._engine = engine
        self._connect_seconds = connect_seconds
        self._connection: psycopg.AsyncConnection | None = None

    async def position(self) -> int | None:
        """Return the position of its log, or None for a server without one."""
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
        # Not a timeout: cancelling would first send a cancel request to the silent server.
        loop, descriptor = asyncio.get_running_loop(), self._connection.fileno()
        alarm = loop.call_later(_RESPONSE_SECONDS, shut_down, descriptor)
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


async def _note(primary: _PolledServer, log: PrimaryLog) -> None:
    asked_at = time.monotonic()
    try:
        position = await primary.position()
    except _UNREACHABLE:
        return
    if position is not None:
        log.note(asked_at, position)
