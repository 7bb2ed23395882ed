"""The table of figures says what was measured, and no more than that."""

from benchmarks.search.figures import Sizes, figures_of, table_of
from benchmarks.search.sqlite import SpecialtyRTreePeer
from benchmarks.search.timing import spread_of

SIZES = Sizes("300", "3000", "9000", "operator 300")


def _searches(**engines: float) -> dict[str, object]:
    names = {
        "rtree": "R*Tree",
        "strong": SpecialtyRTreePeer.name,
        "own": "ours on SQLite, plain, cold",
    }
    kinds = ("one specialty", "rare specialty")
    return {
        "searches": {
            names[name]: {kind: {"p50": took, "p99": took} for kind in kinds}
            for name, took in engines.items()
        }
    }


def test_nothing_measured_gives_no_figure():
    assert figures_of({}, SIZES) == []


def test_a_ratio_is_of_the_peer_to_ours():
    results = {"sizes": {"3000": _searches(rtree=60.0, own=1.0)}}

    (figure,) = figures_of(results, SIZES)

    assert (figure.number, figure.measured, figure.is_met) == ("1", "60.00", True)


def test_a_figure_that_is_not_reached_says_so():
    results = {"sizes": {"3000": _searches(rtree=49.0, own=1.0)}}

    assert "NOT MET" in table_of(figures_of(results, SIZES))


def test_a_stronger_peer_stands_beside_without_being_required():
    results = {"sizes": {"3000": _searches(strong=0.5, own=1.0)}}

    (figure,) = figures_of(results, SIZES)

    assert (figure.number, figure.measured, figure.is_met) == ("1", "0.50", None)


def test_growth_is_the_largest_against_the_smallest():
    results = {"sizes": {"300": _searches(own=1.0), "9000": _searches(own=2.5)}}

    (figure,) = figures_of(results, SIZES)

    assert (figure.number, figure.measured, figure.is_met) == ("3", "2.50", False)


def test_the_page_with_most_statements_counts():
    counted = {"statements": {"default": 3, "by name": 5}, "first_of_a_process": 6}
    counted["kilobytes"] = 30.0

    most, first, weight = figures_of({"statements": {"SQLite": counted}}, SIZES)

    assert "by name" in most.what
    assert (most.is_met, first.is_met, weight.is_met) == (False, None, True)


def test_percentiles_are_of_the_sorted_times():
    spread = spread_of([float(number) for number in range(100, 0, -1)], [2, 4])

    assert (spread.p50, spread.p95, spread.p99) == (51.0, 95.0, 99.0)
    assert (spread.searches, spread.matches) == (100, 3.0)
