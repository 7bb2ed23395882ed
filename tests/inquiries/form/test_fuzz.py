"""Whatever comes in, the answer is a page for people and never an error of ours."""

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.inquiries.patient import (
    FORM,
    STEPS,
    begin,
    form_id_of,
    form_url,
    open_browser,
    open_clinic,
)

NAMES = [
    *FORM,
    *("relationship", "may_ask", "way", "part_of_day", "language", "other_language"),
    *("headache_days_unsure", "diary", "midas", "hit6", "scored_on", "rows", "add", "back"),
    *("relief_triptan", "preventive_1_kind", "preventive_6_outcomes", "preventive_2_months"),
    *("had_toxin", "toxin_last_on", "toxin_units", "toxin_helped", "toxin_effects"),
    *("safety", "insurer", "window_1_first", "window_1_last", "window_2_part", "travel_miles"),
    *("clinic", "npi", "code", "step", "csrf_token", "website", "+ready", "+inquiries"),
]
odd = st.sampled_from(
    ["", "0", "-1", "9" * 40, "y", "yes", "2026-02-30", "²", "\x00", "١٢", "a\r\nb"]
)
texts = odd | st.text(max_size=50).filter(lambda text: text.isprintable())
bodies = st.dictionaries(st.sampled_from(NAMES), st.lists(texts, max_size=3), max_size=12)
PATHS = [f"/inquiry/{step}" for step in ("who", *STEPS, "code", "code/again", "carry")]
PATHS += ["/inquiry/clinics/add", "/inquiry/clinics/remove", "/inquiry/anew"]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), body=bodies)
def test_no_body_brings_a_step_down(
    app: Flask, data: st.DataObject, body: dict[str, list[str]]
) -> None:
    if "fuzzed" not in app.extensions:
        browser = open_browser(app)
        begin(browser, open_clinic())
        app.extensions["fuzzed"] = browser
    browser = app.extensions["fuzzed"]
    path = data.draw(st.sampled_from(PATHS))
    assert browser.post(path, data=body).status_code < 500
    assert browser.get(path.replace("/carry", "/review")).status_code < 500


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=bodies)
def test_no_body_brings_the_first_page_down(app: Flask, body: dict[str, list[str]]) -> None:
    browser, clinic = open_browser(app), open_clinic()
    form_id = form_id_of(browser.get(form_url(clinic)).text)
    answer = browser.post(form_url(clinic), data={**body, "form_id": form_id})
    assert answer.status_code < 500
