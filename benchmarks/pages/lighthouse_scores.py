"""What a run of Lighthouse says, and whether it is enough."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

CATEGORIES = {
    "accessibility": "accessibility",
    "best-practices": "best practices",
    "seo": "SEO",
    "performance": "performance",
}
# What is wanted; a page that is never indexed is not asked for SEO.
WANTED = {"accessibility": 100, "best-practices": 100, "seo": 100, "performance": 98}


# On the slow 4G phone that Lighthouse simulates, in milliseconds. A page can be used once it is
# painted and answers to a press.
MOMENTS = {"first-contentful-paint": "painted", "interactive": "usable"}


@dataclass(frozen=True)
class Run:
    """The scores of one run, from 0 to 100, and what took points away."""

    scores: dict[str, int]
    complaints: dict[str, tuple[str, ...]]  # by category
    moments: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PageFigures:
    """The median scores of a page, those of each run, and every complaint."""

    name: str
    path: str
    median: dict[str, int]
    runs: tuple[dict[str, int], ...]
    complaints: tuple[str, ...]
    moments: dict[str, int] = field(default_factory=dict)  # medians

    @property
    def missed(self) -> tuple[str, ...]:
        """The categories that are below what is wanted."""
        return tuple(each for each, score in self.median.items() if score < WANTED[each])


def run_of(report: dict[str, Any]) -> Run:
    """Return what a report of Lighthouse says."""
    if problem := report.get("runtimeError"):
        raise ValueError(f"Lighthouse could not look at the page: {problem['message']}")
    found = {name: each for name, each in report["categories"].items() if name in CATEGORIES}
    return Run(
        scores={name: round(each["score"] * 100) for name, each in found.items()},
        complaints={name: _complaints(each, report["audits"]) for name, each in found.items()},
        moments={
            called: round(report["audits"][audit]["numericValue"])
            for audit, called in MOMENTS.items()
            if audit in report["audits"]
        },
    )


def figures_of(name: str, path: str, runs: Sequence[Run]) -> PageFigures:
    """Return the medians of several runs of a page."""
    complaints = {
        f"{CATEGORIES[category]}: {text}"
        for run in runs
        for category, texts in run.complaints.items()
        for text in texts
    }
    median = {
        category: statistics.median_low(run.scores[category] for run in runs)
        for category in runs[0].scores
    }
    return PageFigures(
        name=name,
        path=path,
        median={each: median[each] for each in CATEGORIES if each in median},
        runs=tuple(run.scores for run in runs),
        complaints=tuple(sorted(complaints)),
        moments={
            called: statistics.median_low(run.moments[called] for run in runs)
            for called in runs[0].moments
        },
    )


def rows_of(pages: Sequence[PageFigures]) -> list[tuple[str, ...]]:
    """Return the rows of the table, the names on top; what is too low is marked."""
    moments = list(pages[0].moments)
    rows = [("page", *CATEGORIES.values(), *moments)]
    for page in pages:
        cells = (_cell(page, category) for category in CATEGORIES)
        rows.append((page.name, *cells, *(f"{page.moments[each]} ms" for each in moments)))
    return rows


def _cell(page: PageFigures, category: str) -> str:
    if category not in page.median:
        return "never indexed" if category == "seo" else "not asked"
    score = page.median[category]
    return f"{score} TOO LOW" if category in page.missed else str(score)


def _complaints(category: dict[str, Any], audits: dict[str, Any]) -> tuple[str, ...]:
    """Return the audits that took points away, with the first thing they are about."""
    found = []
    for reference in category["auditRefs"]:
        audit = audits[reference["id"]]
        if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
            found.append(" ".join(filter(None, (audit["title"], audit.get("displayValue")))))
    return tuple(found)
