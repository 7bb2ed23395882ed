"""Import runs: the record of each import of a file, including failed ones."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.providers.actions import FIRST_DEMO_NPI, LAST_DEMO_NPI
from directory.providers.models import ImportRun, Provider, RunState, Source
from directory.sources.loading.importer import Run

_LONGEST_MESSAGE = 1000


def start_run(
    session: Session, *, source: Source, file_name: str, file_digest: str, now: datetime
) -> int:
    """Record the start of an import; mark one that never finished as failed."""
    session.execute(
        sa.update(ImportRun)
        .where(ImportRun.source == source, ImportRun.state == RunState.RUNNING)
        .values(
            state=RunState.FAILED,
            finished_at=now,
            message="It was ended from outside; the loaded data stayed as it was.",
        )
    )
    run = ImportRun(
        source=source,
        file_name=file_name[:255],
        file_digest=file_digest,
        state=RunState.RUNNING,
        started_at=now,
        counts={},
        set_aside={},
    )
    session.add(run)
    session.flush()
    return run.id


def finish_run(session: Session, run_id: int, *, runs: Sequence[Run], now: datetime) -> None:
    """Record a finished import, in the transaction that switches generations."""
    counts: Counter[str] = Counter()
    set_aside: Counter[str] = Counter()
    for each in runs:
        counts.update(each.tally.counts + each.tally.notes)
        set_aside.update(each.tally.set_aside)
    run = session.get_one(ImportRun, run_id)
    run.state = RunState.DONE
    run.finished_at = now
    run.released_on = runs[0].released_on
    run.counts = dict(+counts)
    run.set_aside = dict(set_aside)


def fail_run(session: Session, run_id: int, *, message: str, now: datetime) -> None:
    """Record why the import failed."""
    run = session.get_one(ImportRun, run_id)
    run.state = RunState.FAILED
    run.finished_at = now
    run.message = message[:_LONGEST_MESSAGE]


def holds_demo(session: Session) -> bool:
    """Return whether demo data is loaded."""
    runs = sa.select(ImportRun.id).where(ImportRun.source == Source.DEMO)
    people = sa.select(Provider.npi).where(_is_invented())
    return any(session.scalar(each.limit(1)) is not None for each in (runs, people))


def has_real_providers(session: Session) -> bool:
    """Return whether any provider other than those of the demo is loaded."""
    return session.scalar(sa.select(Provider.npi).where(~_is_invented()).limit(1)) is not None


def _is_invented() -> sa.ColumnElement[bool]:
    return Provider.npi.between(FIRST_DEMO_NPI, LAST_DEMO_NPI)
