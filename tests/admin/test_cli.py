"""The operator's commands about providers: hiding them, and reports."""

from flask import Flask

from directory.core.clock import utc_now
from directory.core.db.database import writing
from directory.providers.models import OptOut, Report, ReportState, WrongFact
from directory.providers.wrong_facts import report_wrong_fact
from directory.search.index.models import Listing
from tests.clinics.operator import run
from tests.factories import make_location, make_provider
from tests.inquiries.patient import stored


def listed_npi() -> str:
    with writing() as session:
        return make_location(session, make_provider(session)).npi


def test_a_hidden_professional_has_no_listing_until_shown_again(app: Flask) -> None:
    npi = listed_npi()
    assert run(app, "providers", "hide", npi, "--note", "by phone").output == f"{npi} is hidden.\n"
    assert stored(Listing) == []
    assert stored(OptOut)[0].note == "by phone"
    assert "listed again" in run(app, "providers", "show", npi).output
    assert stored(Listing) != []


def test_hiding_twice_and_showing_twice_say_so(app: Flask) -> None:
    npi = listed_npi()
    run(app, "providers", "hide", npi)
    assert "hidden already" in run(app, "providers", "hide", npi).output
    run(app, "providers", "show", npi)
    assert "was not hidden" in run(app, "providers", "show", npi).output


def test_an_invalid_npi_is_refused(app: Flask) -> None:
    for command in ("hide", "show"):
        result = run(app, "providers", command, "1234567890")
        assert (result.exit_code, "is not an NPI" in result.output) == (1, True)


def test_reports_are_shown_until_closed(app: Flask) -> None:
    npi = listed_npi()
    with writing() as session:
        report_wrong_fact(session, npi, WrongFact.PHONE, "it is\n555-0199", now=utc_now())
    assert "phone: it is 555-0199" in run(app, "providers", "reports").output
    [report] = stored(Report)
    assert run(app, "providers", "reports", "--close", str(report.id)).exit_code == 0
    assert stored(Report)[0].state is ReportState.CLOSED
    assert run(app, "providers", "reports").output == "No open reports.\n"
    assert run(app, "providers", "reports", "--close", "999").exit_code == 1
