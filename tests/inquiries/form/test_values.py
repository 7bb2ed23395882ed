"""From answers back to the fields, and through the forms to the same answers."""

from datetime import date, timedelta

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.care import answers as a
from directory.core.clock import utc_now
from directory.inquiries.form.form_pages import filled_in
from directory.inquiries.form.prefill import kept_fields
from tests.factories import make_answers, make_contact

TODAY = utc_now().date()
words = st.text("abcdefgh", min_size=1, max_size=20)
past = st.dates(date(1990, 1, 1), TODAY)


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


def numbers(highest: int, lowest: int = 0) -> st.SearchStrategy[object]:
    return maybe(st.integers(lowest, highest))


contacts = st.builds(
    make_contact,
    name=words,
    relationship=maybe(words),
    phone=st.just("847 555 0142"),
    way=st.sampled_from(a.Way),
    part_of_day=st.sampled_from(a.PartOfDay),
    needs_interpreter=st.booleans(),
) | st.builds(make_contact, language=st.just(a.Language.OTHER), other_language=words)
tried = st.builds(
    a.TriedPreventive,
    kind=st.sampled_from(a.Preventive),
    name=words | st.just(""),
    dose=words | st.just(""),
    months=numbers(600),
    outcomes=st.lists(st.sampled_from(a.Outcome), unique=True).map(tuple),
)
toxin = st.builds(
    a.EarlierToxin,
    product=words,
    last_on=maybe(past),
    units=numbers(1000, 1),
    helped=maybe(st.sampled_from(a.Helped)),
    effects=words | st.just("two\nlines"),
)
windows = st.builds(
    a.Window,
    first=st.just(TODAY),
    last=st.dates(TODAY, TODAY + timedelta(days=90)),
    part_of_day=st.sampled_from(a.PartOfDay),
)
most_answers = st.builds(
    make_answers,
    told=st.sampled_from([(a.Told.NOBODY,), (a.Told.MIGRAINE, a.Told.OTHER)]),
    headache_days=maybe(st.integers(10, 30)),
    migraine_days=numbers(10),
    length=st.sampled_from(a.Length),
    over_three_months=st.sampled_from(a.YesNo),
    diary=maybe(st.sampled_from(a.Diary)),
    score=st.builds(a.Score, midas=numbers(450), hit6=numbers(78, 36), scored_on=maybe(past)),
    pain_relief=st.dictionaries(st.sampled_from(a.PainRelief), st.integers(0, 31)),
    preventives=st.lists(tried, max_size=6).map(tuple),
    had_toxin=st.just(a.YesNo.YES),
    earlier_toxin=toxin,
    toxin_elsewhere=maybe(st.sampled_from(a.YesNo)),
    safety=st.sampled_from([(), (a.SafetyPoint.NONE,), (a.SafetyPoint.ALLERGY,)]),
    coverage=st.builds(
        a.Coverage, insurer=words, plan=words, self_pay=st.booleans(), has_referral=st.booleans()
    ),
    windows=st.lists(windows, max_size=3).map(tuple),
    travel_miles=numbers(1000),
    access_needs=words,
    message=words,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(contact=contacts, answers=most_answers)
def test_kept_fields_go_through_the_forms_to_the_same_values(
    app: Flask, contact: a.Contact, answers: a.Answers
) -> None:
    filled = filled_in(kept_fields(contact, answers))
    assert filled is not None
    assert filled.contact == contact
    assert filled.answers == answers


def test_the_fewest_answers_come_back_the_same(app: Flask) -> None:
    contact, answers = make_contact(), make_answers(message="")
    filled = filled_in(kept_fields(contact, answers))
    assert filled is not None
    assert (filled.contact, filled.answers) == (contact, answers)


def test_consents_are_never_filled_in_again(app: Flask) -> None:
    fields = kept_fields(make_contact(), make_answers(may_repeat=True))
    assert "review" not in fields
    assert "may_repeat" not in str(fields)
