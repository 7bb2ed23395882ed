"""A primary and its streaming replicas, made as docs/deployment.md says, on loopback."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.postgres import ServerAccount, server_folder
from tests.site import free_port

_OPTIONS = (
    "-c fsync=off -c full_page_writes=off -c max_connections=40 -c listen_addresses=127.0.0.1"
)


@dataclass(frozen=True)
class Server:
    """One PostgreSQL server, which can be stopped, frozen and resumed."""

    run: ServerAccount
    folder: Path
    port: int

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"postgresql+psycopg://tester@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start or restart it."""
        options = f"{_OPTIONS} -p {self.port} -k {self.folder}"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", self.data, "-w", "-s", "-o", options, "-l", log, "start")

    def kill(self) -> None:
        """Stop it immediately, as in a crash."""
        self.run("pg_ctl", "-D", self.data, "-w", "-s", "-m", "immediate", "stop")

    def freeze(self) -> None:
        """Freeze it: connections stay open without responses, as of a hung machine."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Resume it."""
        self._signal(signal.SIGCONT)

    def ask(self, statement: str) -> str | None:
        """Run a statement on it, and return the result."""
        address = f"host=127.0.0.1 port={self.port} user=tester dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            found = connection.execute(statement)
            row = found.fetchone() if found.description else None
        return str(row[0]) if row else None

    @property
    def data(self) -> str:
        """The folder of its data."""
        return str(self.folder / "data")

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped."""
        return Path(self.data, "postmaster.pid").exists()

    def _signal(self, number: int) -> None:
        main = Path(self.data, "postmaster.pid").read_text(encoding="ascii").split()[0]
        os.kill(int(main), number)  # first: once it has stopped, it starts no others
        children = subprocess.run(["pgrep", "-P", main], capture_output=True, check=False)
        for process in map(int, children.stdout.split()):
            with suppress(ProcessLookupError):
                os.kill(process, number)


@contextmanager
def running_cluster(programs: Path, *, replicas: int = 2) -> Iterator[list[Server]]:
    """Start a primary and its replicas, yield them in this order, and remove them."""
    with ExitStack() as stack:
        servers: list[Server] = []
        for number in range(replicas + 1):
            folder = stack.enter_context(server_folder())
            server = Server(ServerAccount(programs, folder), folder, free_port())
            if number == 0:
                _make_primary(server)
            else:
                _make_replica(server, servers[0], slot=f"replica{number}")
            stack.callback(_end, server)
            server.start()
            servers.append(server)
        yield servers


def wait_until_followed(primary: Server, replica: Server, seconds: float = 20) -> None:
    """Wait until the replica has replayed everything from the primary."""
    position = primary.ask("SELECT pg_current_wal_lsn()")
    deadline = time.monotonic() + seconds
    while replica.ask(f"SELECT pg_last_wal_replay_lsn() >= '{position}'") != "True":
        assert time.monotonic() < deadline, "the replica does not follow"
        time.sleep(0.02)


def _make_primary(server: Server) -> None:
    server.run(
        "initdb", "--no-sync", "-A", "trust", "-U", "tester", "-E", "UTF8", "-D", server.data
    )


def _make_replica(server: Server, primary: Server, *, slot: str) -> None:
    source = f"host=127.0.0.1 port={primary.port} user=tester"
    server.run(
        "pg_basebackup", "-d", source, "-D", server.data, "--no-sync",
        "--checkpoint=fast", "--write-recovery-conf", "--create-slot", f"--slot={slot}",
    )  # fmt: skip


def _end(server: Server) -> None:
    if server.is_running:
        server.thaw()
        server.kill()
