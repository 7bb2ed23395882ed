"""The importers on real rows, which are not part of the project."""

import pytest
import sqlalchemy as sa

from directory.core.db.database import db
from directory.providers.models import PracticeLocation, Provider
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.nppes import NPPES
from tests.sources.dumps import public_dump

pytestmark = pytest.mark.real_data


def test_the_real_nppes_rows_load_and_load_again(app, real_data):
    file = real_data / "nppes" / "npidata_pfile_v1_sample.csv"

    first = load(NPPES, file, LoadOptions(keep_all=True))

    assert (first.counts["read"], first.counts["new"]) == (499, 486)
    assert first.set_aside == {"deactivated, nothing else known": 13}
    before = public_dump()
    second = load(NPPES, file, LoadOptions(keep_all=True))
    assert (second.counts["unchanged"], second.counts["changed"]) == (486, 0)
    assert public_dump() == before


def test_all_real_providers_are_active_and_have_a_position(app, real_data):
    load(NPPES, real_data / "nppes" / "npidata_pfile_v1_sample.csv", LoadOptions(keep_all=True))

    session = db.session()
    inactive = sa.select(sa.func.count()).where(Provider.deactivated_on.is_not(None))
    assert session.scalar(inactive) == 0
    placed = sa.select(sa.func.count()).where(PracticeLocation.latitude.is_not(None))
    assert session.scalar(placed) == 486
