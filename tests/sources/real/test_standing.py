"""The exclusion list and the license files on real rows, which are not part of the project."""

import csv
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.core.db.database import db, writing
from directory.providers.models import (
    EntityType,
    Exclusion,
    License,
    LicenseStatus,
    Provider,
    Source,
)
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.exclusions import EXCLUSIONS
from directory.sources.publishers.state_licenses import license_importer
from tests.factories import TODAY, make_npi
from tests.sources.dumps import public_dump

pytestmark = pytest.mark.real_data


def supplements(real_data: Path) -> list[Path]:
    files = sorted((real_data / "leie").glob("16*.csv"))
    assert len(files) == 24
    return files


def load_each(files: list[Path]) -> Counter[str]:
    notes: Counter[str] = Counter()
    for file in files:
        tally = load(EXCLUSIONS, file, LoadOptions())
        assert not tally.set_aside
        notes += tally.notes
    return notes


def test_a_year_of_supplements_in_any_order(app, real_data):
    files = supplements(real_data)
    notes = load_each(files)
    first = public_dump()["exclusion"]
    again = load_each(files[::-1])

    assert public_dump()["exclusion"] == first
    assert len(first) == 4328
    mistyped = "the NPI is not ten digits with a right check digit"
    assert notes == again == Counter({mistyped: 5})


def test_a_year_of_supplements_in_reverse_has_the_same_result(app, real_data):
    load_each(supplements(real_data)[::-1])

    session = db.session()
    at = Exclusion
    count = sa.select(sa.func.count()).select_from(at)
    assert session.scalar(count) == 4328
    assert session.scalar(count.where(at.reinstated_on.is_not(None))) == 551
    assert session.scalar(count.where(at.npi.is_not(None))) == 769
    waived = sa.select(at.waiver_state).where(at.waiver_state.is_not(None))
    assert set(session.scalars(waived)) == {"PR", "MT"}


def test_the_head_of_the_full_list(app, real_data):
    tally = load(EXCLUSIONS, real_data / "leie" / "UPDATED_2026-08_first_rows.csv", LoadOptions())

    assert (tally.counts["new"], str(tally.released_on)) == (5, "2026-08-01")


@pytest.mark.parametrize(
    ("state", "file", "number", "name", "active"),
    [
        ("WA", "washington_extract.csv", "CredentialNumber", "LastName", 53),
        ("CA", "california_extract.csv", "license_number", "org_or_last_name", 128),
        ("MA", "massachusetts_extract.csv", "license_number", "licensee_name", 44),
    ],
)
def test_a_state_file_gives_its_statuses(app, real_data, state, file, number, name, active):
    path = real_data / "state" / file
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    people = {(row[number], row[name].split()[-1] if state == "MA" else row[name]) for row in rows}
    with writing() as session:
        for place, (license_number, last_name) in enumerate(sorted(people), 900):
            fact = {"npi": make_npi(place), "source": Source.NPPES, "as_of": TODAY}
            session.add(Provider(entity_type=EntityType.INDIVIDUAL, last_name=last_name, **fact))
            named = {"state": state, "number": license_number, "taxonomy_code": "363LF0000X"}
            session.add(License(**named, **fact))

    tally = load(license_importer(state), path, LoadOptions(part=state))

    assert (tally.bad, tally.set_aside) == (0, Counter())
    assert not any("not known to the layout" in note for note in tally.notes)
    statuses = Counter(db.session().scalars(sa.select(License.status)))
    assert statuses[LicenseStatus.ACTIVE] == active
    before = public_dump()
    again = load(license_importer(state), path, LoadOptions(part=state))
    assert again.counts["changed"] == 0
    assert public_dump() == before
