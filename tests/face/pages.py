"""Every page and state that a patient, a clinic or a visitor of the demo can see, as one walk.

Whoever adds a page adds a stop here: `test_still.py` compares the walk with the site's addresses.
"""

from collections.abc import Mapping

from directory.care.selfcheck_outcomes import Outcome
from directory.demo.sample_emails import samples
from tests.face.behind import (
    MAIL_THAT_IS_NONE,
    a_broken_file,
    a_missing_table,
    professionals,
    proof_token,
)
from tests.face.inquiries import inquire
from tests.face.visitor import Stops, Visitor

# Addresses that show no page: why none of them has a stop.
NO_PAGES: Mapping[str, str] = {
    "api.": "for programs",
    "discovery.": "for search engines",
    "health.": "for the operator's programs",
    "maps.": "pictures on the pages of results",
    "portal.back": "leads on to the inquiry",
    "portal.fhir": "a file to download",
    "search.suggest": "for the script of the search box",
    "static": "files of the pages",
}
READING: Mapping[str, str] = {
    "home": "/",
    "results": "/search?near=60201",
    "results-second-page": "/search?near=60201&within=250&page=2",
    "results-beyond-the-end": "/search?near=60201&page=99",
    "results-filtered": "/search?near=60201&within=100&sex=F&inquiries=yes",
    "results-widened": "/search?near=59301&within=5",
    "results-widened-undone": "/search?near=59301&within=5&widen=no",
    "results-weaker-evidence": "/search?near=59301&within=5&evidence=confirmed",
    "results-none": (
        "/search?near=59301&within=5&evidence=confirmed&sex=F&inquiries=yes&specialty=oral"
    ),
    "results-long-names": "/search?name=Vanderschoonhoven-Featherstonehaugh",
    "results-name-nobody": "/search?name=Ogunleyeq",
    "results-name-too-short": "/search?name=a",
    "results-name-and-place": "/search?near=59301&name=Anderson-Wolfeschlegelstein",
    "place-none": "/search",
    "place-unclear": "/search?near=Evanstn",
    "place-several": "/search?near=evanst",
    "place-street": "/search?near=12+Sample+Street",
    "treatment": "/treatment",
    "data": "/data",
    "privacy": "/privacy",
    "accessibility": "/accessibility",
    "self-check": "/self-check",
    "diary": "/self-check/diary",
    "styleguide": "/styleguide",
    "styleguide-mistakes": "/styleguide/mistakes",
    "demo-mailbox-empty": "/demo/mailbox",
    "demo-emails": "/demo/emails",
    "clinic-proof-done": "/clinics/confirmed",
    "clinic-proof-second-done": "/clinics/confirmed/second",
    "clinic-proof-gone": "/clinics/confirm/no-such-link",
    "error-404": "/nothing-here",
    "error-404-professional": "/providers/2999999999",
    "error-400-search": "/search?near=60201&within=7",
    "error-405": "/inquiry/clinics/add",
}
_TYPICAL = {
    "emergencies": "none",
    "prompts": "none",
    "age_band": "18-64",
    "headache_days": "20",
    "over_three_months": "yes",
    "migraine_days": "12",
    "items": "nausea light",
    "length": "4-or-more",
}
OUTCOMES: Mapping[Outcome, Mapping[str, str]] = {
    Outcome.EMERGENCY: {"emergencies": "thunderclap"},
    Outcome.PROMPT_REVIEW: {"prompts": "after-50"},
    Outcome.UNDER_18: {"age_band": "under-18"},
    Outcome.DIARY: {"over_three_months": "unsure"},
    Outcome.FEWER_DAYS: {"headache_days": "12"},
    Outcome.NOT_YET_LONG: {"over_three_months": "no"},
    Outcome.OTHER_PATTERN: {"migraine_days": "3"},
    Outcome.RESEMBLES_SHORTER: {"length": "under-4"},
    Outcome.RESEMBLES: {
        "relief_triptan": "15",
        "relief_over_three_months": "yes",
        "preventives": "beta-blocker cgrp",
        "safety": "allergy infection",
    },
}


def walk(visitor: Visitor) -> Stops:
    """Come to every page in one language; fail when one is missing, or comes twice."""
    names: set[str] = set()
    for stop in _all_pages(visitor):
        stop.check()
        assert stop.name not in names, stop.name
        names.add(stop.name)
        yield stop


def _all_pages(visitor: Visitor) -> Stops:
    for name, path in READING.items():
        yield visitor.go(path, name)
    yield from look_at_professionals(visitor)
    yield from check_oneself(visitor)
    yield from inquire(visitor)
    yield from prove(visitor)
    yield from read_mail(visitor)
    yield from meet_errors(visitor)


