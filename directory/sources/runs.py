"""Import runs: each loading of a file is on record, the failed ones too."""

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.providers.models import ImportRun, Provider, RunState, Source

_LONGEST_MESSAGE = 1000
_FIRST_OF_DEMO = "2000000000"


def start_run(
    session: Session, *, source: Source, file_name: str, file_digest: str, now: datetime
) -> int:
    """Record that a loading begins, and that one which never ended has failed."""
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


def finish_run(
    session: Session,
    run_id: int,
    *,
    released_on: date,
    counts: Mapping[str, int],
    set_aside: Mapping[str, int],
    now: datetime,
) -> None:
    """Record that everything is loaded; to be called in the transaction that loads it."""
    run = session.get_one(ImportRun, run_id)
    run.state = RunState.DONE
    run.finished_at = now
    run.released_on = released_on
    run.counts = dict(counts)
    run.set_aside = dict(set_aside)


def fail_run(session: Session, run_id: int, *, message: str, now: datetime) -> None:
    """Record why nothing was loaded."""
    run = session.get_one(ImportRun, run_id)
    run.state = RunState.FAILED
    run.finished_at = now
    run.message = message[:_LONGEST_MESSAGE]


def holds_demo(session: Session) -> bool:
    """Tell whether the demo, or a part of it, is loaded."""
    runs = sa.select(ImportRun.id).where(ImportRun.source == Source.DEMO)
    # The demo's NPIs begin with 2: the key finds them without reading the whole table.
    people = sa.select(Provider.npi).where(
        Provider.npi >= _FIRST_OF_DEMO, Provider.source == Source.DEMO
    )
    return any(session.scalar(each.limit(1)) is not None for each in (runs, people))
