"""A PostgreSQL server for the tests: on a socket, in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OPTIONS = "-c fsync=off -c listen_addresses='' -c max_connections=40 -c full_page_writes=off"

_DURABLE = "-c listen_addresses='' -c max_wal_size=4GB -c shared_buffers=512MB"


def find_postgres() -> Path | None:
    """Return the folder of the server's programs, or None when it is not installed."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *map(Path, os.get_exec_path())]
    found = [folder for folder in folders if (folder / "initdb").exists()]
    return max(found, key=_version, default=None)


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


@contextmanager
def running_postgres(programs: Path, *, is_durable: bool = False) -> Iterator[str]:
    """Start a server, yield the URL of an empty database, stop the server and remove it.

    Tests need no disk to be waited for; a benchmark does.
    """
    with server_folder() as folder:
        run = ServerAccount(programs, folder)
        data = str(folder / "data")
        run("initdb", "--no-sync", "-A", "trust", "-U", "tester", "-E", "UTF8", "-D", data)
        options = f"{_DURABLE if is_durable else _OPTIONS} -k {folder}"
        run("pg_ctl", "-D", data, "-w", "-s", "-o", options, "-l", str(folder / "log"), "start")
        try:
            yield f"postgresql+psycopg://tester@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-s", "-m", "immediate", "stop")


# Waits until the tests end, however they end; then stops a server that is left, and its folder.
_CLEAN_UP = """
import os, shutil, signal, sys, time
from pathlib import Path
folder = Path(sys.argv[1])
sys.stdin.read()
try:
    server = int((folder / "data/postmaster.pid").read_text().split()[0])
    os.kill(server, signal.SIGCONT)
    os.kill(server, signal.SIGQUIT)
    deadline = time.monotonic() + 10
    while (folder / "data/postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
except (OSError, ValueError, IndexError):
    pass
shutil.rmtree(folder, ignore_errors=True)
"""


@contextmanager
def server_folder() -> Iterator[Path]:
    """Yield a folder owned by the account that servers run as, and remove it.

    A server in it ends with the tests, even when they are killed: `pg_ctl` detaches it, so a
    process of its own waits for the end of the pipe that it shares with them.
    """
    folder = Path(tempfile.mkdtemp(prefix="directory-pg-"))
    cleaner = subprocess.Popen(
        [sys.executable, "-c", _CLEAN_UP, str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        account = _account()
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        cleaner.communicate()


class ServerAccount:
    """Runs the server's programs as an account that may run it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder

    def __call__(self, program: str, *arguments: str) -> None:
        account = _account()
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            cwd=self._folder,
        )


def _account() -> pwd.struct_passwd | None:
    """Return the account to run as: the server refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
