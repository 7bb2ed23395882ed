"""The peculiarities of NPPES, each in an invented row."""

from datetime import date

import pytest
import sqlalchemy as sa

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.geo.points import Precision
from directory.providers.models import (
    EntityType,
    Fact,
    GeocodedAddress,
    License,
    LicenseStatus,
    PracticeLocation,
    ProcedureVolume,
    Provider,
    ProviderTaxonomy,
    Sex,
    Source,
)
from directory.providers.queries import is_deactivated
from directory.search.index.models import Listing
from directory.sources.loading.importer import Tally
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.nppes import NPPES
from tests.sources.nppes_rows import as_csv, header, npi, organization, row, stub, write

WEEKLY = "npidata_pfile_20260921-20260927.csv"
FAMILY = "207Q00000X"
NEUROLOGY = "2084N0400X"
DENTIST = "1223G0001X"
STUDENT = "390200000X"

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def load_rows(tmp_path):
    """Load rows as a file of this name and return the tally."""

    def loader(*rows: list[str], name: str = "", keep_all: bool = False) -> Tally:
        path = write(tmp_path, rows, name or "npidata_pfile_20050523-20260907.csv")
        return load(NPPES, path, LoadOptions(keep_all=keep_all))

    return loader


def provider(number: int = 1) -> Provider | None:
    session = db.session()
    session.rollback()
    session.expire_all()
    return session.get(Provider, npi(number))


def all_of(table):
    session = db.session()
    session.rollback()
    session.expire_all()
    current = [table.gone_on.is_(None)] if issubclass(table, Fact) else []
    key = sa.inspect(table).primary_key
    return list(session.scalars(sa.select(table).where(*current).order_by(*key)))


def gone(table):
    session = db.session()
    session.rollback()
    return list(session.scalars(sa.select(table).where(table.gone_on.is_not(None))))


def stopped(number: int = 1) -> bool:
    found = provider(number)
    return found is not None and is_deactivated(db.session(), found)


def test_a_person_with_everything(load_rows):
    load_rows(row(1, middle="ANN", suffix="JR."))

    person = provider()
    assert person.full_name == "Iris Ann Hartwell Jr., MD"
    assert (person.entity_type, person.sex) == (EntityType.INDIVIDUAL, Sex.FEMALE)
    assert (person.enumerated_on, person.updated_on) == (date(2006, 6, 1), date(2020, 3, 2))
    assert (person.source, person.as_of) == (Source.NPPES, date(2026, 9, 7))


def test_the_practice_location_and_never_the_mailing_address(load_rows):
    load_rows(row(1))

    (place,) = all_of(PracticeLocation)
    assert (place.line1, place.city, place.state) == ("100 MAIN ST", "AUSTIN", "TX")
    assert (place.zip_code, place.phone) == ("78701", "(512) 555-0142")
    assert place.address_key == "78701 100 main st"
    assert place.precision is Precision.ZIP
    assert place.latitude == pytest.approx(30.27, abs=0.05)


def test_a_loaded_person_can_be_found(load_rows):
    load_rows(row(1))

    assert {listing.npi for listing in all_of(Listing)} == {npi(1)}


def test_an_organization(load_rows):
    code = [("261QP3300X", "", "", "Y")]
    load_rows(organization(1, "AUSTIN HEADACHE CENTER, LLC", taxonomies=code))

    assert provider().full_name == "Austin Headache Center, LLC"
    assert provider().entity_type is EntityType.ORGANIZATION


def test_the_first_version_calls_the_column_gender(tmp_path):
    path = tmp_path / "npidata_pfile_20050523-20190908.csv"
    path.write_bytes(as_csv([row(1, version=1, sex="M")], header(1)))

    load(NPPES, path, LoadOptions())

    assert provider().sex is Sex.MALE


def test_the_header_may_differ_in_case_and_blanks(tmp_path):
    path = tmp_path / "npidata_pfile_20050523-20260907.csv"
    names = [f"  {name.upper().replace(' ', '  ')} " for name in header()]
    path.write_bytes(as_csv([row(1)], names))

    assert load(NPPES, path, LoadOptions()).counts["new"] == 1


@pytest.mark.parametrize(("given", "stored"), [("X", Sex.OTHER), ("", None), ("U", None)])
def test_sex_is_what_was_reported(load_rows, given, stored):
    load_rows(row(1, sex=given))

    assert provider().sex is stored


