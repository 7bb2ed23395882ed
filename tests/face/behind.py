"""What the walk has to know of the site's data, and the accidents it needs."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta

import sqlalchemy as sa

from directory.access.codes import LIFETIME, LINK_CODES_PER_HOUR
from directory.access.models import AccessLink, OneTimeCode
from directory.clinics.actions import new_proof
from directory.clinics.models import Clinic
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.inquiries.lifecycle.clinic_access import code_subject
from directory.inquiries.models import Inquiry
from directory.inquiries.queries import ClinicLink
from directory.providers.evidence import Tier
from directory.providers.models import Clinician, Exclusion, License, Provider
from directory.search.index.models import Listing
from tests.journeys.test_life import within
from tests.site import Site

MAIL_THAT_IS_NONE = "20260101T000000000000-00000000"


def professionals(site: Site) -> Mapping[str, str]:
    """Return the NPI of somebody of each kind that has a page of its own look."""
    listed = sa.select(Listing.npi).order_by(Listing.npi)
    anybody = sa.select(Provider.npi).order_by(Provider.npi)
    name = sa.func.length(Provider.first_name) + sa.func.length(Provider.last_name)
    issued = sa.select(License.npi).where(License.first_issued_on.is_not(None))
    without_much = (
        Listing.is_accepting.is_(None),
        Listing.takes_inquiries.is_(False),
        Listing.npi.not_in(sa.select(Clinician.npi)),
        Listing.npi.not_in(issued),
    )
    kinds = {
        "confirmed": listed.where(Listing.tier == Tier.CONFIRMED, Listing.takes_inquiries),
        "documented": listed.where(Listing.tier == Tier.DOCUMENTED),
        "likely": listed.where(Listing.tier == Tier.SPECIALTY),
        "without-data": listed.where(Listing.tier == Tier.SPECIALTY, *without_much),
        "long-name": anybody.order_by(None).order_by(name.desc()),
        "deactivated": anybody.where(Provider.deactivated_on.is_not(None)),
        "excluded": anybody.where(
            Provider.npi.in_(sa.select(Exclusion.npi).where(Exclusion.reinstated_on.is_(None)))
        ),
    }
    with within(site):
        session = db.session()
        return {kind: str(session.scalar(rows.limit(1))) for kind, rows in kinds.items()}


def clinic_far_away(site: Site, *, takes_inquiries: bool) -> str:
    """Return the public id of a clinic that is on no page of the walk."""
    confirmed = Clinic.email_confirmed_at
    which = confirmed.is_not(None) if takes_inquiries else Clinic.email.is_(None)
    with within(site):
        rows = sa.select(Clinic.public_id).where(which, Clinic.state == "WA").order_by(Clinic.id)
        return str(db.session().scalar(rows.limit(1)))


def proof_token(site: Site, *, of_second: bool) -> str:
    """Ask a clinic to confirm an address, and return the token of the link."""
    which = Clinic.second_email.is_not(None) if of_second else Clinic.email.is_not(None)
    with within(site), writing() as session:
        rows = sa.select(Clinic).where(which, Clinic.providers.any(), Clinic.state == "WA")
        clinic = session.scalars(rows.order_by(Clinic.id).limit(1)).one()
        address = clinic.second_email if of_second else clinic.email
        return new_proof(session, clinic, str(address), now=utc_now())


def use_up_codes(site: Site, reference: str) -> None:
    """Have as many codes sent for the links of an inquiry as a clinic may get in an hour."""
    now = utc_now()
    with within(site), writing() as session:
        inquiry = session.scalars(sa.select(Inquiry).where(Inquiry.reference == reference)).one()
        of_it = AccessLink.inquiry_id == inquiry.id
        links = session.scalars(sa.select(AccessLink).where(of_it)).all()
        session.add_all(
            OneTimeCode(
                subject_id=code_subject(ClinicLink(link, inquiry)),
                code_digest=f"used-{number}",
                tries_left=0,
                created_at=now - timedelta(minutes=1),
                expires_at=now + LIFETIME,
            )
            for link in links
            for number in range(LINK_CODES_PER_HOUR)
        )


@contextmanager
def a_broken_file(site: Site) -> Iterator[None]:
    """Put a folder where a program expects a file."""
    folder = site.folder / "mailbox" / f"{MAIL_THAT_IS_NONE}.eml"
    folder.mkdir()
    try:
        yield
    finally:
        folder.rmdir()


@contextmanager
def a_missing_table(site: Site) -> Iterator[None]:
    """Take away a table that nobody else reads at the moment."""
    file = site.folder / "directory.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA busy_timeout = 10000")
        connection.execute("ALTER TABLE address_proof RENAME TO address_proof_away")
        try:
            yield
        finally:
            connection.execute("ALTER TABLE address_proof_away RENAME TO address_proof")
