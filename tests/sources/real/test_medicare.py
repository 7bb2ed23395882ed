"""The Medicare importers on real rows, which are not part of the project."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from directory.core.db.database import db, writing
from directory.providers.models import (
    Clinician,
    EntityType,
    PracticeLocation,
    ProcedureVolume,
    Provider,
    Source,
)
from directory.sources.loading.open_table import opened_table
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.clinicians import CLINICIANS
from directory.sources.publishers.procedure_volumes import VOLUMES
from tests.sources.dumps import public_dump

pytestmark = pytest.mark.real_data

AUGUST = LoadOptions(released_on=date(2026, 8, 1), is_full=True)


def rows_of(importer, file: Path) -> pl.DataFrame:
    with opened_table(importer, file) as table:
        return pl.concat(table.frames(importer.wanted(table.columns)))


def add_providers(npis: pl.Series) -> None:
    with writing() as session:
        fact = {"source": Source.NPPES, "as_of": date(2026, 1, 1)}
        person = {"entity_type": EntityType.INDIVIDUAL, "last_name": "Hartwell", **fact}
        session.add_all(Provider(npi=each, **person) for each in npis.unique())


def count(model, *where) -> int:
    session = db.session()
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def test_the_clinicians_of_2021_load_and_load_again(app, real_data):
    file = real_data / "dac" / "DAC_2021_layout_sample.csv"
    add_providers(rows_of(CLINICIANS, file)["npi"])

    first = load(CLINICIANS, file, AUGUST)

    assert (first.counts["read"], first.set_aside.total()) == (386, 0)
    assert count(Clinician) == 371
    assert count(Clinician, Clinician.graduation_year.is_(None)) == 0
    assert count(Clinician, Clinician.school == "OTHER") == 0
    before = public_dump()
    second = load(CLINICIANS, file, AUGUST)
    assert (second.counts["new"], second.counts["changed"], second.counts["gone"]) == (0, 0, 0)
    assert public_dump() == before


def test_nearly_all_real_places_have_a_position(app, real_data):
    file = real_data / "dac" / "DAC_2021_layout_sample.csv"
    add_providers(rows_of(CLINICIANS, file)["npi"])

    load(CLINICIANS, file, AUGUST)

    at = PracticeLocation
    assert count(at) >= 380
    assert count(at, at.latitude.is_(None)) <= 1
    assert count(at, sa.func.length(at.zip_code) != 5) == 0


def test_todays_header_has_all_columns(real_data):
    file = real_data / "dac" / "DAC_current_header.csv"

    with opened_table(CLINICIANS, file) as table:
        wanted = CLINICIANS.wanted(table.columns)

    assert len(wanted) == len(CLINICIANS.columns)


def test_the_counts_of_2012_are_those_of_other_procedures(app, real_data):
    file = real_data / "mup" / "provider_service_cy2012_sample.tsv"

    tally = load(VOLUMES, file, LoadOptions())

    assert tally.counts["read"] == 6000
    assert tally.set_aside == {"another procedure": 6000}
    assert count(ProcedureVolume) == 0


def test_the_json_of_2023_is_read(app, real_data):
    file = real_data / "mup" / "provider_service_2023_A0425.json.gz"
    rows = rows_of(VOLUMES, file)

    tally = load(VOLUMES, file, LoadOptions())

    assert tally.counts["read"] == rows.height > 8000
    assert tally.bad == 0
    assert rows["services"].str.contains(r"^[0-9]+(\.[0-9]+)?$").all()
