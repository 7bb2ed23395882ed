"""Doctors and clinicians: persons, their groups and their locations."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.core.db.database import db, writing
from directory.providers.models import Clinician, GroupPractice, PracticeLocation, Source
from directory.search.index.models import Listing
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.clinicians import CLINICIANS, release_of_archive
from directory.sources.reading.errors import SourceFileError
from tests.factories import make_location, make_provider
from tests.sources.dumps import public_dump
from tests.sources.nppes_rows import npi

TODAYS = {
    "npi": "NPI",
    "pac": "Ind_PAC_ID",
    "last": "Provider Last Name",
    "school": "Med_sch",
    "graduated": "Grd_yr",
    "specialty": "pri_spec",
    "telehealth": "Telehlth",
    "group": "Facility Name",
    "group_id": "org_pac_id",
    "members": "num_org_mem",
    "line1": "adr_ln_1",
    "line2": "adr_ln_2",
    "is_cut": "ln_2_sprs",
    "city": "City/Town",
    "state": "State",
    "zip": "ZIP Code",
    "phone": "Telephone Number",
}
_NEWER = {"last", "telehealth", "group", "city", "state", "zip", "phone"}
OF_2021 = {
    **{key: name for key, name in TODAYS.items() if key not in _NEWER},
    "last": "lst_nm",
    "group": "org_nm",
    "city": "cty",
    "state": "st",
    "zip": "zip",
    "phone": "phn_numbr",
    "hospital": "hosp_afl_lbn_1",
}
_FILLED = {
    "pac": "9912345678",
    "last": "HARTWELL",
    "school": "SAMPLE UNIVERSITY SCHOOL OF MEDICINE",
    "graduated": "1998",
    "specialty": "NEUROLOGY",
    "telehealth": "Y",
    "group": "LAKESHORE HEADACHE CENTER",
    "group_id": "42100321",
    "members": "14",
    "line1": "100 MAIN STREET",
    "line2": "SUITE 3",
    "city": "AUSTIN",
    "state": "TX",
    "zip": "787011234",
    "phone": "5125550142",
    "hospital": "SAMPLE HOSPITAL",
}
_ALONE = {"group": "", "group_id": "", "members": ""}
NAME = "DAC_NationalDownloadableFile.csv"
JULY, AUGUST, SEPTEMBER = (date(2026, month, 1) for month in (7, 8, 9))


def row(number: int, **values: str) -> dict[str, str]:
    return {**_FILLED, "npi": npi(number), **values}


def text(rows, names=TODAYS, between=",") -> str:
    lines = [names.values(), *([each.get(key, "") for key in names] for each in rows)]
    return "".join(f"{between.join(line)}\n" for line in lines)


def write(folder: Path, rows, name=NAME, names=TODAYS) -> Path:
    file = folder / name
    file.write_text(text(rows, names))
    return file


def loaded(folder: Path, rows, released_on=AUGUST, **options):
    file = write(folder, rows, **options)
    return load(CLINICIANS, file, LoadOptions(released_on=released_on, accepts_shrink=True))


def stored(*columns):
    """Return these columns of the current rows of this source."""
    session, model = db.session(), columns[0].class_
    session.rollback()
    statement = sa.select(*columns).where(
        model.source == Source.CLINICIANS, model.gone_on.is_(None)
    )
    return [tuple(each) for each in session.execute(statement.order_by(*columns))]


@pytest.fixture(autouse=True)
def providers(app):
    """Three loaded people, listed at another location."""
    with writing() as session:
        for number in (1, 2, 3):
            make_location(session, make_provider(session, npi=npi(number)))


def test_a_group_becomes_a_clinic_and_its_members_practice_there(tmp_path):
    loaded(tmp_path, [row(1), row(2, line1="100 Main St"), row(9)])

    at = GroupPractice
    (group,) = stored(at.group_id, at.address_key, at.name, at.phone, at.member_count)
    assert group == (
        *("0042100321", "78701 100 main st"),
        *("LAKESHORE HEADACHE CENTER", "(512) 555-0142", 14),
    )
    at = PracticeLocation
    places = stored(at.npi, at.group_id, at.name, at.address_key, at.is_primary, at.zip_code)
    assert places == [
        (npi(number), *group[:1], group[2], group[1], False, "78701") for number in (1, 2)
    ]


def test_a_place_is_searched_under_the_name_of_the_group(tmp_path):
    loaded(tmp_path, [row(1)])

    at = PracticeLocation
    statement = sa.select(at.name).join(Listing, Listing.place == at.id)
    names = db.session().scalars(statement.where(Listing.npi == npi(1))).all()
    assert "LAKESHORE HEADACHE CENTER" in names
    assert all(each[0] for each in stored(at.latitude))


def test_without_a_group_it_is_the_persons_own_practice(tmp_path):
    loaded(tmp_path, [row(1, **_ALONE)])

    assert stored(PracticeLocation.name, PracticeLocation.group_id) == [(None, None)]
    assert stored(GroupPractice.name) == []


def test_a_row_with_group_and_phone_is_preferred(tmp_path):
    rows = [row(1, **_ALONE), row(1, phone=""), row(1), row(1, group="ANOTHER", group_id="7")]

    loaded(tmp_path, rows)

    at = PracticeLocation
    assert stored(at.name, at.phone) == [("LAKESHORE HEADACHE CENTER", "(512) 555-0142")]
    assert len(stored(GroupPractice.name)) == 2


def test_the_layout_of_2021_is_read(tmp_path):
    rows = [
        row(1, group=" LAKESHORE HEADACHE CENTER", school=" OTHER", city=" BOSTON", zip="21144321")
    ]
    names = {key: f" {name}" if key != "npi" else name for key, name in OF_2021.items()}

    loaded(tmp_path, rows, names=names)

    at = PracticeLocation
    assert stored(at.name, at.city, at.zip_code) == [
        ("LAKESHORE HEADACHE CENTER", "BOSTON", "02114")
    ]
    at = Clinician
    assert stored(at.graduation_year, at.school, at.telehealth) == [(1998, None, None)]


@pytest.mark.parametrize(
    ("zip_code", "kept"), [("787011234", "78701"), ("682", "00682"), ("6821", "06821")]
)
def test_leading_zeros_of_zip_codes_are_restored(tmp_path, zip_code, kept):
    loaded(tmp_path, [row(1, zip=zip_code)])

    assert stored(PracticeLocation.zip_code) == [(kept,)]


@pytest.mark.parametrize(
    ("answers", "kept"),
    [(["Y"], True), ([""], None), (["", "Y"], True), (["N"], False), (["N", "y"], True)],
)
def test_telehealth_is_known_if_any_row_has_it(tmp_path, answers, kept):
    loaded(tmp_path, [row(1, telehealth=each, line1=f"{each} 1 ELM") for each in answers])

    assert stored(Clinician.telehealth) == [(kept,)]


@pytest.mark.parametrize(
    ("year", "kept"), [("1998", 1998), ("2026", 2026), ("2027", None), ("1899", None), ("", None)]
)
def test_an_impossible_year_is_unknown(tmp_path, year, kept):
    loaded(tmp_path, [row(1, graduated=year)])

    assert stored(Clinician.graduation_year) == [(kept,)]


def test_missing_values_are_filled_from_other_rows(tmp_path):
    loaded(tmp_path, [row(1, school="", graduated=""), row(1, line1="2 ELM ST")])

    assert stored(Clinician.graduation_year, Clinician.school) == [(1998, _FILLED["school"])]


def test_a_suppressed_second_line_is_not_shown(tmp_path):
    loaded(tmp_path, [row(1, is_cut="Y"), row(2)])

    assert stored(PracticeLocation.npi, PracticeLocation.line2) == [
        (npi(1), None),
        (npi(2), "SUITE 3"),
    ]


def test_empty_rows_and_unknown_people_are_counted_and_set_aside(tmp_path):
    tally = loaded(tmp_path, [row(1), row(9), {}, {}, {}])

    assert tally.set_aside == {"an empty row": 3, "nobody loaded here has this NPI": 1}
    assert (tally.bad, stored(Clinician.npi)) == (0, [(npi(1),)])


def test_names_specialties_and_hospitals_are_not_stored(tmp_path):
    loaded(tmp_path, [row(1)], names={**OF_2021, "fax": "Fax"})

    for word in ("HARTWELL", "SAMPLE HOSPITAL", "NEUROLOGY", "9912345678"):
        assert word not in str(public_dump())


@pytest.mark.both_databases
def test_loading_twice_changes_nothing(tmp_path):
    suites = [row(2, line1=f"100 MAIN ST STE {each}") for each in range(3)]
    rows = [row(1), row(1, **_ALONE), *suites]
    loaded(tmp_path, rows)
    before = public_dump()

    tally = loaded(tmp_path, rows)

    assert public_dump() == before
    assert (tally.counts["new"], tally.counts["changed"], tally.counts["gone"]) == (0, 0, 0)


@pytest.mark.both_databases
def test_a_location_is_removed_and_restored_with_its_listing(tmp_path):
    def listings():
        statement = sa.select(sa.func.count()).select_from(Listing).where(Listing.npi == npi(1))
        return db.session().scalar(statement)

    both = [row(1), row(1, line1="2 ELM ST", city="EVANSTON", state="IL", zip="602011234"), row(2)]
    loaded(tmp_path, both, JULY)
    at_first = listings()
    tally = loaded(tmp_path, [both[0], both[2]], AUGUST)
    # The place, and the group there.
    assert (tally.counts["gone"], tally.counts["unchanged"]) == (2, 5)
    assert listings() < at_first

    loaded(tmp_path, both, SEPTEMBER)

    assert listings() == at_first
    assert len(stored(PracticeLocation.npi)) == 3


def test_a_full_release_without_loaded_providers_removes_all(tmp_path):
    loaded(tmp_path, [row(1)], JULY)

    loaded(tmp_path, [row(9)], AUGUST)

    for column in (PracticeLocation.npi, GroupPractice.name, Clinician.npi):
        assert stored(column) == []


def test_an_older_release_changes_nothing(tmp_path):
    loaded(tmp_path, [row(1)], AUGUST)
    before = {**public_dump(), "release": []}

    tally = loaded(tmp_path, [row(1, phone="5125550199"), row(2)], JULY)

    assert {**public_dump(), "release": []} == before
    assert tally.notes == {"a newer release is loaded: nothing to do": 1}


def test_an_extract_removes_nothing_and_survives_an_older_release(tmp_path):
    loaded(tmp_path, [row(1), row(2)], JULY)
    loaded(tmp_path, [row(2, phone="5125550199"), row(3)], SEPTEMBER, name="texas.csv")

    loaded(tmp_path, [row(1), row(2)], AUGUST)

    at = PracticeLocation
    phones = [(npi(1), "0142"), (npi(2), "0199"), (npi(3), "0142")]
    assert stored(at.npi, at.phone) == [(each, f"(512) 555-{last}") for each, last in phones]


@pytest.mark.parametrize(
    ("name", "released_on", "is_full"),
    [
        (NAME, None, True),
        ("Physician_Compare_National_Downloadable_File.csv", None, True),
        (f"doctors_and_clinicians_09_2026.zip/{NAME}", date(2026, 9, 1), True),
        ("doctors_and_clinicians_current_data.zip", None, False),
        ("texas.csv", None, False),
    ],
)
def test_the_release_is_parsed_from_the_name(name, released_on, is_full):
    assert (release_of_archive(name), CLINICIANS.is_full(name)) == (released_on, is_full)


GOOD = [row(1), row(2)]
LONG = "A" * 301


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (text(GOOD, {**TODAYS, "zip": "Postcode"}), ":1: found a header without it, expected a"),
        (text(GOOD) + "1,2,3\n", ":4: found 3 columns, expected 17 as in the header."),
        (text(GOOD)[:-30], ":3: found a file that is cut off within this row"),
        (text(GOOD) + '"open\n', ":4: found a quote that is never closed"),
        (text([row(1, npi="1234567890")]), "(the NPI is not ten digits with a right check digit)"),
        (text([row(1, group_id="N42")]), "(the org_pac_id 'N42' is not up to ten digits)"),
        (text([row(1, group=LONG)]), "(the group practice's name is longer than 300 characters)"),
        (text([row(1, line1=LONG)]), "(the practice address is longer than 120 characters)"),
    ],
    ids=["missing", "ragged", "cut", "quote", "npi", "group", "name", "address"],
)
def test_a_bad_file_changes_nothing(tmp_path, content, sentence):
    loaded(tmp_path, GOOD)
    before = public_dump()
    bad = tmp_path / NAME
    bad.write_text(content)

    with pytest.raises(SourceFileError) as caught:
        load(CLINICIANS, bad, LoadOptions(released_on=SEPTEMBER))

    assert str(caught.value).startswith(NAME + ":")
    assert sentence in str(caught.value)
    assert public_dump() == before
