"""Invented clinics at the addresses where the invented professionals work."""

import base64
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from directory.care.specialties import USUAL_SPECIALTIES, CareGroup
from directory.core.text import folded
from directory.providers.models import AcceptingPatients, Source
from seeds.demo.people import Person
from seeds.demo.rows import ClinicProviderRow, ClinicRow
from seeds.demo.sites import Site
from seeds.demo.words import day_between, likely, listed, weighted

_KINDS = {
    CareGroup.NEUROLOGY: "nerves",
    CareGroup.PAIN: "pain",
    CareGroup.REHABILITATION: "body",
}

_ACCEPTING: dict[str, float] = {
    AcceptingPatients.YES: 66,
    AcceptingPatients.NO: 9,
    AcceptingPatients.EXISTING_ONLY: 8,
    AcceptingPatients.FAMILY_ONLY: 2,
    "": 15,
}

_CONFIRMED_AMONG_USUAL = 0.22
_CONFIRMED_AMONG_OTHERS = 0.10


class ClinicMaker:
    """Generates clinics with unique names."""

    def __init__(self, words: Mapping[str, Mapping[str, str]]) -> None:
        self._words = {name: listed(text) for name, text in words["clinics"].items()}
        self._names: set[str] = set()

    def make(
        self, random: Random, site: Site, staff: Sequence[tuple[str, Person]], *, is_leading: bool
    ) -> Iterator[ClinicRow | ClinicProviderRow]:
        """Yield the clinic of a site and its providers. A leading one takes inquiries."""
        people = [person for _, person in staff]
        clinic = self._clinic(random, site, people, is_leading=is_leading)
        yield clinic
        for npi, person in staff:
            yield ClinicProviderRow(
                public_id=clinic.public_id,
                npi=npi,
                treatment_confirmed_on=_treatment_confirmed_on(random, clinic, person),
            )

    def _clinic(
        self, random: Random, site: Site, staff: Sequence[Person], *, is_leading: bool
    ) -> ClinicRow:
        name = self._name(random, staff)
        domain = f"{folded(name).replace(' ', '-')}.example.org"
        has_email = is_leading or likely(random, 0.47)
        confirmed_on = day_between(random, date(2025, 6, 1), date(2026, 10, 25))
        created_on = confirmed_on - timedelta(days=random.randint(1, 20))
        is_confirmed = is_leading or (has_email and likely(random, 0.74))
        facts_on = max(confirmed_on, day_between(random, date(2026, 1, 5), date(2026, 10, 25)))
        public_id = base64.urlsafe_b64encode(random.randbytes(16)).decode().rstrip("=")
        received, answered, minutes = _answers(public_id) if is_confirmed else ("0", "0", "")
        return ClinicRow(
            public_id=public_id,
            name=name,
            line1=site.line1,
            line2=site.line2,
            city=site.area.city,
            state=site.state,
            zip_code=site.area.zip_code,
            phone=site.phone,
            email=f"inbox@{domain}" if has_email else "",
            second_email=self._second_email(random, domain) if has_email else "",
            email_confirmed_at=_moment(random, confirmed_on) if is_confirmed else "",
            languages=self._languages(random, site.state),
            accepting_patients=_accepting(random, is_confirmed=is_confirmed),
            facts_confirmed_on=facts_on.isoformat() if is_confirmed else "",
            inquiries_received=received,
            inquiries_answered=answered,
            answer_minutes=minutes,
            created_at=_moment(random, created_on),
            source=Source.DEMO,
            as_of=(facts_on if is_confirmed else created_on).isoformat(),
        )

    def _name(self, random: Random, staff: Sequence[Person]) -> str:
        endings = self._words[_kind(staff)]
        while True:
            name = f"{random.choice(self._words['first_words'])} {random.choice(endings)}"
            if name not in self._names:
                self._names.add(name)
                return name

    def _second_email(self, random: Random, domain: str) -> str:
        inbox = random.choice(self._words["second_inboxes"])
        return f"{inbox}@{domain}" if likely(random, 0.25) else ""

    def _languages(self, random: Random, state: str) -> str:
        if state == "PR":
            return "es,en"
        if likely(random, 0.55):
            return "en"
        return ",".join(dict.fromkeys(["en", *random.choices(self._words["languages"], k=2)]))


def _kind(staff: Sequence[Person]) -> str:
    """Return the kind of name: that of the most common specialty."""
    kinds = Counter(_KINDS[person.specialty] for person in staff if person.specialty in _KINDS)
    return kinds.most_common(1)[0][0] if kinds else "general"


def _accepting(random: Random, *, is_confirmed: bool) -> str:
    return weighted(random, _ACCEPTING) if is_confirmed or likely(random, 0.2) else ""


def _answers(public_id: str) -> tuple[str, str, str]:
    """Return inquiries received and answered, and the median minutes to an answer."""
    # A separate random generator, so that all other rows stay the same.
    random = Random(public_id)
    received = random.randint(0, 40)
    answered = round(received * random.uniform(0.6, 1))
    minutes = round(60 * random.lognormvariate(2.4, 0.9))
    return str(received), str(answered), str(minutes) if answered else ""


def _treatment_confirmed_on(random: Random, clinic: ClinicRow, person: Person) -> str:
    is_usual = person.specialty in USUAL_SPECIALTIES
    share = _CONFIRMED_AMONG_USUAL if is_usual else _CONFIRMED_AMONG_OTHERS
    return clinic.facts_confirmed_on if likely(random, share) else ""


def _moment(random: Random, day: date) -> str:
    clock = time(random.randint(14, 22), random.randint(0, 59))
    return datetime.combine(day, clock).isoformat() + "+00:00"
