"""The supplementary files on real rows, which are not part of the project."""

import time
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.core.db.database import db, writing
from directory.providers.models import (
    Deactivation,
    EntityType,
    OtherName,
    PracticeLocation,
    Provider,
    Source,
    Taxonomy,
)
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.nppes import NPPES
from directory.sources.publishers.nppes_deactivated import NPPES_DEACTIVATED
from directory.sources.publishers.nppes_supplements import NPPES_LOCATIONS, NPPES_NAMES
from directory.sources.publishers.nucc import NUCC
from tests.sources.dumps import public_dump

pytestmark = pytest.mark.real_data


def count(table: type) -> int | None:
    session = db.session()
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(table))


def know_everybody_in(path: Path) -> None:
    """Add those of the sample, who are others than those of the main file's."""
    npis = {line.split('"')[1] for line in path.read_text().splitlines()[1:] if line}
    known = {
        "entity_type": EntityType.ORGANIZATION,
        "organization_name": "Somebody",
        "source": Source.NPPES,
        "as_of": date(2019, 9, 9),
    }
    with writing() as session:
        session.add_all(Provider(npi=npi, **known) for npi in npis)


@pytest.mark.parametrize(
    ("importer", "name", "table"),
    [
        (NPPES_LOCATIONS, "pl_pfile_sample.csv", PracticeLocation),
        (NPPES_NAMES, "othername_pfile_sample.csv", OtherName),
    ],
)
def test_the_real_parts_load_and_load_again(app, real_data, importer, name, table):
    path = real_data / "nppes" / name
    know_everybody_in(path)

    first = load(importer, path, LoadOptions(is_full=True))

    assert (first.counts["read"], first.counts["new"], count(table)) == (9, 9, 9)
    before = public_dump()
    second = load(importer, path, LoadOptions(is_full=True))
    assert (second.counts["unchanged"], second.counts["changed"]) == (9, 0)
    assert public_dump() == before


def test_all_real_further_locations_have_a_position(app, real_data):
    path = real_data / "nppes" / "pl_pfile_sample.csv"
    know_everybody_in(path)

    tally = load(NPPES_LOCATIONS, path, LoadOptions(is_full=True))

    places = db.session.scalars(sa.select(PracticeLocation)).all()
    assert all(each.latitude and each.phone for each in places)
    assert (tally.notes, tally.set_aside) == ({}, {})


def test_the_whole_real_list_of_deactivated_npis(app, real_data):
    path = real_data / "nppes" / "NPPES_Deactivated_NPI_Report_100923.zip"
    main = real_data / "nppes" / "npidata_pfile_v1_sample.csv"
    load(NPPES, main, LoadOptions(keep_all=True, released_on=date(2019, 9, 9)))
    began = time.monotonic()

    first = load(NPPES_DEACTIVATED, path, LoadOptions())

    assert time.monotonic() - began < 30
    assert (first.counts["read"], first.counts["new"], first.bad) == (258_959, 258_959, 0)
    assert (first.released_on, count(Deactivation)) == (date(2023, 10, 9), 258_959)
    second = load(NPPES_DEACTIVATED, path, LoadOptions())
    assert (second.counts["unchanged"], second.counts["changed"]) == (258_959, 0)


def test_the_real_code_set(app, real_data):
    tally = load(NUCC, real_data / "nucc" / "nucc_taxonomy_251.csv", LoadOptions())

    assert (tally.counts["read"], tally.counts["new"], tally.bad) == (883, 883, 0)
    assert (tally.released_on, count(Taxonomy)) == (date(2025, 7, 1), 883)
