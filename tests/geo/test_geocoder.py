import logging

import pytest
from geopy.exc import GeocoderTimedOut
from geopy.geocoders import Nominatim
from geopy.geocoders.base import Geocoder
from geopy.location import Location

from directory.core.errors import SettingsError
from directory.geo.geocoder import PlaceFinder, online_geocoder
from directory.geo.points import Point, Precision

STREET = "1600 Main St, Evanston, IL 60201"


class FakeGeocoder(Geocoder):
    """Answers every question with one position, or with an error."""

    def __init__(self, latitude=42.0451, longitude=-87.6877, error=None):
        super().__init__()
        self.position = (latitude, longitude)
        self.error = error
        self.asked = []

    def geocode(self, query, *, exactly_one=True, timeout=None):
        self.asked.append((query, timeout))
        if self.error:
            raise self.error
        return Location("somewhere", self.position, {})


def test_a_street_address_is_found_online():
    place = PlaceFinder(FakeGeocoder()).find_places(f"  {STREET} ").place

    assert place is not None
    assert (place.precision, place.point) == (Precision.EXACT, Point(42.0451, -87.6877))
    assert (place.query, place.state, place.zip_code) == (STREET, "IL", "60201")


def test_what_we_know_ourselves_is_never_asked_of_others():
    online = FakeGeocoder()

    for text in ("60201", "Evanston, IL", "Evanstn", "42.04,-87.68", ""):
        PlaceFinder(online).find_places(text)

    assert online.asked == []


def test_the_service_has_three_seconds():
    online = FakeGeocoder()

    PlaceFinder(online).find_places(STREET)

    assert online.asked == [(STREET, 3.0)]


def test_the_same_address_is_asked_once():
    online = FakeGeocoder()
    finder = PlaceFinder(online)

    finder.find_places(STREET)
    finder.find_places(STREET)

    assert len(online.asked) == 1


def test_the_cache_is_bounded():
    online = FakeGeocoder()
    finder = PlaceFinder(online, cache_size=1)

    for text in (STREET, "1 Oak St, Evanston, IL", STREET):
        finder.find_places(text)

    assert len(online.asked) == 3


def test_a_service_that_is_down_costs_only_precision_and_logs_no_address(caplog):
    caplog.set_level(logging.DEBUG)
    online = FakeGeocoder(error=GeocoderTimedOut(STREET))
    finder = PlaceFinder(online)

    found = finder.find_places(STREET)

    assert found.place is not None
    assert found.place.label == "Evanston, IL 60201"
    assert "Main" not in caplog.text


def test_a_service_that_was_down_is_asked_again():
    online = FakeGeocoder(error=GeocoderTimedOut("late"))
    finder = PlaceFinder(online)
    finder.find_places(STREET)
    online.error = None

    place = finder.find_places(STREET).place

    assert place is not None
    assert place.precision is Precision.EXACT


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(48.86, 2.35), (34.05, -118.24)], ids=["Paris", "Los Angeles"]
)
def test_a_street_somewhere_else_is_not_believed(latitude, longitude):
    place = PlaceFinder(FakeGeocoder(latitude, longitude)).find_places(STREET).place

    assert place is not None
    assert place.precision is Precision.ZIP


def test_without_an_online_service_a_street_is_its_zip_code():
    place = PlaceFinder().find_places(STREET).place

    assert place is not None
    assert place.precision is Precision.ZIP


def test_no_setting_means_no_online_geocoder():
    assert online_geocoder("", "directory/1") is None


def test_the_setting_names_a_service_and_its_options():
    geocoder = online_geocoder("nominatim?domain=maps.example.org&scheme=http", "directory/1")

    assert isinstance(geocoder, Nominatim)
    assert geocoder.api == "http://maps.example.org/search"
    assert geocoder.headers["User-Agent"] == "directory/1"


def test_an_online_geocoder_keeps_addresses_out_of_the_log():
    online_geocoder("nominatim", "directory/1")

    assert not logging.getLogger("geopy").isEnabledFor(logging.INFO)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("nowhere?api_key=hush", "the services are .*nominatim"),
        ("nominatim?color=hush", "does not fit the service nominatim"),
        ("photon?timeout=hush", "does not fit the service photon"),
        ("photon?scheme=hush", "does not fit the service photon"),
    ],
)
def test_a_wrong_setting_is_named_without_its_secrets(spec, says):
    with pytest.raises(SettingsError, match=f"GEOCODER .*{says}") as raised:
        online_geocoder(spec, "directory/1")

    assert "hush" not in str(raised.value)
