"""The listings of the benchmark have their shares, and the columns of the product."""

import numpy as np
import pytest

from benchmarks.search.data import SIX, make_listings, peer_rows, query_places
from benchmarks.search.engines import SIX_SPECIALTIES, BruteForce, Kind
from benchmarks.search.latitude_bands import bands_of, box_of
from directory.geo.points import Circle, Point, miles_between
from directory.search.index.models import Listing

ROWS = 30_000
EVERYWHERE = Kind("six specialties, anywhere", SIX, 3_000)


@pytest.fixture(scope="module")
def listings():
    return make_listings(ROWS)


def test_a_seed_gives_the_same_listings_again(listings):
    assert make_listings(ROWS).equals(listings)
    assert not make_listings(ROWS, seed=2).equals(listings)


def test_listings_have_every_column_of_the_product(listings):
    assert {column.name for column in Listing.__table__.columns} <= set(listings.columns)
    assert len(listings) == ROWS


def test_a_twentieth_of_the_registry_matters_and_all_of_an_operator(listings):
    shares = listings["specialty"].is_in([int(group) for group in SIX]).mean()

    assert shares == pytest.approx(0.036, abs=0.006)
    assert listings["is_shown"].mean() == pytest.approx(0.0457, abs=0.006)
    assert make_listings(2_000, is_operator=True)["is_shown"].all()


def test_names_are_plain_capitals_but_for_few(listings):
    last = listings["name"].str.split(",").list.first()

    assert listings["name"].str.contains(r"^[^,]+, [^,]+$").all()
    assert last.str.contains(r"[-' ]").mean() == pytest.approx(0.04, abs=0.01)
    assert listings["name"].str.contains(r"[^ -~]").mean() < 0.005
    assert not listings["name"].str.contains("[a-z]").any()


def test_few_last_names_are_frequent_and_many_are_rare(listings):
    counts = listings["name"].str.split(",").list.first().value_counts(sort=True)["count"]

    assert counts.head(100).sum() / ROWS == pytest.approx(0.16, abs=0.05)
    assert (counts == 1).sum() > 1_000


def test_one_in_twelve_has_more_than_one_place_and_those_are_near(listings):
    places = listings.group_by("npi").len()["len"]
    pair = listings.filter(listings["npi"].is_duplicated()).sort("npi", "place").head(2)
    first, second = (Point(*row) for row in pair.select("latitude", "longitude").rows())

    assert (places > 1).mean() == pytest.approx(0.08, abs=0.01)
    assert miles_between(first, second) < 50


def test_who_has_two_specialties_has_two_rows_for_the_peers(listings):
    rows = peer_rows(listings)

    assert len(rows) == ROWS + (listings["second"] > 0).sum()
    assert rows.select("npi", "place", "specialty").is_duplicated().sum() == 0


def test_places_to_search_around_are_all_different():
    assert len(set(query_places(320))) == 320


def test_brute_force_counts_as_going_through_all_does(listings):
    near = query_places(1)[0]
    rows = peer_rows(listings)
    wanted = rows.filter(rows["specialty"].is_in([int(group) for group in SIX]))
    points = [Point(*row) for row in wanted.select("latitude", "longitude").rows()]
    miles = np.array([miles_between(near, point) for point in points])

    answer = BruteForce(rows).search(SIX_SPECIALTIES, near)

    assert answer.total == (miles <= 25).sum()
    nearest = wanted.row(int(miles.argmin()), named=True)
    assert answer.first[0] == (nearest["npi"], nearest["place"])


def test_ranked_the_stronger_evidence_comes_first_and_each_professional_once(listings):
    rows, near = peer_rows(listings), query_places(1)[0]
    tiers = dict(rows.select("npi", "tier").rows())

    answer = BruteForce(rows).search(EVERYWHERE, near, is_collapsed=True, is_ranked=True)

    first = [npi for npi, _ in answer.first]
    assert [tiers[npi] for npi in first] == sorted(tiers[npi] for npi in first)
    assert len({tiers[npi] for npi in first}) > 1
    assert len(set(first)) == len(first) == 20
    assert answer.total < BruteForce(rows).search(EVERYWHERE, near).total


def test_the_box_holds_its_circle():
    circle = Circle(Point(41.9, -87.6), 25)
    south, north, west, east = box_of(circle)

    assert miles_between(Point(south, -87.6), circle.center) == pytest.approx(25, abs=0.01)
    assert miles_between(Point(41.9, west), circle.center) == pytest.approx(25, abs=0.05)
    assert bands_of(circle) == list(range(int(south * 8), int(north * 8) + 1))
    assert north - 41.9 == pytest.approx(41.9 - south)
    assert east + 87.6 == pytest.approx(-87.6 - west)
