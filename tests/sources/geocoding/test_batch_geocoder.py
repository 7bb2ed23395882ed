"""Practice addresses are geocoded at a limited rate, and each found position is applied."""

import http.server
import json
import threading
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from geopy.exc import GeocoderQueryError, GeocoderTimedOut
from geopy.geocoders.base import Geocoder
from geopy.location import Location

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.db.file_locks import exclusive_lock
from directory.geo.points import Point, Precision
from directory.providers.addresses import address_key
from directory.providers.models import GeocodedAddress, PracticeLocation, Source
from directory.search.index.models import Listing
from directory.search.query.criteria import Criteria, Sort
from directory.search.query.nearest import nearest
from directory.sources.geocoding.batch_geocoder import (
    BatchGeocoder,
    GeocoderFailingError,
    Options,
    RateLimiter,
)
from directory.sources.geocoding.cli import BatchGeocoderBusyError, geo_cli
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.nppes import NPPES
from tests.conftest import make_app
from tests.factories import make_provider
from tests.sources.dumps import public_dump
from tests.sources.nppes_rows import npi, row, write

HOUSE = Point(30.2512, -97.7618)  # some miles from the middle of 78701
FAR = Point(32.7767, -96.797)
FAMILY = "207Q00000X"


class FakeGeocoder(Geocoder):
    """Finds some addresses by their first line, and no others."""

    def __init__(self, houses=None, raw=None, default=None):
        super().__init__()
        self.houses, self.raw, self.default = houses or {}, raw or {}, default
        self.asked = []

    def geocode(self, query, *, exactly_one=True, timeout=None):
        assert not db.session().in_transaction()
        self.asked.append(query)
        answer = self.houses.get(query.split(",")[0].upper(), self.default)
        if isinstance(answer, BaseException):
            raise answer
        if answer is None:
            return None
        return Location(query, (answer.latitude, answer.longitude), self.raw)


def no_wait() -> RateLimiter:
    return RateLimiter(1000, sleep=lambda _seconds: None)


def refine(geocoder, **options):
    geocoder_run = BatchGeocoder(geocoder, Options(**options), no_wait())
    geocoder_run.run()
    return geocoder_run.summary


def street(number: int, **values: object) -> list[str]:
    return row(number, **{"line1": f"{number} MAIN ST", **values})


@pytest.fixture
def load_rows(app, tmp_path):
    """Load rows as a weekly file."""

    def loader(*rows, name="npidata_pfile_20260921-20260927.csv", **options):
        return load(NPPES, write(tmp_path, rows, name), LoadOptions(), **options)

    return loader


def places() -> list[tuple[Precision | None, float | None]]:
    session = db.session()
    session.rollback()
    session.expire_all()
    at = PracticeLocation
    statement = sa.select(at.precision, at.latitude).where(at.gone_on.is_(None)).order_by(at.npi)
    found = [tuple(each) for each in session.execute(statement)]
    session.rollback()
    return found


def asked_rows() -> dict[str, float | None]:
    session = db.session()
    session.rollback()
    at = GeocodedAddress
    found = session.execute(sa.select(at.address_key, at.latitude))
    rows = {row.address_key: row.latitude for row in found}
    session.rollback()
    return rows


def test_a_found_position_is_exact(load_rows):
    load_rows(street(1))

    summary = refine(geocoder := FakeGeocoder(default=HOUSE))

    assert [each.upper() for each in geocoder.asked] == ["1 MAIN ST, AUSTIN, TX 78701"]
    assert (summary.found, summary.asked) == (1, 1)
    assert places() == [(Precision.EXACT, HOUSE.latitude)]


def test_searches_use_the_new_position(load_rows):
    load_rows(street(1), street(2))
    before = nearest_to(HOUSE)

    refine(FakeGeocoder({"2 MAIN ST": HOUSE}))

    assert (before, nearest_to(HOUSE)) == ([npi(1), npi(2)], [npi(2), npi(1)])


