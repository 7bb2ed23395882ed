"""Actions of an operator and a clinic, for the tests of clinics."""

import re
from pathlib import Path

from click.testing import Result
from flask import Flask

from directory.clinics.models import ClinicProvider
from directory.core.db.database import db, writing
from directory.outbox.models import MessageKind
from tests.factories import make_provider
from tests.inquiries.patient import content_of, messages, open_browser, stored

VALUES = {
    "name": "Lake Clinic",
    "address": "1 Sample St",
    "city": "Evanston",
    "state": "IL",
    "zip": "60201",
    "phone": "847-555-0142",
    "email": "a@lake.example.org",
    "new_patients": "yes",
}
HEAD = ",".join(("npis", *VALUES)) + "\n"


def row(**changes: str) -> str:
    """Return a line of the list; without a professional, a new one is made."""
    values = {"npis": changes.get("npis") or new_npi(), **VALUES, **changes}
    return ",".join(values.values()) + "\n"


def new_npi() -> str:
    with writing() as session:
        return make_provider(session).npi


def run(app: Flask, *arguments: str) -> Result:
    """Run a command in a fresh transaction."""
    db.session().rollback()
    return app.test_cli_runner().invoke(args=list(arguments))


def add(app: Flask, **changes: str) -> Result:
    """Add one clinic by command."""
    values = {"npis": changes.get("npis") or new_npi(), **VALUES, **changes}
    options = [f"--{name.replace('_', '-')}={value}" for name, value in values.items()]
    return run(app, "clinics", "add", *options)


def load(app: Flask, folder: Path, text: str) -> Result:
    """Load a list by command."""
    file = folder / "clinics.csv"
    file.write_text(text, encoding="utf-8")
    return run(app, "clinics", "load", str(file))


def newest_proof() -> str:
    """Return the path of the link in the latest email."""
    text = content_of(messages(MessageKind.CLINIC_PROOF)[-1]).text
    found = re.search(r"http://directory\.test(/clinics/confirm/[\w-]{43})\s", text)
    assert found
    return found[1]


def confirm(app: Flask, *, npis: list[str] | None = None, accepting: str = "yes") -> None:
    """Press the button behind the latest link."""
    everybody = [each.npi for each in stored(ClinicProvider)]
    form = {"npi": everybody if npis is None else npis, "accepting": accepting}
    assert open_browser(app).post(newest_proof(), data=form).location == "/clinics/confirmed"
