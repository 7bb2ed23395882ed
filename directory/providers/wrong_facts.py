"""Wrong facts that visitors report, and providers who ask not to be listed."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.providers.models import OptOut, Report, ReportState, WrongFact
from directory.providers.queries import is_hidden


def report_wrong_fact(
    session: Session, npi: str, fact: WrongFact, message: str, *, now: datetime
) -> Report:
    """Store a visitor's report of a wrong fact for the operator."""
    report = Report(npi=npi, fact=fact, message=message, state=ReportState.OPEN, created_at=now)
    session.add(report)
    return report


def close_report(session: Session, report_id: int) -> bool:
    """Mark a report as dealt with; return False when there is none with this id."""
    report = session.get(Report, report_id)
    if report is None:
        return False
    report.state = ReportState.CLOSED
    return True


def hide_provider(session: Session, npi: str, *, note: str | None, now: datetime) -> bool:
    """Delist the provider, across imports; return False if already delisted."""
    if is_hidden(session, npi):
        return False
    session.add(OptOut(npi=npi, note=note, created_at=now))
    session.flush()
    return True


def show_provider(session: Session, npi: str) -> bool:
    """List the provider again; return False when it was not hidden."""
    opt_out = session.get(OptOut, npi)
    if opt_out is None:
        return False
    session.delete(opt_out)
    session.flush()
    return True