def nearest_to(point: Point) -> list[str]:
    session = db.session()
    session.rollback()
    matches = nearest(session, Criteria(near=point, sort=Sort.DISTANCE)).matches
    session.rollback()
    return [match.npi for match in matches]


def test_an_address_shared_by_providers_is_requested_once(load_rows):
    load_rows(*(row(number) for number in range(1, 4)), street(4))
    geocoder = FakeGeocoder({"100 MAIN ST": HOUSE})

    summary = refine(geocoder)

    assert (summary.found, summary.not_found) == (1, 1)
    assert [precision for precision, _ in places()] == [*[Precision.EXACT] * 3, Precision.ZIP]


def test_a_requested_address_is_not_requested_again(load_rows):
    load_rows(street(1), street(2))
    refine(FakeGeocoder({"1 MAIN ST": HOUSE}))
    before = public_dump()

    summary = refine(again := FakeGeocoder(default=HOUSE))

    assert (again.asked, summary.asked) == ([], 0)
    assert public_dump() == before


def test_addresses_not_found_are_requested_again_on_demand(load_rows):
    load_rows(street(1), street(2))
    refine(FakeGeocoder({"1 MAIN ST": HOUSE}))

    early = refine(FakeGeocoder(default=HOUSE), again_after=timedelta(days=30))
    late = refine(FakeGeocoder(default=HOUSE), again_after=timedelta(0))

    assert (early.asked, late.asked) == (0, 1)
    assert [precision for precision, _ in places()] == [Precision.EXACT] * 2


def test_a_result_far_from_the_zip_code_is_a_wrong_place(load_rows):
    load_rows(street(1))
    before = places()

    summary = refine(FakeGeocoder(default=FAR))

    assert (summary.wrong_places, summary.found) == (1, 0)
    assert places() == before
    assert list(asked_rows().values()) == [None]


@pytest.mark.parametrize(
    "raw",
    [{"place_rank": 21}, {"geometry": {"location_type": "APPROXIMATE"}}],
    ids=["nominatim", "google"],
)
def test_the_position_of_a_town_is_not_accepted(load_rows, raw):
    load_rows(street(1))

    summary = refine(FakeGeocoder(default=HOUSE, raw=raw))

    assert (summary.not_found, places()[0][0]) == (1, Precision.ZIP)


def test_an_invalid_position_is_not_found(load_rows):
    load_rows(street(1))

    class Nowhere:
        latitude, longitude, raw = 912.0, 0.0, {}

    geocoder = FakeGeocoder()
    geocoder.geocode = lambda *_words, **_options: Nowhere()

    assert refine(geocoder).not_found == 1


@pytest.mark.parametrize("end", [KeyboardInterrupt(), MemoryError()])
def test_an_interrupted_run_is_continued(load_rows, end):
    load_rows(*(street(number) for number in range(1, 7)))
    houses = dict.fromkeys((f"{number} MAIN ST" for number in range(1, 7)), HOUSE)

    with pytest.raises(type(end)):
        refine(FakeGeocoder({**houses, "4 MAIN ST": end}), per_batch=2)
    kept = len(asked_rows())
    second = FakeGeocoder(houses)
    refine(second, per_batch=2)

    assert kept == 3
    assert [query.upper().split(",")[0] for query in second.asked] == [
        f"{number} MAIN ST" for number in (4, 5, 6)
    ]
    assert [precision for precision, _ in places()] == [Precision.EXACT] * 6


def test_five_errors_in_a_row_end_the_run_and_keep_the_results(load_rows):
    load_rows(*(street(number) for number in range(1, 9)))
    geocoder = FakeGeocoder({"1 MAIN ST": HOUSE}, default=GeocoderTimedOut("secret-key"))

    with pytest.raises(GeocoderFailingError) as caught:
        refine(geocoder)

    assert len(geocoder.asked) == 6
    assert "5 times in a row, at last with GeocoderTimedOut" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert list(asked_rows().values()) == [HOUSE.latitude]
    assert refine(FakeGeocoder(default=HOUSE)).found == 7


