"""An inquiry in the words that a clinic reads: on its page, in print, and in an agreed email.

Everything is said in the language of the moment. Nothing of it may appear in a log.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from directory.care import clinician_terms
from directory.care.answers import (
    Answers,
    Contact,
    Language,
    PartOfDay,
    SafetyPoint,
    TriedPreventive,
    Window,
)
from directory.care.thresholds import DAYS_ASKED, TOXIN_ELSEWHERE_MONTHS
from directory.core.formats import day_text, list_text, number_text
from directory.inquiries.models import Inquiry
from directory.inquiries.presentation.triage_notes import (
    day_notes,
    relief_notes,
    safety_points,
    toxin_notes,
)
from directory.inquiries.states import InquiryState


@dataclass(frozen=True, repr=False)
class Fact:
    """What was asked, and what was answered."""

    label: str
    value: str


@dataclass(frozen=True, repr=False)
class Section:
    """Facts that belong together, and what somebody who triages looks for in them."""

    title: str
    facts: tuple[Fact, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class TriedRow:
    """A preventive that was tried: a row of the table."""

    kind: str
    name: str
    duration: str
    outcome: str


@dataclass(frozen=True, repr=False)
class InquiryView:
    """An inquiry, laid out top to bottom as somebody reads who decides what comes next."""

    reference: str
    sent_at: datetime
    state: InquiryState
    provider_name: str | None
    reason: str
    asked_by: str
    age_band: str
    zip_code: str
    days: tuple[Fact, ...]
    headaches: Section
    safety: Section
    points: tuple[str, ...]
    preventives: tuple[TriedRow, ...]
    relief: Section
    toxin: Section
    practical: Section
    contact: Section
    message: str
    email: str
    phone: str | None
    is_email_proven: bool

    def sections(self) -> Iterator[Section]:
        """Yield everything as label and value, for a text."""
        asked = [Fact(_("Asked for"), self.reason), Fact(_("Asked by"), self.asked_by)]
        asked += [Fact(_("Age"), self.age_band), Fact(_("ZIP code"), self.zip_code)]
        yield Section(_("Inquiry"), tuple(asked))
        facts = (*self.days, *self.headaches.facts)
        yield Section(self.headaches.title, facts, self.headaches.notes)
        yield self.safety
        tried = [
            Fact(row.kind, ", ".join(filter(None, (row.name, row.duration, row.outcome))))
            for row in self.preventives
        ]
        none_told = [Fact(_("Tried"), _("none told"))]
        yield Section(_("Preventives tried"), tuple(tried or none_told))
        yield from (self.relief, self.toxin, self.practical)
        if self.message:
            yield Section(_("Message"), (Fact(_("Message"), self.message),))
        yield self.contact


def view_of(
    inquiry: Inquiry,
    contact: Contact,
    answers: Answers,
    *,
    today: date,
    provider_name: str | None = None,
) -> InquiryView:
    """Return the inquiry as a clinic reads it; `today` is the day at the clinic."""
    return InquiryView(
        reference=inquiry.reference,
        sent_at=inquiry.sent_at,
        state=inquiry.state,
        provider_name=provider_name,
        reason=str(clinician_terms.REASON[answers.reason]),
        asked_by=_asked_by(contact),
        age_band=str(clinician_terms.AGE_BAND[answers.age_band]),
        zip_code=answers.zip_code,
        days=(
            Fact(
                _("headache days in the last %(days)s", days=DAYS_ASKED),
                days(answers.headache_days),
            ),
            Fact(_("of these, migraine-like"), days(answers.migraine_days)),
        ),
        headaches=Section(_("Headaches"), tuple(_headaches(answers)), tuple(day_notes(answers))),
        safety=Section(_("Safety"), (Fact(_("The patient reports"), _safety(answers)),)),
        points=tuple(str(clinician_terms.SAFETY[point]) for point in safety_points(answers)),
        preventives=tuple(map(_tried, answers.preventives)),
        relief=Section(_("Pain relief"), tuple(_relief(answers)), tuple(relief_notes(answers))),
        toxin=Section(
            _("Earlier toxin treatment"), tuple(_toxin(answers)), tuple(toxin_notes(answers, today))
        ),
        practical=Section(_("Practical"), tuple(_practical(contact, answers))),
        contact=Section(_("How to reach the patient"), tuple(_contact(contact))),
        message=answers.message,
        email=contact.email,
        phone=contact.phone,
        is_email_proven=inquiry.submission.is_email_proven,
    )


def days(number: int | None) -> str:
    """Return a number of days for people."""
    return str(_("not sure") if number is None else number)


def _asked_by(contact: Contact) -> str:
    if not contact.relationship:
        return contact.name
    words = _("%(name)s, for someone else (%(relationship)s)")
    return str(words % {"name": contact.name, "relationship": contact.relationship})


def _headaches(answers: Answers) -> Iterator[Fact]:
    yield Fact(_("Over 3 months"), str(clinician_terms.YES_NO[answers.over_three_months]))
    yield Fact(_("Usual length without treatment"), str(clinician_terms.LENGTH[answers.length]))
    yield Fact(
        _("Told by a clinician"), list_text(clinician_terms.TOLD[each] for each in answers.told)
    )
    if answers.diary is not None:
        yield Fact(_("Headache diary"), str(clinician_terms.DIARY[answers.diary]))
    score = answers.score
    scores = [
        f"{name} {value}"
        for name, value in (("MIDAS", score.midas), ("HIT-6", score.hit6))
        if value is not None
    ]
    if scores:
        day = [day_text(score.scored_on)] if score.scored_on else []
        yield Fact(_("Score"), ", ".join(scores + day))


def _safety(answers: Answers) -> str:
    points = answers.safety
    if not points:
        return str(_("not answered"))
    if SafetyPoint.PREFER_NOT in points and not safety_points(answers):
        return str(clinician_terms.SAFETY[SafetyPoint.PREFER_NOT])
    return list_text(clinician_terms.SAFETY[point] for point in points)


def _tried(tried: TriedPreventive) -> TriedRow:
    months = tried.months
    return TriedRow(
        kind=str(clinician_terms.PREVENTIVE[tried.kind]),
        name=" ".join(filter(None, (tried.name, tried.dose))),
        duration="" if months is None else ngettext("%(num)s month", "%(num)s months", months),
        outcome=list_text(clinician_terms.OUTCOME[each] for each in tried.outcomes),
    )


def _relief(answers: Answers) -> Iterator[Fact]:
    for kind, number in answers.pain_relief.items():
        value = ngettext("%(num)s day a month", "%(num)s days a month", number)
        yield Fact(str(clinician_terms.PAIN_RELIEF[kind]), value)


def _toxin(answers: Answers) -> Iterator[Fact]:
    if answers.had_toxin is not None:
        yield Fact(_("For headache before"), str(clinician_terms.YES_NO[answers.had_toxin]))
    earlier = answers.earlier_toxin
    if earlier is not None:
        if earlier.last_on is not None:
            yield Fact(_("Last treatment"), day_text(earlier.last_on))
        if earlier.product:
            yield Fact(_("Product"), earlier.product)
        if earlier.units is not None:
            yield Fact(_("Units"), number_text(earlier.units))
        if earlier.helped is not None:
            yield Fact(_("Helped"), str(clinician_terms.HELPED[earlier.helped]))
        if earlier.effects:
            yield Fact(_("Unwanted effects"), earlier.effects)
    if answers.toxin_elsewhere is not None:
        label = _("Toxin elsewhere in the last %(months)s months", months=TOXIN_ELSEWHERE_MONTHS)
        yield Fact(label, str(clinician_terms.YES_NO[answers.toxin_elsewhere]))


def _practical(contact: Contact, answers: Answers) -> Iterator[Fact]:
    coverage = answers.coverage
    paid = [each for each in (coverage.insurer, coverage.plan) if each]
    if coverage.self_pay:
        paid.append(_("pays without insurance"))
    yield Fact(_("Coverage"), ", ".join(paid) or _("not told"))
    yield Fact(_("Referral"), _("has one") if coverage.has_referral else _("none told"))
    if answers.windows:
        yield Fact(_("Can come"), "; ".join(map(_window, answers.windows)))
    if answers.travel_miles is not None:
        miles = answers.travel_miles
        far = ngettext("%(miles)s mile", "%(miles)s miles", miles, miles=number_text(miles))
        yield Fact(_("Can travel"), far)
    if answers.access_needs:
        yield Fact(_("Access needs"), answers.access_needs)
    yield Fact(_("Language"), _language(contact))


def _contact(contact: Contact) -> Iterator[Fact]:
    yield Fact(_("Name"), contact.name)
    yield Fact(_("Prefers to hear"), _preferred(contact))
    yield Fact(_("Email"), contact.email)
    yield Fact(_("Phone"), contact.phone or _("not given"))


def _preferred(contact: Contact) -> str:
    way = str(clinician_terms.WAY[contact.way])
    if contact.part_of_day is PartOfDay.ANY:
        return way
    return f"{way}, {clinician_terms.PART_OF_DAY[contact.part_of_day]}"


def _language(contact: Contact) -> str:
    spoken = str(clinician_terms.LANGUAGE[contact.language])
    if contact.language is Language.OTHER and contact.other_language:
        spoken = contact.other_language
    return f"{spoken}, {_('needs an interpreter')}" if contact.needs_interpreter else spoken


def _window(window: Window) -> str:
    first, last = day_text(window.first), day_text(window.last)
    span = first if first == last else _("%(first)s to %(last)s", first=first, last=last)
    return f"{span}, {clinician_terms.PART_OF_DAY[window.part_of_day]}"
