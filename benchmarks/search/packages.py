"""Installs the peers and the load generator from the system's packages, when that is possible."""

import sys

from benchmarks.search.http import find_wrk
from tests.postgres import find_postgres
from tests.system import install


def missing_packages() -> list[str]:
    """Return what `make bench` needs and does not find."""
    packages = [] if find_wrk() else ["wrk"]
    programs = find_postgres()
    if programs is None:
        packages.append("postgresql")
    elif not has_postgis():
        packages.append(f"postgresql-{programs.parent.name}-postgis-3")
    return packages


def has_postgis() -> bool:
    """Return whether the newest server installed has PostGIS."""
    programs = find_postgres()
    if programs is None:
        return False
    return any((programs.parent / "lib").glob("postgis-*.so"))


def main() -> int:
    """Install what is missing; else say how to."""
    install(missing_packages())
    packages = missing_packages()
    if packages:
        print(f"MISSING; install with: sudo apt-get install {' '.join(packages)}", file=sys.stderr)
    return 1 if packages else 0


if __name__ == "__main__":
    sys.exit(main())