def test_an_address_that_fails_is_left_to_the_next_run(load_rows):
    load_rows(*(street(number) for number in range(1, 9)))
    bad = {f"{number} MAIN ST": GeocoderQueryError() for number in (1, 3, 5, 7)}
    geocoder = FakeGeocoder(bad, default=HOUSE)

    summary = refine(geocoder, per_batch=3)

    assert (summary.errors, summary.found, len(geocoder.asked)) == (4, 4, 8)
    assert len(asked_rows()) == 4


def test_the_rate_of_requests_is_limited():
    now, slept = [100.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    rate_limiter = RateLimiter(0.5, clock=lambda: now[0], sleep=sleep)
    for busy in (0.0, 0.5, 5.0, 0.0):
        rate_limiter.wait()
        now[0] += busy

    rate_limiter.wait()

    assert slept == [2.0, 1.5, 2.0]


def test_every_request_is_rate_limited(load_rows):
    load_rows(*(street(number) for number in range(1, 4)))
    now, slept = [0.0], []
    rate_limiter = RateLimiter(2, clock=lambda: now[0], sleep=slept.append)

    BatchGeocoder(FakeGeocoder(), Options(), rate_limiter).run()

    assert slept == [0.5, 1.0]


def test_the_limit_applies_and_listed_and_shared_addresses_come_first(load_rows):
    family = [(FAMILY, "A1", "TX", "Y")]
    shared = [row(number, line1="9 ELM ST") for number in (3, 4)]
    load_rows(street(1, taxonomies=family), street(2), *shared)
    geocoder = FakeGeocoder()

    refine(geocoder, limit=2)

    assert [query.upper().split(",")[0] for query in geocoder.asked] == ["9 ELM ST", "2 MAIN ST"]


def test_some_addresses_are_never_requested(load_rows):
    load_rows(street(1, line1="PO BOX 7"), street(2, line1="P.O. BOX 7"), street(3), street(4))
    load_rows(street(4, line1="4 ELM ST", updated="09/22/2026"))
    add_demo_place()
    with writing() as session:
        exact = PracticeLocation.npi == npi(3)
        session.execute(sa.update(PracticeLocation).where(exact).values(precision=Precision.EXACT))
    geocoder = FakeGeocoder()

    refine(geocoder)

    assert [query.upper().split(",")[0] for query in geocoder.asked] == ["4 ELM ST"]


def add_demo_place() -> None:
    with writing() as session:
        provider = make_provider(session, npi="2000000002")
        session.add(
            PracticeLocation(
                npi=provider.npi,
                address_key=address_key("1 Sample St", "78701"),
                is_primary=True,
                line1="1 Sample St",
                city="Austin",
                state="TX",
                zip_code="78701",
                latitude=30.27,
                longitude=-97.74,
                precision=Precision.ZIP,
                source=Source.DEMO,
                as_of=utc_now().date(),
            )
        )


def test_a_later_import_keeps_the_exact_position(load_rows):
    load_rows(street(1))
    refine(FakeGeocoder(default=HOUSE))

    tally = load_rows(
        street(1, last="CHANGED", updated="09/30/2026"),
        row(2, line1="1 MAIN STREET"),
        name="npidata_pfile_20260928-20261004.csv",
    )

    assert (tally.counts["changed"], tally.counts["new"]) == (1, 1)
    assert places() == [(Precision.EXACT, HOUSE.latitude)] * 2


@contextmanager
def meanwhile(moment, action):
    """Return a progress callback that runs an action in a phase of the import."""

    def progress(label, _length):
        if label == moment:
            action()
        return nullcontext(lambda _count: None)

    yield progress


@pytest.mark.parametrize("has_more", [True, False], ids=["changed and new", "unchanged"])
def test_a_running_import_loses_no_position(load_rows, has_more):
    load_rows(street(1), street(2), street(3))
    rows = [street(1, last="CHANGED", updated="09/30/2026"), row(4, line1="2 MAIN STREET")]

    def act():
        refine(FakeGeocoder({"1 MAIN ST": HOUSE, "2 MAIN ST": HOUSE}))

    with meanwhile("Listing", act) as progress:
        load_rows(
            *(rows if has_more else [street(3)]),
            name="npidata_pfile_20260928-20261004.csv",
            progress=progress,
        )

    expected = [Precision.EXACT, Precision.EXACT, Precision.ZIP]
    assert [precision for precision, _ in places()] == [*expected, *[Precision.EXACT] * has_more]
    assert listed_at(HOUSE) == [npi(1), npi(2), *[npi(4)] * has_more]


def listed_at(point: Point) -> list[str]:
    session = db.session()
    session.rollback()
    at = Listing
    statement = sa.select(at.npi).where(at.latitude == point.latitude).distinct().order_by(at.npi)
    found = list(session.scalars(statement))
    session.rollback()
    return found


def test_after_a_failed_import_the_next_run_applies_the_positions(load_rows):
    load_rows(street(1), street(2))

    def act():
        refine(FakeGeocoder(default=HOUSE))
        raise OSError("No space left")

    changed = street(1, last="CHANGED", updated="09/30/2026")
    with meanwhile("Listing", act) as progress, pytest.raises(OSError, match="No space"):
        load_rows(changed, name="npidata_pfile_20260928-20261004.csv", progress=progress)
    refine(again := FakeGeocoder())

    assert again.asked == []
    assert listed_at(HOUSE) == [npi(1), npi(2)]


def test_a_known_position_is_applied_without_a_request(load_rows):
    load_rows(street(1))
    with writing() as session:
        key = session.scalar(sa.select(PracticeLocation.address_key))
        session.add(
            GeocodedAddress(
                address_key=key,
                latitude=HOUSE.latitude,
                longitude=HOUSE.longitude,
                asked_at=utc_now(),
            )
        )

    summary = refine(geocoder := FakeGeocoder())

    assert (geocoder.asked, summary.known) == ([], 1)
    assert listed_at(HOUSE) == [npi(1)]


def test_without_a_geocoder_the_command_says_how_to_set_one(app):
    result = app.test_cli_runner().invoke(geo_cli, ["refine"])

    assert result.exit_code == 1
    assert "Set GEOCODER to yours, such as GEOCODER=nominatim?domain=" in result.stderr


@pytest.fixture
def nominatim():
    """Run a local service that responds like Nominatim; yield its host and queries."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((parse_qs(urlsplit(self.path).query)["q"][0], self.headers["User-Agent"]))
            place = {"lat": str(HOUSE.latitude), "lon": str(HOUSE.longitude), "place_rank": 30}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps([{**place, "display_name": "a house"}]).encode())

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def refining_app(app, database_url, tmp_path, nominatim):
    """The application with that service for a geocoder."""
    return make_app(database_url, tmp_path, GEOCODER=f"nominatim?domain={nominatim[0]}&scheme=http")


def test_the_command_queries_the_service_and_prints_a_summary(load_rows, refining_app, nominatim):
    load_rows(street(1), street(2))
    db.session.remove()

    words = ["refine", "--per-second", "100", "--batch", "1", "--limit", "5"]
    with refining_app.app_context():
        result = refining_app.test_cli_runner().invoke(geo_cli, words)
        db.engine.dispose()

    assert result.exit_code == 0, result.output
    assert "2 addresses to ask for" in result.output
    assert "           2 found\n" in result.output
    assert [(text.upper(), agent) for text, agent in nominatim[1]] == [
        (f"{number} MAIN ST, AUSTIN, TX 78701", "Headache Care Directory") for number in (1, 2)
    ]
    assert listed_at(HOUSE) == [npi(1), npi(2)]


def test_a_concurrent_run_is_refused(refining_app, tmp_path):
    with (
        refining_app.app_context(),
        exclusive_lock(tmp_path / "geo-refine.lock", BatchGeocoderBusyError),
    ):
        result = refining_app.test_cli_runner().invoke(geo_cli, ["refine"])

    assert result.exit_code == 1
    assert "Another run of geo refine has not ended yet" in result.stderr
