"""Installs Chromium, PostgreSQL and a library from the system's packages, where possible."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.chromium import find_chromium
from tests.postgres import find_postgres

_LIBATOMIC = "libatomic.so.1"


@dataclass(frozen=True)
class Requirement:
    """Something the tests need from the system, and the Debian package that has it."""

    name: str
    find: Callable[[], object | None]
    package: str
    without_it: str

    @property
    def is_missing(self) -> bool:
        """Return True if it is not installed."""
        return self.find() is None


def find_libatomic() -> str | None:
    """Return the name of the library that Playwright's Node needs, or None if it cannot load."""
    try:
        ctypes.CDLL(_LIBATOMIC)
    except OSError:
        return None
    return _LIBATOMIC


REQUIREMENTS = (
    Requirement("Chromium", find_chromium, "chromium", "tests in a browser are skipped"),
    Requirement("libatomic", find_libatomic, "libatomic1", "tests in a browser fail"),
    Requirement("PostgreSQL", find_postgres, "postgresql", "tests on PostgreSQL are skipped"),
)


def install(packages: Sequence[str]) -> None:
    """Install the packages when run as root on a system with apt-get, else do nothing."""
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


def find_missing(requirements: Sequence[Requirement]) -> list[Requirement]:
    """Return the requirements that are not installed."""
    return [requirement for requirement in requirements if requirement.is_missing]


def main(requirements: Sequence[Requirement] = REQUIREMENTS) -> int:
    """Install what is missing and name what still is; return 1 for that if `CI` is set."""
    install([requirement.package for requirement in find_missing(requirements)])
    still_missing = find_missing(requirements)
    for requirement in still_missing:
        command = f"sudo apt-get install {requirement.package}"
        print(f"MISSING: {requirement.name}; install it with: {command}", file=sys.stderr)
        print(f"         Without it {requirement.without_it}.", file=sys.stderr)
    return 1 if still_missing and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
