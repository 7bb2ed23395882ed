"""Invented people and places; each factory takes only what a test is about."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from directory.care.answers import AgeBand, Answers, Contact, Length, Reason, Told, YesNo
from directory.clinics.models import AddressProof, Clinic, ClinicProvider
from directory.core.clock import utc_now
from directory.core.tokens import new_token, secret_key, token_digest
from directory.geo.points import Point, Precision
from directory.inquiries.drafts import Limits, add_clinic, begin_draft, email_digest
from directory.inquiries.lifecycle.submit import Outgoing, new_inquiry_ids, send
from directory.inquiries.models import Inquiry, Submission, draft_key
from directory.privacy.rowkeys import row_keys
from directory.providers.addresses import address_key
from directory.providers.models import (
    EntityType,
    PracticeLocation,
    ProcedureVolume,
    Provider,
    ProviderTaxonomy,
    Source,
)
from directory.providers.npi import check_digit
from directory.search.index.listings import refresh_listings

TODAY = date(2026, 11, 2)
EVANSTON = Point(42.0451, -87.6877)
CHICAGO = Point(41.8858, -87.6181)
NEUROLOGY = "2084N0400X"
FAMILY = "207Q00000X"

_numbers = itertools.count(1)


def make_npi(number: int | None = None) -> str:
    """Return a valid NPI that no test used before."""
    first_nine = f"1{(number if number is not None else next(_numbers)):08d}"
    return first_nine + check_digit(first_nine)


def make_provider(
    session: Session, *, taxonomy: str = NEUROLOGY, treatments: int | None = None, **facts: Any
) -> Provider:
    """Add a person with a taxonomy and, when given, a yearly count."""
    given = {
        "npi": make_npi(),
        "entity_type": EntityType.INDIVIDUAL,
        "first_name": "Amara",
        "last_name": "Feldt",
        "credential": "MD",
        **facts,
    }
    provider = Provider(source=Source.NPPES, as_of=TODAY, **given)
    session.add(provider)
    session.flush()
    fact = {"npi": provider.npi, "source": Source.NPPES, "as_of": TODAY}
    session.add(ProviderTaxonomy(code=taxonomy, is_primary=True, **fact))
    if treatments is not None:
        session.add(ProcedureVolume(procedure_code="64615", year=2024, services=treatments, **fact))
    session.flush()
    return provider


def make_location(
    session: Session, provider: Provider, *, at: Point = EVANSTON, **facts: Any
) -> PracticeLocation:
    """Add a practice location with its listings."""
    line1 = facts.pop("line1", f"{next(_numbers)} Sample St")
    given = {"city": "Evanston", "state": "IL", "zip_code": "60201", "is_primary": True, **facts}
    location = PracticeLocation(
        npi=provider.npi,
        line1=line1,
        address_key=address_key(line1, given["zip_code"]),
        latitude=at.latitude,
        longitude=at.longitude,
        precision=Precision.ZIP,
        phone="(847) 555-0142",
        source=Source.NPPES,
        as_of=TODAY,
        **given,
    )
    session.add(location)
    session.flush()
    refresh_listings(session, [provider.npi])
    return location


def make_clinic(session: Session, location: PracticeLocation | None = None, **facts: Any) -> Clinic:
    """Add a clinic with confirmed addresses, tied to the location and its professional."""
    line1 = location.line1 if location else f"{next(_numbers)} Sample St"
    number = next(_numbers)
    given = {
        "name": f"Lakeshore Headache Clinic {number}",
        "email": f"inbox@lakeshore{number}.example.org",
        "email_confirmed_at": utc_now(),
        "phone": "(847) 555-0142",
        **facts,
    }
    clinic = Clinic(
        public_id=f"clinic-{number}",
        line1=line1,
        address_key=address_key(line1, "60201"),
        city="Evanston",
        state="IL",
        zip_code="60201",
        source=Source.OPERATOR,
        as_of=TODAY,
        created_at=utc_now(),
        **given,
    )
    if location:
        clinic.providers = [ClinicProvider(npi=location.npi)]
    session.add(clinic)
    session.flush()
    if clinic.second_email:
        make_proof(session, clinic, clinic.second_email)
    if location:
        refresh_listings(session, [location.npi])
    return clinic


def make_proof(session: Session, clinic: Clinic, email: str) -> AddressProof:
    """Add the proof that an address of a clinic has been confirmed."""
    now = utc_now()
    proof = AddressProof(
        clinic_id=clinic.id,
        email=email,
        token_digest=token_digest(new_token()),
        created_at=now,
        expires_at=now,
        used_at=now,
    )
    session.add(proof)
    session.flush()
    return proof


def make_contact(**facts: Any) -> Contact:
    """Return the contact data of an invented patient."""
    return Contact(**{"name": "Jo Markedname", "email": "markedmail@example.org", **facts})


def make_answers(**facts: Any) -> Answers:
    """Return the answers of a patient with chronic migraine."""
    given = {
        "age_band": AgeBand.ADULT,
        "zip_code": "60201",
        "reason": Reason.FIRST,
        "told": (Told.CHRONIC_MIGRAINE,),
        "headache_days": 22,
        "migraine_days": 14,
        "length": Length.FOUR_OR_MORE,
        "over_three_months": YesNo.YES,
        "message": "MARKEDANSWER: light hurts most.",
        **facts,
    }
    return Answers(**given)


def make_submission(
    session: Session,
    clinics: Sequence[Clinic],
    *,
    contact: Contact | None = None,
    answers: Answers | None = None,
    language: str = "en",
    now: datetime | None = None,
) -> Submission:
    """Send to these clinics as the last page of the form does; emails wait in the outbox."""
    now = now or utc_now()
    contact, answers = contact or make_contact(), answers or make_answers()
    public_id = new_token()
    row_keys().make([draft_key(public_id)], now=now)
    limits = Limits(per_hour=10**9, per_day=10**9)
    draft = begin_draft(
        session, public_id, sender_digest="", language=language, limits=limits, now=now
    )
    for clinic in clinics:
        add_clinic(session, draft, clinic, next((each.npi for each in clinic.providers), None))
    outgoing = Outgoing(
        contact=contact,
        answers=answers,
        email_digest=email_digest(secret_key(), contact.email),
        inquiry_ids=new_inquiry_ids(len(clinics), now=now),
    )
    return send(session, draft, outgoing, limits=limits, now=now)


def make_inquiry(session: Session, clinic: Clinic, **facts: Any) -> Inquiry:
    """Send to one clinic."""
    return make_submission(session, [clinic], **facts).inquiries[0]
