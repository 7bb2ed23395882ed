"""Inquiries and searches at a steady rate against the whole site, and their latency.

Requests begin when they are due, however long earlier ones take: a slow site is not asked less.
"""

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.drills.patients import LAST_PAGE, Patient, is_acknowledged

_SECONDS = 30.0


@dataclass
class Requests:
    """How requests of one kind went."""

    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    late: float = 0.0  # the longest that one began after it was due: the generator's own fault

    def percentile(self, share: float) -> float:
        """Return the time that this share of the requests stayed below, in milliseconds."""
        return 1000 * percentile(sorted(self.seconds), share)


@dataclass(frozen=True)
class Answered:
    """A response: all that the drill looks at."""

    status: int
    location: str


@dataclass(frozen=True)
class Load:
    """What a run found."""

    posts: Requests
    searches: Requests
    acknowledged_at: dict[str, float]  # by draft, in seconds since the epoch
    seconds: float
    generator_cpu: float  # share of one core


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value that this share of the ordered ones stays below."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def run(
    port: int,
    patients: Sequence[Patient],
    searches: Sequence[str],
    *,
    rate: float,
    search_rate: float,
) -> Load:
    """Send for every patient, and search concurrently, at these rates per second."""
    posts, others = Requests(), Requests()
    acknowledged_at: dict[str, float] = {}

    async def send(number: int) -> str | None:
        patient = patients[number]
        answer = await _ask(port, _post(patient))
        if not is_acknowledged(answer.status, answer.location):
            return str(answer.status)
        acknowledged_at[patient.draft_id] = time.time()
        return None

    async def search(number: int) -> str | None:
        answer = await _ask(port, _get(searches[number % len(searches)]))
        return None if answer.status == 200 else str(answer.status)

    seconds = len(patients) / rate
    used, began = _cpu_seconds(), time.monotonic()
    await asyncio.gather(
        _steadily(send, posts, count=len(patients), rate=rate),
        _steadily(search, others, count=int(seconds * search_rate), rate=search_rate),
    )
    took = time.monotonic() - began
    return Load(posts, others, acknowledged_at, took, (_cpu_seconds() - used) / took)


async def _steadily(
    ask: Callable[[int], Awaitable[str | None]], requests: Requests, *, count: int, rate: float
) -> None:
    began = time.monotonic()

    async def one(number: int) -> None:
        asked = time.monotonic()
        requests.late = max(requests.late, asked - began - number / rate)
        try:
            error = await asyncio.wait_for(ask(number), _SECONDS)
        except (OSError, TimeoutError, ValueError, IndexError) as broken:
            error = type(broken).__name__
        requests.seconds.append(time.monotonic() - asked)
        if error:
            requests.errors[error] += 1

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            group.create_task(one(number))


async def _ask(port: int, request: bytes) -> Answered:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        head, _, _ = (await reader.read()).partition(b"\r\n\r\n")
    finally:
        writer.close()
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Answered(int(status.split()[1]), headers.get("location", ""))


def _get(path: str) -> bytes:
    lines = ["Host: localhost", "Connection: close", "Accept-Encoding: gzip, deflate, br"]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()


def _post(patient: Patient) -> bytes:
    lines = [
        f"POST {LAST_PAGE} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        f"Content-Length: {len(patient.body)}",
        *(f"{name}: {value}" for name, value in patient.headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + patient.body).encode()


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