@pytest.mark.parametrize("placeholder", ["<UNAVAIL>", "=========", "$$$$$$$$$", "--"])
def test_placeholders_are_nothing(load_rows, placeholder):
    slots = [(NEUROLOGY, placeholder, "TX", "Y")]
    load_rows(row(1, middle=placeholder, line2=placeholder, taxonomies=slots))

    assert provider().middle_name is None
    assert all_of(PracticeLocation)[0].line2 is None
    assert all_of(License) == []


def test_a_taxonomy_repeated_for_each_state_is_one_with_many_licenses(load_rows):
    slots = [(FAMILY, "1", "TX", "N"), (NEUROLOGY, "2", "TX", "Y"), (NEUROLOGY, "3", "OK", "N")]
    load_rows(row(1, taxonomies=slots))

    taxonomies = {each.code: each.is_primary for each in all_of(ProviderTaxonomy)}
    assert taxonomies == {FAMILY: False, NEUROLOGY: True}
    licenses = [(each.taxonomy_code, each.number, each.state) for each in all_of(License)]
    assert sorted(licenses) == [
        (code, number, state)
        for code, number, state, _ in sorted(
            [slots[0], slots[1], slots[2]], key=lambda slot: (slot[0], slot[1])
        )
    ]


@pytest.mark.parametrize("switch", ["N", "X", ""])
def test_without_a_primary_switch_the_first_taxonomy_is_primary(load_rows, switch):
    load_rows(row(1, taxonomies=[(FAMILY, "", "", switch), (NEUROLOGY, "", "", switch)]))

    assert {each.code for each in all_of(ProviderTaxonomy) if each.is_primary} == {FAMILY}


def test_a_license_needs_number_and_state(load_rows):
    slots = [(NEUROLOGY, "A1", "", "Y"), (FAMILY, "", "TX", "N"), (FAMILY, "A2", "tx", "N")]
    load_rows(row(1, taxonomies=slots))

    assert [(each.number, each.state) for each in all_of(License)] == [("A2", "TX")]


def test_all_fifteen_taxonomies_are_read(load_rows):
    slots = [(f"{number:09d}X", "", "", "N") for number in range(14)]
    load_rows(row(1, taxonomies=[*slots, (NEUROLOGY, "Z", "TX", "Y")]))

    assert len(all_of(ProviderTaxonomy)) == 15
    assert [each.number for each in all_of(License)] == ["Z"]


def test_a_foreign_address_is_no_practice_location(load_rows):
    tally = load_rows(row(1, country="CA", state="ONTARIO", zip="K1A0B1"))

    assert provider() is not None
    assert all_of(PracticeLocation) == []
    assert tally.notes == {"practice location outside the United States": 1}


def test_an_unknown_zip_code_has_no_position(load_rows):
    tally = load_rows(row(1, zip="00000"))

    assert all_of(PracticeLocation)[0].latitude is None
    assert tally.notes == {"no position for the ZIP code": 1}


@pytest.mark.parametrize("missing", ["line1", "city", "zip"])
def test_an_address_without_street_city_or_zip_is_none(load_rows, missing):
    tally = load_rows(row(1, **{missing: ""}))

    assert all_of(PracticeLocation) == []
    assert tally.notes == {"no practice location: no street, city or ZIP code": 1}


def test_other_specialties_and_students_are_left_out(load_rows):
    dentist, student = [(DENTIST, "", "", "Y")], [(STUDENT, "", "", "Y")]
    rows = [row(1), row(2, taxonomies=dentist), row(3, taxonomies=student)]

    tally = load_rows(*rows)

    assert [each.npi for each in all_of(Provider)] == [npi(1)]
    assert tally.set_aside == {
        "not one of the specialties of this directory": 1,
        "a student, nothing else": 1,
    }


def test_all_means_everyone(load_rows):
    dentist, student = [(DENTIST, "", "", "Y")], [(STUDENT, "", "", "Y")]

    load_rows(row(1), row(2, taxonomies=dentist), row(3, taxonomies=student), keep_all=True)

    assert len(all_of(Provider)) == 3


