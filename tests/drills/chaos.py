"""Clients that send inquiries with retries while the processes of the site are killed.

The moments of the kills are spread over the acknowledgements by a seed: each falls a moment
after one of them, while the other clients are under way.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from directory.core.clock import utc_now
from directory.core.db.database import writing
from directory.outbox.actions import retry
from directory.outbox.models import MessageState
from directory.outbox.queries import count_by_state, messages
from tests.drills.patients import Patient, sent
from tests.drills.processes import Site
from tests.mail_server import Accepted, FaultServer

CLIENTS = 8
_DOUBLE_CLICKS = 0.1
_RETRY_SECONDS = 0.1
_PATIENCE_SECONDS = 60.0
_LONGEST_MOMENT = 0.2


@dataclass
class Ledger:
    """The responses that clients received, recorded outside of the site."""

    acknowledged: list[str] = field(default_factory=list)
    attempts: int = 0
    given_up: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, patient: Patient, *, attempts: int, was_told: bool) -> None:
        """Record the result of one patient."""
        with self._lock:
            self.attempts += attempts
            (self.acknowledged if was_told else self.given_up).append(patient.draft_id)


@dataclass
class MailLedger:
    """What the mail server took, and how often its answer did not arrive."""

    drop_every: int | None = None
    ambiguous: int = 0
    server: FaultServer = field(init=False)

    def __post_init__(self) -> None:
        self._taken = _Taken()
        self.server = FaultServer(before_answer=self._before_answer, accepted=self._taken)

    @property
    def message_ids(self) -> list[str]:
        """Return the Message-ID of each email taken."""
        return [each.message_id for each in self._taken]

    @property
    def taken_at(self) -> dict[str, float]:
        """Return when each email was first taken, in seconds since the epoch."""
        return self._taken.first_at

    def _before_answer(self) -> None:
        if self.drop_every and len(self.server.accepted) % self.drop_every == 0:
            self.ambiguous += 1
            raise ConnectionAbortedError


class _Taken(list[Accepted]):
    """Emails as they are taken, with the moment."""

    def __init__(self) -> None:
        super().__init__()
        self.first_at: dict[str, float] = {}

    def append(self, accepted: Accepted) -> None:
        self.first_at.setdefault(accepted.message_id, time.time())
        super().append(accepted)


class Killer(threading.Thread):
    """Kills the web server, one of its processes, or a delivery worker, and starts it again."""

    def __init__(self, site: Site, ledger: Ledger, *, acks: int, kills: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.killed: Counter[str] = Counter()
        self._site, self._ledger = site, ledger
        self._chance = random.Random(seed)
        self._after = sorted(self._chance.sample(range(acks), kills))

    def run(self) -> None:
        """Kill after each of the acknowledgements that were drawn."""
        for count in self._after:
            while len(self._ledger.acknowledged) + len(self._ledger.given_up) < count:
                time.sleep(0.005)
            time.sleep(self._chance.uniform(0, _LONGEST_MOMENT))
            self._kill_one()

    def _kill_one(self) -> None:
        what = self._chance.choice(["web process", "web server", "worker"])
        if what == "worker":
            worker = self._chance.choice(self._site.workers)
            worker.kill()
            worker.start()
        elif what == "web server":
            self._site.web.kill()
            self._site.web.start()
            self._site.wait_until_ready()
        else:
            while not self._site.web.kill_child(self._chance):
                time.sleep(0.05)
        self.killed[what] += 1


def send_all(site: Site, patients: Sequence[Patient], ledger: Ledger, *, seed: int) -> None:
    """Have every patient send, and try again until told that it is sent."""
    chance = random.Random(seed)
    clicks_twice = {each.draft_id for each in patients if chance.random() < _DOUBLE_CLICKS}

    def go(patient: Patient) -> None:
        deadline, attempts = time.monotonic() + _PATIENCE_SECONDS, 1
        while not (was_told := sent(patient, site.port)) and time.monotonic() < deadline:
            attempts += 1
            time.sleep(_RETRY_SECONDS)
        ledger.note(patient, attempts=attempts, was_told=was_told)
        if patient.draft_id in clicks_twice:
            sent(patient, site.port)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(go, patients))


def wait_until_handed_off(*, seconds: float) -> None:
    """Wait until the workers have nothing left to do, or the time is over.

    What waits for a later attempt is sent now, as `flask outbox retry` does.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with writing() as session:
            counts = count_by_state(session)
            for message in messages(session, state=MessageState.WAITING):
                if message.next_attempt_at > utc_now():
                    retry(session, message.public_id, utc_now())
        if not counts[MessageState.WAITING] + counts[MessageState.SENDING]:
            return
        time.sleep(0.5)
