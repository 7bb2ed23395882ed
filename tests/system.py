"""Installs Chromium and PostgreSQL from the system's packages, when that is possible."""

import os
import shutil
import subprocess
import sys

from tests.chromium import find_chromium
from tests.postgres import find_postgres

_NEEDED = [("Chromium", find_chromium, "chromium"), ("PostgreSQL", find_postgres, "postgresql")]


def install(packages: list[str]) -> None:
    """Install these packages where that is possible; what is still missing is for the caller."""
    if not packages or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(f"Installing {' and '.join(packages)} from the system's packages ...")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["update", "-q"],
        ["install", "-y", "-q", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(["apt-get", *command], env=environ, capture_output=True, check=False)
        if done.returncode:
            print(done.stderr.decode()[-2000:], file=sys.stderr)


def main() -> int:
    """Install what is missing; else name it, and fail only where everything has to be there."""
    missing = [(name, package) for name, find, package in _NEEDED if find() is None]
    install([package for _, package in missing])
    still_missing = [(name, package) for name, find, package in _NEEDED if find() is None]
    for name, package in still_missing:
        print(f"MISSING: {name}; install it with: sudo apt-get install {package}", file=sys.stderr)
        print(f"         Without it the tests that need {name} are skipped.", file=sys.stderr)
    return 1 if still_missing and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