def test_a_loaded_provider_is_updated_in_another_specialty(load_rows):
    load_rows(row(1))

    load_rows(row(1, updated="09/20/2026", taxonomies=[(DENTIST, "", "", "Y")]), name=WEEKLY)

    assert [each.code for each in all_of(ProviderTaxonomy)] == [DENTIST]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"npi": "1234567890"}, "the NPI is not ten digits with a right check digit"),
        ({"npi": npi(1)}, "the NPI is in the file twice"),
        ({"entity": ""}, "the Entity Type Code is neither 1 nor 2"),
        ({"entity": "3"}, "the Entity Type Code is neither 1 nor 2"),
        ({"last": ""}, "there is no name"),
        ({"updated": "2020-03-02"}, "the Last Update Date '2020-03-02' is not a day written"),
        ({"deactivated": "02/30/2020"}, "the NPI Deactivation Date '02/30/2020' is not a day"),
        ({"city": "x" * 81}, "the city is longer than 80 characters"),
        ({"taxonomies": [(NEUROLOGY, "", "", "Y"), ("20", "", "", "N")]}, "the taxonomy code '20'"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_reason_and_line(load_rows, change, reason):
    tally = load_rows(row(1), row(2, **change))

    assert [each.npi for each in all_of(Provider)] == [npi(1)]
    ((given, line),) = tally.first_lines.items()
    assert given.startswith(reason)
    assert line == 3


def test_a_deactivation_blanks_nothing(load_rows):
    load_rows(row(1))

    tally = load_rows(stub(1, "09/20/2026"), name=WEEKLY)

    assert stopped()
    assert provider().last_name == "HARTWELL"
    assert len(all_of(PracticeLocation)) == len(all_of(License)) == 1
    assert all_of(Listing) == []
    assert tally.counts["deactivated"] == 1


def test_a_deactivation_of_an_unknown_npi_is_set_aside(load_rows):
    tally = load_rows(row(1), stub(2, "09/20/2014"))

    assert provider(2) is None
    assert tally.set_aside == {"deactivated, nothing else known": 1}


def test_a_reactivated_provider_is_active(load_rows):
    load_rows(row(1, deactivated="05/23/2005", reactivated="05/24/2005"))

    assert not stopped()
    assert all_of(Listing) != []


def test_a_deactivation_after_the_reactivation_is_in_force(load_rows):
    load_rows(row(1, deactivated="05/25/2005", reactivated="05/24/2005"))

    assert provider().deactivated_on == date(2005, 5, 25)
    assert all_of(Listing) == []


def test_a_reactivation_later_on_brings_the_listing_back(load_rows):
    load_rows(row(1))
    load_rows(stub(1, "09/10/2026"), name="npidata_pfile_20260907-20260913.csv")

    both = {"deactivated": "09/10/2026", "reactivated": "09/21/2026"}
    load_rows(row(1, updated="09/21/2026", **both), name=WEEKLY)

    assert not stopped()
    assert all_of(Listing) != []


def test_newer_wins_in_any_order(load_rows):
    load_rows(row(1, last="NEWER", updated="09/20/2026"), name=WEEKLY)

    tally = load_rows(row(1, last="OLDER", updated="09/01/2026"))

    assert provider().last_name == "NEWER"
    assert (tally.counts["older"], tally.counts["changed"]) == (1, 0)


def test_an_older_file_does_not_undo_a_deactivation(load_rows):
    load_rows(row(1, updated="08/01/2026"), name="npidata_pfile_20050523-20260810.csv")
    load_rows(stub(1, "09/20/2026"), name=WEEKLY)

    tally = load_rows(row(1, updated="09/01/2026"))

    assert stopped()
    assert tally.counts["older"] == 1


def test_an_older_deactivation_does_not_undo_a_reactivation(load_rows):
    both = {"deactivated": "09/01/2026", "reactivated": "09/21/2026"}
    load_rows(row(1, updated="09/21/2026", **both), name=WEEKLY)

    tally = load_rows(stub(1, "09/01/2026"))

    assert not stopped()
    assert tally.counts["older"] == 1


def test_an_unchanged_newer_file_updates_the_release_date(load_rows):
    load_rows(row(1))

    tally = load_rows(row(1), name=WEEKLY)

    assert tally.counts["unchanged"] == 1
    tables = (Provider, ProviderTaxonomy, License, PracticeLocation)
    assert {each.as_of for table in tables for each in all_of(table)} == {date(2026, 9, 27)}


def test_a_change_replaces_what_the_file_said_before(load_rows):
    load_rows(row(1))

    slots = [(FAMILY, "B2", "OK", "Y")]
    load_rows(row(1, updated="09/20/2026", line1="7 ELM ST", taxonomies=slots), name=WEEKLY)

    assert [each.line1 for each in all_of(PracticeLocation)] == ["7 ELM ST"]
    assert [each.code for each in all_of(ProviderTaxonomy)] == [FAMILY]
    assert [each.number for each in all_of(License)] == ["B2"]
    former = [*gone(PracticeLocation), *gone(ProviderTaxonomy), *gone(License)]
    assert [each.gone_on for each in former] == [date(2026, 9, 27)] * 3


def test_a_restored_fact_is_no_longer_gone(load_rows):
    load_rows(row(1))
    load_rows(row(1, updated="09/20/2026", line1="7 ELM ST"), name=WEEKLY)

    october = "npidata_pfile_20050523-20261012.csv"
    load_rows(row(1, updated="10/01/2026"), name=october)

    assert [each.line1 for each in all_of(PracticeLocation)] == ["100 MAIN ST"]
    assert [each.line1 for each in gone(PracticeLocation)] == ["7 ELM ST"]


def test_a_license_that_stays_keeps_what_the_state_said(load_rows):
    load_rows(row(1))
    checked = {"status": LicenseStatus.ACTIVE, "status_checked_on": date(2026, 9, 1)}
    with writing() as session:
        session.execute(sa.update(License).values(**checked))

    load_rows(row(1, updated="09/20/2026", last="RENAMED"), name=WEEKLY)

    assert [each.status for each in all_of(License)] == [LicenseStatus.ACTIVE]


def test_an_exact_position_belongs_to_its_address(load_rows):
    with writing() as session:
        found = {"latitude": 30.2, "longitude": -97.7, "asked_at": utc_now()}
        session.add(GeocodedAddress(address_key="78701 100 main st", **found))

    load_rows(row(1))
    load_rows(row(1, updated="09/20/2026", phone="5125550199"), name=WEEKLY)

    (place,) = all_of(PracticeLocation)
    assert (place.precision, place.phone) == (Precision.EXACT, "(512) 555-0199")
    assert (place.latitude, place.longitude) == (30.2, -97.7)


def test_facts_of_other_sources_are_unchanged(load_rows):
    load_rows(row(1))
    mine = {"npi": npi(1), "as_of": date(2026, 9, 10)}
    with writing() as session:
        session.add(ProviderTaxonomy(code=FAMILY, is_primary=False, source=Source.DEMO, **mine))
        session.add(
            ProcedureVolume(
                procedure_code="64615", year=2024, services=40, source=Source.MEDICARE, **mine
            )
        )

    slots = [(NEUROLOGY, "", "", "Y")]
    load_rows(row(1, updated="09/20/2026", taxonomies=slots), name=WEEKLY)

    sources = {each.code: each.source for each in all_of(ProviderTaxonomy)}
    assert sources == {FAMILY: Source.DEMO, NEUROLOGY: Source.NPPES}
    assert len(all_of(ProcedureVolume)) == 1


def test_a_location_of_a_clinic_stays_listed(load_rows):
    load_rows(row(1))
    with writing() as session:
        clinic_at(session, "78701 100 main st")

    load_rows(row(1, updated="09/20/2026", line1="7 ELM ST"), name=WEEKLY)

    assert [each.line1 for each in all_of(PracticeLocation)] == ["7 ELM ST"]
    listed = {
        (each.clinic_id is None, each.practice_location_id is None) for each in all_of(Listing)
    }
    assert listed == {(True, False), (False, True)}


def clinic_at(session, key: str) -> None:
    from directory.clinics.models import Clinic, ClinicProvider
    from directory.core.clock import utc_now

    clinic = Clinic(
        public_id="c1",
        name="Headache Clinic",
        address_key=key,
        line1="100 Main St",
        city="Austin",
        state="TX",
        zip_code="78701",
        latitude=30.27,
        longitude=-97.74,
        precision=Precision.ZIP,
        created_at=utc_now(),
        source=Source.OPERATOR,
        as_of=date(2026, 9, 1),
    )
    clinic.providers.append(ClinicProvider(npi=npi(1)))
    session.add(clinic)