def look_at_professionals(visitor: Visitor) -> Stops:
    """Look at somebody of each kind, compare some, report a mistake, prepare a call."""
    found = professionals(visitor.site)
    for kind, npi in found.items():
        yield visitor.go(f"/providers/{npi}?near=60201", f"professional-{kind}")
    yield visitor.go(f"/search?name={found['long-name']}", "results-single")
    npis = [found[kind] for kind in ("confirmed", "long-name", "likely", "documented")]
    for number in range(len(npis) + 1):
        asked = "".join(f"npi={npi}&" for npi in npis[:number])
        yield visitor.go(f"/compare?{asked}near=60201", f"compare-{number}")
    gone = f"npi=2999999999&npi={found['excluded']}&npi={found['deactivated']}"
    yield visitor.go(f"/compare?{gone}", "compare-gone")
    yield visitor.go(f"/providers/{npis[0]}/report", "report")
    yield visitor.press("report-errors")
    visitor.page.locator("select[name=fact]").select_option(index=1)
    visitor.page.locator("textarea[name=message]").fill("It is 847-555-0199; I called.")
    yield visitor.press("report-sent")
    yield visitor.go(f"/inquiry/prepare/{found['likely']}", "call")
    yield visitor.press("call-errors")
    _answer(visitor, {**_TYPICAL, "reason": "first", "told": "chronic-migraine"})
    yield visitor.press("call-answers")


def check_oneself(visitor: Visitor) -> Stops:
    """Come to each outcome of the self-check, and take the answers along."""
    visitor.go("/self-check", "")
    yield visitor.press("self-check-errors")
    for outcome, given in OUTCOMES.items():
        visitor.go("/self-check", "")
        _answer(visitor, {**_TYPICAL, **given})
        yield visitor.press(f"self-check-{outcome.value}")
    yield visitor.press("inquiry-carried", "form[action$='/inquiry/carry'] button")
    yield visitor.press("inquiry-cleared", "form[action$='/inquiry/clear'] button")
    yield visitor.go("/inquiry/review", "inquiry-gone")


def prove(visitor: Visitor) -> Stops:
    """Confirm the addresses of a clinic."""
    token = proof_token(visitor.site, of_second=False)
    yield visitor.go(f"/clinics/confirm/{token}", "clinic-proof")
    visitor.page.locator("main input[type=checkbox]").evaluate_all(
        "all => all.forEach((each) => { each.checked = false; each.value = '1'; })"
    )
    visitor.page.locator("main input[type=checkbox]").first.check()
    yield visitor.press("clinic-proof-errors")
    token = proof_token(visitor.site, of_second=True)
    yield visitor.go(f"/clinics/confirm/{token}", "clinic-proof-second")


def read_mail(visitor: Visitor) -> Stops:
    """Look into the mailbox, and at every email that there is."""
    page = visitor.page
    yield visitor.go("/demo/mailbox", "demo-mailbox")
    page.locator(".inbox a").first.click()
    page.wait_for_load_state()
    yield visitor.stop("demo-message")
    language = visitor.language
    yield visitor.go(f"/demo/emails/patient-scheduled/{language}", "demo-email-attachment")
    yield visitor.go(f"/demo/emails/clinic-inquiry-level-2/{language}", "demo-email-answers")
    for name in samples():
        yield visitor.go(f"/demo/emails/{name}/{language}/page", f"email-{name}")


def meet_errors(visitor: Visitor) -> Stops:
    """Come to what is shown when something goes wrong; the rest is in READING."""
    report = f"/providers/{professionals(visitor.site)['confirmed']}/report"
    visitor.go(report, "")
    visitor.spoil("csrf_token", "of-yesterday")
    yield visitor.press("error-400-stale-form")
    visitor.go(report, "")
    visitor.spoil("message", "Light hurts most. " * 20_000)
    yield visitor.press("error-413")
    with a_broken_file(visitor.site):
        yield visitor.go(f"/demo/mailbox/{MAIL_THAT_IS_NONE}", "error-500")
    with a_missing_table(visitor.site):
        yield visitor.go("/clinics/confirm/no-such-link", "error-503")


def _answer(visitor: Visitor, given: Mapping[str, str]) -> None:
    """Fill in fields, and choose of the choices; several are separated by spaces."""
    for name, value in given.items():
        fields = visitor.page.locator(f"main form [name={name}]")
        if fields.count() == 1:
            fields.fill(value)
            continue
        for each in value.split() if fields.count() else ():
            visitor.page.locator(f"main form [name={name}][value='{each}']").check()
