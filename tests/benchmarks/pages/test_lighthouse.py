"""What Lighthouse says is read as it is meant: the median counts, and no figure is no zero."""

import pytest

from benchmarks.pages.lighthouse_scores import Run, figures_of, rows_of, run_of


def _run(performance: int, **others: int) -> Run:
    return Run({"performance": performance, **others}, {"performance": ("Slow 2 s",)})


def test_a_report_gives_scores_and_what_took_points_away():
    refs = [{"id": "slow", "weight": 10}, {"id": "hint", "weight": 0}, {"id": "no", "weight": 1}]
    report = {
        "categories": {"performance": {"score": 0.985, "auditRefs": refs}, "pwa": {"score": 0}},
        "audits": {
            "slow": {"title": "Slow", "score": 0.9, "displayValue": "2 s"},
            "hint": {"title": "Hint", "score": 0},
            "no": {"title": "Not for this page", "score": None},
        },
    }

    run = run_of(report)

    assert run == Run({"performance": 98}, {"performance": ("Slow 2 s",)})


def test_a_page_that_could_not_be_looked_at_is_no_score():
    with pytest.raises(ValueError, match="did not load"):
        run_of({"runtimeError": {"message": "did not load"}, "categories": {}})


def test_the_median_counts():
    page = figures_of("home", "/", [_run(99), _run(40), _run(98)])

    assert (page.median, page.missed) == ({"performance": 98}, ())
    assert page.complaints == ("performance: Slow 2 s",)


@pytest.mark.parametrize(("seo", "missed"), [(100, ()), (99, ("seo",))])
def test_what_is_too_low_is_named(seo, missed):
    page = figures_of("home", "/", [_run(98, seo=seo)])

    assert page.missed == missed
    assert ("99 TOO LOW" in rows_of([page])[1]) is bool(missed)


def test_a_page_that_is_never_indexed_has_no_seo_figure():
    page = figures_of("inquiry", "/inquiry/new", [_run(98, accessibility=100)])

    assert rows_of([page])[1] == ("inquiry", "100", "not asked", "never indexed", "98")
