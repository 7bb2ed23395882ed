"""Which tests run on both databases, and which on SQLite alone.

PostgreSQL is added where SQL is the subject: models, queries, actions, locks, imports and
migrations. Views, forms, emails, SMTP faults, interfaces and pages run the same SQL through the
same functions, so SQLite is enough for them in `make test`. `make test-long` (`DATABASES=all`) runs
everything on both. A single test of another file joins with `@pytest.mark.both_databases`.
"""

import os

import pytest

DATABASES = ("sqlite", "postgresql")
# Files and folders below tests/.
BOTH = (
    "access/",
    "admin/test_after_restore.py",
    "admin/test_possible_exclusions.py",
    "admin/test_privacy_cli.py",
    "clinics/test_cli.py",
    "clinics/test_differences.py",
    "clinics/test_groups.py",
    "core/db/",
    "demo/test_load.py",
    "discovery/test_sitemaps.py",
    "drills/",
    "inquiries/form/test_code.py",
    "inquiries/form/test_repeat.py",
    "inquiries/lifecycle/",
    "inquiries/test_drafts.py",
    "outbox/test_actions.py",
    "outbox/test_cli.py",
    "outbox/test_kill.py",
    "outbox/test_worker.py",
    "portal/test_scanner.py",
    "privacy/",
    "profiles/test_profile.py",
    "search/compare/",
    "search/index/",
    "search/query/",
    "search/results/test_cards.py",
    "search/results/test_filters.py",
    "sources/geocoding/",
    "sources/loading/",
    "sources/publishers/test_nppes.py",
    "sources/test_values.py",
    "test_migrations.py",
)


def databases_of(definition: pytest.Item, tests: os.PathLike[str]) -> tuple[str, ...]:
    """Return the databases a test runs on: one or both of `DATABASES`."""
    if os.environ.get("DATABASES") == "all" or definition.get_closest_marker("both_databases"):
        return DATABASES
    path = definition.path.relative_to(tests).as_posix()
    return DATABASES if path.startswith(BOTH) else DATABASES[:1]
