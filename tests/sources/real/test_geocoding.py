"""Real practice addresses, with a geocoder that finds them all."""

import pytest
import sqlalchemy as sa
from geopy.location import Location

from directory.core.db.database import db
from directory.geo.places import zip_position
from directory.geo.points import Precision
from directory.providers.models import PracticeLocation
from directory.sources.geocoding.batch_geocoder import BatchGeocoder, Options, RateLimiter
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.nppes import NPPES
from tests.sources.geocoding.test_batch_geocoder import FakeGeocoder

pytestmark = pytest.mark.real_data


class AtTheZIPCode(FakeGeocoder):
    """Finds every address in the middle of its ZIP code."""

    def geocode(self, query, *, exactly_one=True, timeout=None):
        self.asked.append(query)
        point, _precision = zip_position(query[-5:])
        return Location(query, (point.latitude, point.longitude), {"place_rank": 30})


def test_every_real_place_but_po_boxes_becomes_exact(app, real_data):
    load(NPPES, real_data / "nppes" / "npidata_pfile_v1_sample.csv", LoadOptions(keep_all=True))
    geocoder = AtTheZIPCode()

    geocoder_run = BatchGeocoder(
        geocoder, Options(), RateLimiter(1000, sleep=lambda _seconds: None)
    )
    geocoder_run.run()

    at = PracticeLocation
    rest = list(db.session().scalars(sa.select(at.line1).where(at.precision != Precision.EXACT)))
    assert geocoder_run.summary.found == len(geocoder.asked) == len(set(geocoder.asked)) > 400
    assert [line for line in rest if "BOX" not in line.upper()] == []
