"""The page of a professional: each fact with its source and the day it was last seen."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.core.db.database import writing
from directory.profiles.profile import Profile, get_profile
from directory.providers.models import (
    Clinician,
    Deactivation,
    EntityType,
    Exclusion,
    License,
    LicenseStatus,
    OtherName,
    PracticeLocation,
    Provider,
    ProviderTaxonomy,
    Release,
    Source,
)
from directory.sources.loading.practice_locations import mark_duplicates
from tests.factories import FAMILY, TODAY, make_clinic, make_location, make_provider
from tests.inquiries.patient import open_browser

LATER = date(2026, 11, 9)
NPPES = {"source": Source.NPPES, "as_of": TODAY}
CLINICIANS = {"source": Source.CLINICIANS, "as_of": TODAY}


def release(session: Session, source: Source, **facts: Any) -> None:
    given = {"file_name": "file.csv", "file_digest": "", "is_full": True, "rows": 1, **facts}
    now = datetime(2026, 11, 10, tzinfo=UTC)
    session.add(Release(source=source, released_on=LATER, loaded_at=now, **given))


def profile_of(session: Session, npi: str) -> Profile:
    session.flush()
    session.expire_all()
    return get_profile(session, npi, near=None, today=TODAY)


def page_of(app: Flask, npi: str) -> str:
    return " ".join(open_browser(app).get(f"/providers/{npi}").text.split())


def licensed(**facts: Any) -> str:
    """Commit a professional with a license in Washington; return the NPI."""
    with writing() as session:
        npi = make_location(session, make_provider(session)).npi
        given = {"state": "WA", "number": "MD00012345", "taxonomy_code": "2084N0400X", **facts}
        session.add(License(npi=npi, **NPPES, **given))
    return npi


def at_group(session: Session, location: PracticeLocation, **facts: Any) -> PracticeLocation:
    """State the same place once more, as the file of doctors and clinicians does."""
    given = {
        "npi": location.npi,
        "address_key": location.address_key,
        "is_primary": False,
        "name": "EXAMPLE HEADACHE GROUP LLC",
        "line1": location.line1.upper(),
        "city": "EVANSTON",
        "state": "IL",
        "zip_code": "60201",
        "latitude": location.latitude,
        "longitude": location.longitude,
        "precision": location.precision,
        **facts,
    }
    added = PracticeLocation(**CLINICIANS, **given)
    session.add(added)
    session.flush()
    mark_duplicates(session, None)
    session.expire_all()
    return added


def test_a_fact_was_last_seen_in_the_latest_full_file_of_its_source(session: Session) -> None:
    npi = make_location(session, make_provider(session)).npi
    release(session, Source.NPPES)
    profile = profile_of(session, npi)
    assert (profile.as_of, profile.places[0].as_of) == (LATER, LATER)


def test_a_file_of_changes_says_nothing_of_what_it_leaves_out(session: Session) -> None:
    npi = make_location(session, make_provider(session)).npi
    release(session, Source.NPPES, is_full=False)
    assert profile_of(session, npi).as_of == TODAY


def test_a_place_that_two_files_state_is_shown_once(app: Flask) -> None:
    with writing() as session:
        location = make_location(session, make_provider(session))
        at_group(session, location)
        release(session, Source.NPPES)
    page = page_of(app, location.npi)
    assert page.count("<address>") == 1
    assert "<h3>Example Headache Group LLC</h3>" in page
    assert "Also stated by NPPES, November 9, 2026" in page


def test_a_phone_that_only_the_other_file_knows_is_shown(app: Flask) -> None:
    with writing() as session:
        location = make_location(session, make_provider(session))
        at_group(session, location, phone=None)
    assert "Call (847) 555-0142" in page_of(app, location.npi)
    results = open_browser(app).get("/search?near=60201").text
    assert "Call (847) 555-0142" in results


def test_suites_of_one_house_with_one_phone_are_one_place(session: Session) -> None:
    location = make_location(session, make_provider(session), line1="12 Sample St Ste 4")
    key, phone = "60201 12 sample st", "(847) 555-0142"
    at_group(session, location, line1="12 SAMPLE ST", address_key=key, phone=phone)
    [place] = profile_of(session, location.npi).places
    assert (place.line1, len(place.also)) == ("12 Sample St", 1)


def test_a_clinic_at_a_folded_place_is_no_second_place(session: Session) -> None:
    location = make_location(session, make_provider(session), line1="12 Sample St Ste 4")
    make_clinic(session, location, name="Lake Clinic")
    key, phone = "60201 12 sample st", "(847) 555-0142"
    at_group(session, location, line1="12 SAMPLE ST", address_key=key, phone=phone)
    assert [place.name for place in profile_of(session, location.npi).places] == ["Lake Clinic"]


def test_two_clinics_at_one_address_are_both_shown(session: Session) -> None:
    location = make_location(session, make_provider(session))
    names = [make_clinic(session, location, name=name).name for name in ("Zinnia", "Aster")]
    assert [place.name for place in profile_of(session, location.npi).places] == names


def test_other_names_come_with_their_source(app: Flask) -> None:
    facts = {"entity_type": EntityType.ORGANIZATION, "organization_name": "LAKE CARE LLC"}
    origin = {"source": Source.NPPES_NAMES, "as_of": TODAY}
    with writing() as session:
        npi = make_location(session, make_provider(session, **facts)).npi
        session.add(OtherName(npi=npi, name="LAKE HEADACHE CENTER", kind="3", **origin))
        session.add(OtherName(npi=npi, name="OLD LAKE CENTER", kind="4", **origin))
    page = page_of(app, npi)
    assert "Also known as: Lake Headache Center" in page
    assert "Formerly: Old Lake Center" in page
    assert page.count("Source: NPPES, November 2, 2026") == 3


def test_school_year_and_telehealth_are_shown(app: Flask) -> None:
    with writing() as session:
        npi = make_location(session, make_provider(session)).npi
        facts = {"graduation_year": 1999, "school": "EXAMPLE MEDICAL SCHOOL", "telehealth": True}
        session.add(Clinician(npi=npi, **facts, **CLINICIANS))
    page = page_of(app, npi)
    assert "Example Medical School" in page
    assert "since graduation (1999)" in page
    assert page.count("Source: Medicare file of doctors and clinicians, November 2, 2026") == 3
    assert "Offers telehealth" in page


def test_no_telehealth_on_record_is_not_told_as_no(app: Flask) -> None:
    with writing() as session:
        npi = make_location(session, make_provider(session)).npi
        session.add(Clinician(npi=npi, telehealth=False, **CLINICIANS))
    page = page_of(app, npi)
    assert "telehealth" not in page
    assert "School" not in page


def test_a_license_says_what_the_states_file_says(app: Flask) -> None:
    status = {"status": LicenseStatus.ACTIVE, "status_checked_on": TODAY}
    page = page_of(app, licensed(**status, expires_on=date(2099, 1, 31), has_board_action=True))
    assert "MD00012345, active, checked November 2, 2026, valid until January 31, 2099" in page
    assert "Board action on record: see the state board" in page
    assert "https://fortress.wa.gov/doh/providercredentialsearch/" in page


def test_a_day_of_expiry_that_has_passed_is_told_as_such(app: Flask) -> None:
    status = {"status": LicenseStatus.ACTIVE, "status_checked_on": TODAY}
    page = page_of(app, licensed(**status, expires_on=date(2020, 1, 31)))
    assert "was valid until January 31, 2020, may have been renewed since" in page


def test_a_license_that_left_the_states_file_is_not_active(app: Flask) -> None:
    status = {"status": LicenseStatus.ACTIVE, "status_checked_on": TODAY}
    npi = licensed(**status, status_gone_on=LATER)
    results = open_browser(app).get("/search?near=60201").text
    for text in (page_of(app, npi), results):
        assert "s file of November 9, 2026" in text
        assert "active, checked" not in text


def test_a_license_of_two_taxonomies_is_shown_once(session: Session) -> None:
    npi = make_provider(session).npi
    for code in ("2084N0400X", "208VP0014X"):
        facts = {"state": "IL", "number": "036111111", "taxonomy_code": code}
        session.add(License(npi=npi, **facts, **NPPES))
    assert len(profile_of(session, npi).licenses) == 1


def test_what_is_gone_is_told_as_earlier(app: Flask) -> None:
    npi = licensed(gone_on=LATER)
    with writing() as session:
        provider = session.get_one(Provider, npi)
        make_location(session, provider, line1="7 OLD RD", is_primary=False, gone_on=LATER)
        session.add(
            ProviderTaxonomy(npi=npi, code=FAMILY, is_primary=False, gone_on=LATER, **NPPES)
        )
    page = page_of(app, npi)
    earlier = page[page.index("<details") : page.index("</details>")]
    assert "Place: 7 Old Rd, Evanston, IL" in earlier
    assert "License: Washington MD00012345" in earlier
    assert "Specialty: Family medicine" in earlier
    assert earlier.count("no longer in NPPES as of November 9, 2026") == 3
    assert "7 Old Rd" not in page.replace(earlier, "")
    assert "MD00012345" not in page.replace(earlier, "")


def test_nothing_earlier_takes_no_room(app: Flask) -> None:
    assert "<details" not in page_of(app, licensed())


def test_a_place_that_another_file_still_states_is_not_earlier(session: Session) -> None:
    location = make_location(session, make_provider(session))
    at_group(session, location)
    location.gone_on = LATER
    assert profile_of(session, location.npi).former_facts == ()


def test_whoever_left_the_register_is_not_to_be_called(app: Flask) -> None:
    npi = licensed()
    with writing() as session:
        session.get_one(Provider, npi).gone_on = LATER
    page = page_of(app, npi)
    assert "NPPES no longer has this professional as of November 9, 2026" in page
    assert "tel:" not in page
    assert "noindex" in page


def test_a_deactivated_number_says_since_when(app: Flask) -> None:
    npi = licensed()
    with writing() as session:
        origin = {"source": Source.NPPES_DEACTIVATED, "as_of": LATER}
        session.add(Deactivation(npi=npi, deactivated_on=TODAY, **origin))
    page = page_of(app, npi)
    assert "deactivated on November 2, 2026" in page
    assert "tel:" not in page


def excluded(session: Session, npi: str, entry: str = "a", **facts: Any) -> None:
    origin = {"source": Source.EXCLUSIONS, "as_of": TODAY}
    given = {"exclusion_type": "1128a1", "excluded_on": date(2020, 1, 20), **facts}
    session.add(Exclusion(entry=entry, npi=npi, **given, **origin))


def test_an_exclusion_names_its_list_and_day(app: Flask) -> None:
    npi = licensed()
    with writing() as session:
        excluded(session, npi)
        release(session, Source.EXCLUSIONS)
    page = page_of(app, npi)
    assert "Since January 20, 2020 this professional may not bill" in page
    assert "Source: federal exclusion list, November 9, 2026" in page
    assert "tel:" not in page


def test_a_waiver_lifts_an_exclusion_in_its_state(app: Flask) -> None:
    npi = licensed()
    with writing() as session:
        excluded(session, npi, waiver_state="IL")
    page = page_of(app, npi)
    assert "A waiver lifts this in Illinois only." in page
    assert "tel:" in page


def test_an_exclusion_without_a_waiver_counts_first(session: Session) -> None:
    npi = make_location(session, make_provider(session)).npi
    excluded(session, npi, "a", waiver_state="IL", excluded_on=date(2024, 1, 20))
    excluded(session, npi, "b")
    assert [place.is_excluded for place in profile_of(session, npi).places] == [True]


@pytest.mark.parametrize(("is_full", "checked_on"), [(True, LATER), (False, None)])
def test_only_a_whole_list_tells_who_is_not_on_it(
    session: Session, is_full: bool, checked_on: date | None
) -> None:
    npi = make_provider(session).npi
    release(session, Source.EXCLUSIONS, is_full=is_full)
    assert profile_of(session, npi).exclusions_checked_on == checked_on
