"""The PostgreSQL server of the tests ends with them, even when they are killed."""

import subprocess
import sys
import time
from pathlib import Path

from directory.config import PROJECT_FOLDER
from tests.conftest import missing
from tests.postgres import find_postgres

_RUN = """
import time
from tests.postgres import find_postgres, running_postgres
with running_postgres(find_postgres()) as url:
    print(url, flush=True)
    time.sleep(60)
"""


def test_a_killed_run_leaves_no_server() -> None:
    if find_postgres() is None:
        missing("PostgreSQL", "apt-get install postgresql")
    run = subprocess.Popen([sys.executable, "-c", _RUN], cwd=PROJECT_FOLDER, stdout=subprocess.PIPE)
    assert run.stdout is not None
    folder = Path(run.stdout.readline().decode().strip().partition("host=")[2])
    assert (folder / "data/postmaster.pid").exists()

    run.kill()
    run.communicate()

    deadline = time.monotonic() + 20
    while folder.exists():
        assert time.monotonic() < deadline, "the server is still there"
        time.sleep(0.1)
