"""Practice addresses are asked for politely, and each found place moves."""

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
from directory.sources.geocoding.batch_geocoder import GeocoderFailingError, Pace, Refining, Wishes
from directory.sources.geocoding.cli import RefiningBusyError, geo_cli
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
    """Knows some addresses by their first line; everything else is nowhere."""

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


def no_wait() -> Pace:
    return Pace(1000, sleep=lambda _seconds: None)


def refine(geocoder, **wishes):
    refining = Refining(geocoder, Wishes(**wishes), no_wait())
    refining.run()
    return refining.summary


def street(number: int, **values: object) -> list[str]:
    return row(number, **{"line1": f"{number} MAIN ST", **values})


@pytest.fixture
def load_rows(app, tmp_path):
    """Load rows as a weekly file; the first time, that is everything."""

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


def test_a_found_place_is_exact(load_rows):
    load_rows(street(1))

    summary = refine(geocoder := FakeGeocoder(default=HOUSE))

    assert [each.upper() for each in geocoder.asked] == ["1 MAIN ST, AUSTIN, TX 78701"]
    assert (summary.found, summary.asked) == (1, 1)
    assert places() == [(Precision.EXACT, HOUSE.latitude)]


def test_searches_see_the_new_place(load_rows):
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


def test_everybody_at_an_address_moves_and_it_is_asked_for_once(load_rows):
    load_rows(*(row(number) for number in range(1, 4)), street(4))
    geocoder = FakeGeocoder({"100 MAIN ST": HOUSE})

    summary = refine(geocoder)

    assert (summary.found, summary.not_found) == (1, 1)
    assert [precision for precision, _ in places()] == [*[Precision.EXACT] * 3, Precision.ZIP]


def test_what_was_asked_is_not_asked_again(load_rows):
    load_rows(street(1), street(2))
    refine(FakeGeocoder({"1 MAIN ST": HOUSE}))
    before = public_dump()

    summary = refine(again := FakeGeocoder(default=HOUSE))

    assert (again.asked, summary.asked) == ([], 0)
    assert public_dump() == before


def test_what_was_not_found_is_asked_again_when_wished(load_rows):
    load_rows(street(1), street(2))
    refine(FakeGeocoder({"1 MAIN ST": HOUSE}))

    early = refine(FakeGeocoder(default=HOUSE), again_after=timedelta(days=30))
    late = refine(FakeGeocoder(default=HOUSE), again_after=timedelta(0))

    assert (early.asked, late.asked) == (0, 1)
    assert [precision for precision, _ in places()] == [Precision.EXACT] * 2


def test_an_answer_far_from_the_zip_code_is_a_namesake(load_rows):
    load_rows(street(1))
    before = places()

    summary = refine(FakeGeocoder(default=FAR))

    assert (summary.namesakes, summary.found) == (1, 0)
    assert places() == before
    assert list(asked_rows().values()) == [None]


@pytest.mark.parametrize(
    "raw",
    [{"place_rank": 21}, {"geometry": {"location_type": "APPROXIMATE"}}],
    ids=["nominatim", "google"],
)
def test_a_town_is_not_taken_for_the_house(load_rows, raw):
    load_rows(street(1))

    summary = refine(FakeGeocoder(default=HOUSE, raw=raw))

    assert (summary.not_found, places()[0][0]) == (1, Precision.ZIP)


def test_a_position_that_is_none_is_not_found(load_rows):
    load_rows(street(1))

    class Nowhere:
        latitude, longitude, raw = 912.0, 0.0, {}

    geocoder = FakeGeocoder()
    geocoder.geocode = lambda *_words, **_options: Nowhere()

    assert refine(geocoder).not_found == 1


@pytest.mark.parametrize("end", [KeyboardInterrupt(), MemoryError()])
def test_a_run_that_is_cut_off_is_gone_on_with(load_rows, end):
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


def test_five_errors_in_a_row_end_the_run_and_keep_what_was_found(load_rows):
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


def test_the_time_between_requests_is_kept():
    now, slept = [100.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    pace = Pace(0.5, clock=lambda: now[0], sleep=sleep)
    for busy in (0.0, 0.5, 5.0, 0.0):
        pace.wait()
        now[0] += busy

    pace.wait()

    assert slept == [2.0, 1.5, 2.0]


def test_every_request_waits_its_turn(load_rows):
    load_rows(*(street(number) for number in range(1, 4)))
    now, slept = [0.0], []
    pace = Pace(2, clock=lambda: now[0], sleep=slept.append)

    Refining(FakeGeocoder(), Wishes(), pace).run()

    assert slept == [0.5, 1.0]


def test_the_limit_counts_and_the_listed_and_shared_go_first(load_rows):
    family = [(FAMILY, "A1", "TX", "Y")]
    shared = [row(number, line1="9 ELM ST") for number in (3, 4)]
    load_rows(street(1, taxonomies=family), street(2), *shared)
    geocoder = FakeGeocoder()

    refine(geocoder, limit=2)

    assert [query.upper().split(",")[0] for query in geocoder.asked] == ["9 ELM ST", "2 MAIN ST"]


def test_some_addresses_are_never_asked_for(load_rows):
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


def test_a_later_import_keeps_the_exact_place(load_rows):
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
    """Have something happen at a step of an import; gives what to pass as its progress."""

    def progress(label, _length):
        if label == moment:
            action()
        return nullcontext(lambda _count: None)

    yield progress


@pytest.mark.parametrize("has_more", [True, False], ids=["changed and new", "unchanged"])
def test_an_import_that_is_under_way_loses_nothing(load_rows, has_more):
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


def test_an_import_that_fails_leaves_its_places_to_the_next_run(load_rows):
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


def test_a_place_that_was_found_before_is_moved_without_asking(load_rows):
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
    """Run a service on this machine that answers as Nominatim does; give its host and queries."""
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


def test_the_command_asks_the_service_and_sums_up(load_rows, refining_app, nominatim):
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


def test_two_runs_at_a_time_are_refused(refining_app, tmp_path):
    with (
        refining_app.app_context(),
        exclusive_lock(tmp_path / "geo-refine.lock", RefiningBusyError),
    ):
        result = refining_app.test_cli_runner().invoke(geo_cli, ["refine"])

    assert result.exit_code == 1
    assert "Another run of geo refine has not ended yet" in result.stderr
