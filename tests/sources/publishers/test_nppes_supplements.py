"""The supplementary files of NPPES, in invented rows."""

import zipfile
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.core.db.database import db
from directory.providers.models import Endpoint, Fact, OtherName, PracticeLocation, Source
from directory.search.index.models import Listing
from directory.sources.loading.importer import Importer, Tally
from directory.sources.loading.pipeline import LoadOptions, load, load_all
from directory.sources.publishers.nppes import NPPES
from directory.sources.publishers.nppes_supplements import (
    NPPES_ENDPOINTS,
    NPPES_LOCATIONS,
    NPPES_NAMES,
)
from directory.sources.reading.errors import SourceFileError
from tests.sources.dumps import public_dump
from tests.sources.nppes_rows import V2_NAME, ZIP_NAME, as_csv, npi, organization, row, write

FULL, WEEKLY = "20050523-20260907", "20260921-20260927"
OCTOBER, BETWEEN = "20050523-20261012", "20050523-20260914"
# The blanks are as published.
LOCATION_HEADER = [
    "NPI",
    "Provider Secondary Practice Location Address- Address Line 1",
    "Provider Secondary Practice Location Address-  Address Line 2",
    "Provider Secondary Practice Location Address - City Name",
    "Provider Secondary Practice Location Address - State Name",
    "Provider Secondary Practice Location Address - Postal Code",
    "Provider Secondary Practice Location Address - Country Code (If outside U.S.)",
    "Provider Secondary Practice Location Address - Telephone Number",
    "Provider Secondary Practice Location Address - Telephone Extension",
    "Provider Practice Location Address - Fax Number",
]
NAME_HEADER = [
    "NPI",
    "Provider Other Organization Name",
    "Provider Other Organization Name Type Code",
    "Created Date",
]
# No sample is at hand; this is the published list of columns.
ENDPOINT_HEADER = [
    "NPI",
    "Endpoint Type",
    "Endpoint Type Description",
    "Endpoint",
    "Affiliation",
    "Endpoint Description",
    "Affiliation Legal Business Name",
    "Use Code",
    "Use Description",
    "Other Use Description",
    "Content Type",
    "Content Description",
    "Other Content Description",
    "Affiliation Address Line One",
    "Affiliation Address Line Two",
    "Affiliation Address City",
    "Affiliation Address State",
    "Affiliation Address Country",
    "Affiliation Address Postal Code",
]
KINDS = {
    NPPES_LOCATIONS: ("pl", LOCATION_HEADER),
    NPPES_NAMES: ("othername", NAME_HEADER),
    NPPES_ENDPOINTS: ("endpoint", ENDPOINT_HEADER),
}

pytestmark = pytest.mark.usefixtures("app")


def place(number: int = 1, line1: str = "7 Elm St", **values: str) -> list[str]:
    given = {
        "line2": "",
        "city": "Round Rock",
        "state": "TX",
        "zip": "786641234",
        "country": "US",
        "phone": "5125550144",
        "npi": npi(number),
        **values,
    }
    fields = [given[key] for key in ("npi", "line2", "city", "state", "zip", "country", "phone")]
    return [fields[0], line1, *fields[1:], "22", "5125550149"]


def name(text: str, kind: str = "3", number: int = 1) -> list[str]:
    return [npi(number), text, kind, "01/02/2020"]


def endpoint(kind: str, address: str, code: str = "", use: str = "", number: int = 1) -> list[str]:
    given = {
        "NPI": npi(number),
        "Endpoint Type": kind,
        "Endpoint Type Description": "In the words of the file",
        "Endpoint": address,
        "Use Code": code,
        "Use Description": use,
        "Affiliation Legal Business Name": "SOMEBODY ELSE, INC.",
        "Affiliation Address Line One": "9 HIDDEN LANE",
    }
    return [given.get(column, "") for column in ENDPOINT_HEADER]


def write_part(
    folder: Path, kind: Importer, rows: list[list[str]], span: str, header: list[str] | None = None
) -> Path:
    prefix, names = KINDS[kind]
    path = folder / f"{prefix}_pfile_{span}.csv"
    path.write_bytes(as_csv(rows, header or names))
    return path


@pytest.fixture
def load_part(tmp_path):
    """Load rows as a file of this kind and date, with two providers already loaded."""
    load(NPPES, write(tmp_path, [row(1), organization(2, "AUSTIN CLINIC, LLC")]), LoadOptions())

    def loader(kind: Importer, *rows: list[str], span: str = FULL) -> Tally:
        return load(kind, write_part(tmp_path, kind, list(rows), span), LoadOptions())

    return loader


def of(table, *, gone: bool = False):
    session = db.session()
    session.rollback()
    session.expire_all()
    source = [table.source != Source.NPPES] if issubclass(table, Fact) else []
    has_gone = [table.gone_on.is_not(None) if gone else table.gone_on.is_(None)]
    key = sa.inspect(table).primary_key
    return list(session.scalars(sa.select(table).where(*source, *has_gone).order_by(*key)))


def lines(*, gone: bool = False) -> list[str]:
    return [each.line1 for each in of(PracticeLocation, gone=gone)]


def listed_places() -> int:
    session = db.session()
    session.rollback()
    places = sa.select(sa.func.count(sa.distinct(Listing.place)))
    return session.scalar(places.where(Listing.npi == npi(1)))


def test_a_further_practice_location(load_part):
    tally = load_part(NPPES_LOCATIONS, place(line2="Suite 4"))

    (found,) = of(PracticeLocation)
    assert (found.line1, found.line2, found.city) == ("7 Elm St", "Suite 4", "Round Rock")
    assert (found.zip_code, found.phone) == ("78664", "(512) 555-0144")
    assert (found.source, found.as_of) == (Source.NPPES_LOCATIONS, date(2026, 9, 7))
    assert not found.is_primary
    assert (tally.counts["read"], tally.counts["new"]) == (1, 1)


def test_a_further_practice_location_is_found(load_part):
    assert listed_places() == 1

    load_part(NPPES_LOCATIONS, place())

    assert listed_places() == 2


def test_the_address_of_the_main_file_is_kept_but_listed_once(load_part):
    load_part(NPPES_LOCATIONS, place(line1="100 Main Street", city="Austin", zip="78701"))

    assert [each.is_duplicate for each in of(PracticeLocation)] == [True]
    assert listed_places() == 1


def test_fax_and_extension_are_not_stored(load_part):
    load_part(NPPES_LOCATIONS, place())

    (text,) = [each for each in public_dump()["practice_location"] if "7 Elm St" in each]
    assert "0149" not in text
    assert "22" not in text.split("(512)")[1]


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"country": "CA", "zip": "K1A0B1"}, "practice location outside the United States"),
        ({"zip": ""}, "no practice location: no street, city or ZIP code"),
        ({"line1": "<UNAVAIL>"}, "no practice location: no street, city or ZIP code"),
    ],
)
def test_an_incomplete_location_is_left_out(load_part, change, note):
    tally = load_part(NPPES_LOCATIONS, place(**change))

    assert lines() == []
    assert tally.notes == {note: 1}


@pytest.mark.parametrize(
    ("kind", "bad", "reason"),
    [
        (NPPES_LOCATIONS, place(npi="1234567890"), "the NPI is not ten digits"),
        (NPPES_LOCATIONS, place(line1="x" * 121), "the practice address is longer than 120"),
        (NPPES_LOCATIONS, place(line2="x" * 121), "the practice address is longer than 120"),
        (NPPES_LOCATIONS, place(city="x" * 81), "the city is longer than 80"),
        (NPPES_NAMES, name("A", "9"), "the Type Code '9' is none of 1 to 5"),
        (NPPES_NAMES, name("A", ""), "the Type Code '' is none of 1 to 5"),
        (NPPES_NAMES, name("x" * 301), "the other name is longer than 300"),
        (NPPES_ENDPOINTS, endpoint("FHIR", "x" * 301), "the Endpoint is longer than 300"),
        (NPPES_ENDPOINTS, endpoint("x" * 21, "a"), "the Endpoint Type is longer than 20"),
        (NPPES_ENDPOINTS, endpoint("FHIR", "a", "x" * 101), "the use of the endpoint is longer"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_reason_and_line(load_part, kind, bad, reason):
    good = {NPPES_LOCATIONS: place(), NPPES_NAMES: name("B"), NPPES_ENDPOINTS: endpoint("O", "b")}

    tally = load_part(kind, good[kind], bad)

    ((given, line),) = tally.first_lines.items()
    assert given.startswith(reason)
    assert (line, tally.bad, tally.counts["new"]) == (3, 1, 1)


@pytest.mark.parametrize(
    ("kind", "stranger"),
    [
        (NPPES_LOCATIONS, place(9)),
        (NPPES_NAMES, name("A", number=9)),
        (NPPES_ENDPOINTS, endpoint("FHIR", "a", number=9)),
    ],
)
def test_rows_about_unknown_providers_are_left_out(load_part, kind, stranger):
    tally = load_part(kind, stranger)

    assert tally.set_aside == {"nobody loaded here has this NPI": 1}
    assert tally.bad == tally.counts["new"] == 0


def test_other_names_of_organizations(load_part):
    rows = [name("Lakeside Pain Care"), name("Old Name LLC", "4"), name("Third", "5")]
    tally = load_part(NPPES_NAMES, *rows, name("Placeholder's", "1"), name("<UNAVAIL>"))

    names = {each.name: each.kind for each in of(OtherName)}
    assert names == {"Lakeside Pain Care": "3", "Old Name LLC": "4", "Third": "5"}
    assert tally.set_aside == {"the other name of a person": 1, "no other name is given": 1}
    assert tally.bad == 0


def test_old_files_of_names_have_three_columns(load_part, tmp_path):
    rows = [each[:3] for each in [name("A"), name("B", "4")]]
    path = write_part(tmp_path, NPPES_NAMES, rows, FULL, NAME_HEADER[:3])

    assert load(NPPES_NAMES, path, LoadOptions()).counts["new"] == 2


def test_of_two_rows_with_the_same_key_the_first_is_used(load_part):
    load_part(NPPES_NAMES, name("A", "4"), name("A", "3"))
    load_part(NPPES_LOCATIONS, place(phone="5125550150"), place(phone="5125550151"))

    assert [each.kind for each in of(OtherName)] == ["4"]
    assert [each.phone for each in of(PracticeLocation)] == ["(512) 555-0150"]


def test_endpoints(load_part):
    rows = [
        endpoint("DIRECT", "iris@direct.example.org", "DIRECT", "Direct"),
        endpoint("FHIR", "https://fhir.example.org/r4", "", "In our own words"),
        endpoint("CONNECT", "https://connect.example.org"),
        endpoint("FHIR", ""),
    ]
    tally = load_part(NPPES_ENDPOINTS, *rows)

    assert {(each.kind, each.address, each.use) for each in of(Endpoint)} == {
        ("DIRECT", "iris@direct.example.org", "DIRECT"),
        ("FHIR", "https://fhir.example.org/r4", "In our own words"),
        ("CONNECT", "https://connect.example.org", None),
    }
    assert tally.set_aside == {"no endpoint is given": 1}


def test_affiliations_of_endpoints_are_not_stored(load_part):
    load_part(NPPES_ENDPOINTS, endpoint("FHIR", "https://fhir.example.org"))

    stored = str(public_dump())
    assert "SOMEBODY ELSE" not in stored
    assert "HIDDEN LANE" not in stored


@pytest.mark.both_databases
@pytest.mark.parametrize("span", [FULL, WEEKLY])
@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (NPPES_LOCATIONS, [place(), place(line1="100 MAIN ST", city="Austin", zip="78701")]),
        (NPPES_NAMES, [name("A"), name("B", "4")]),
        (NPPES_ENDPOINTS, [endpoint("FHIR", "a"), endpoint("DIRECT", "b")]),
    ],
)
def test_loading_twice_changes_nothing(load_part, kind, rows, span):
    load_part(kind, *rows, span=span)
    before = public_dump()

    tally = load_part(kind, *rows, span=span)

    assert public_dump() == before
    assert (tally.counts["unchanged"], tally.counts["changed"]) == (2, 0)


def test_a_full_file_removes_missing_locations(load_part):
    load_part(NPPES_LOCATIONS, place(), place(2))

    tally = load_part(NPPES_LOCATIONS, place(2), place(2, "9 Oak St"), span=OCTOBER)

    assert [(each.line1, each.gone_on) for each in of(PracticeLocation, gone=True)] == [
        ("7 Elm St", date(2026, 10, 12))
    ]
    assert (tally.counts["new"], tally.counts["gone"], tally.counts["unchanged"]) == (1, 1, 1)
    assert listed_places() == 1


def test_a_full_file_without_relevant_rows_removes_all(load_part):
    load_part(NPPES_NAMES, name("A"))

    load_part(NPPES_NAMES, name("B", number=9), span=OCTOBER)

    assert of(OtherName) == []


@pytest.mark.both_databases
def test_a_restored_fact_is_no_longer_gone(load_part):
    load_part(NPPES_LOCATIONS, place(), place(2))
    load_part(NPPES_LOCATIONS, place(2), place(2, "9 Oak St"), span="20050523-20261012")

    load_part(NPPES_LOCATIONS, place(), place(2), span="20050523-20261109")

    assert lines() == ["7 Elm St", "7 Elm St"]
    assert listed_places() == 2


def test_a_weekly_file_is_complete_only_for_the_providers_it_names(load_part):
    load_part(NPPES_LOCATIONS, place(), place(line1="8 Elm St"), place(2, "9 Oak St"))

    load_part(NPPES_LOCATIONS, place(line1="8 Elm St"), place(line1="5 New St"), span=WEEKLY)

    assert set(lines()) == {"8 Elm St", "5 New St", "9 Oak St"}
    assert lines(gone=True) == ["7 Elm St"]
    assert listed_places() == 3


def test_a_weekly_file_removes_a_location_that_moved_abroad(load_part):
    load_part(NPPES_LOCATIONS, place())

    load_part(NPPES_LOCATIONS, place(country="CA"), span=WEEKLY)

    assert lines() == []
    assert listed_places() == 1


def test_an_older_release_changes_nothing(load_part):
    load_part(NPPES_LOCATIONS, place(), span=OCTOBER)
    before = public_dump()

    tally = load_part(NPPES_LOCATIONS, place(line1="3 Old St"))

    assert {**public_dump(), "release": []} == {**before, "release": []}
    assert tally.notes == {"a newer release is loaded: nothing to do": 1}


def test_a_newer_weekly_file_survives_an_older_full_one(load_part):
    load_part(NPPES_LOCATIONS, place(line1="4 Stays St"))
    load_part(NPPES_LOCATIONS, place(line1="4 Stays St"), place(phone="5125550150"), span=WEEKLY)

    load_part(NPPES_LOCATIONS, place(phone="5125550151"), span=BETWEEN)

    assert {each.line1: each.phone for each in of(PracticeLocation)} == {
        "4 Stays St": "(512) 555-0144",
        "7 Elm St": "(512) 555-0150",
    }


def test_the_main_file_does_not_remove_secondary_locations(load_part, tmp_path):
    load_part(NPPES_LOCATIONS, place())

    moved = row(1, updated="09/20/2026", line1="1 OTHER ST")
    load(NPPES, write(tmp_path, [moved], f"npidata_pfile_{WEEKLY}.csv"), LoadOptions())

    assert lines() == ["7 Elm St"]
    assert listed_places() == 2


def test_all_members_of_the_published_zip_are_loaded_in_one_step(tmp_path):
    path = tmp_path / ZIP_NAME
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(V2_NAME, as_csv([row(1)]))
        archive.writestr(f"pl_pfile_{FULL}.csv", as_csv([place()], LOCATION_HEADER))
        archive.writestr(f"pl_pfile_{FULL}_fileheader.csv", as_csv([], LOCATION_HEADER))
        archive.writestr(f"othername_pfile_{FULL}.csv", as_csv([name("A")], NAME_HEADER))
        rows = [endpoint("FHIR", "https://fhir.example.org")]
        archive.writestr(f"endpoint_pfile_{FULL}.csv", as_csv(rows, ENDPOINT_HEADER))

    tallies = load_all((NPPES, *KINDS), path, LoadOptions())

    assert [tally.counts["new"] for tally in tallies] == [1, 1, 1, 1]
    assert {tally.released_on for tally in tallies} == {date(2026, 9, 7)}
    assert listed_places() == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("wreck", "sentence"),
    [
        (
            lambda rows: [[*rows[0][:1], "Other", *rows[0][2:]], rows[1]],
            ":1: found a header without",
        ),
        (lambda rows: [rows[0], rows[1][:-1]], ":2: found"),
        (lambda rows: [rows[0], [*rows[1], "more"]], ":2: found"),
        (lambda rows: rows[:1], ":2: found no rows below the header"),
    ],
    ids=["missing", "short", "long", "empty"],
)
def test_a_bad_file_changes_nothing(load_part, tmp_path, kind, wreck, sentence):
    good = {NPPES_LOCATIONS: place(), NPPES_NAMES: name("B"), NPPES_ENDPOINTS: endpoint("O", "b")}
    load_part(kind, good[kind])
    before = public_dump()
    header, *rows = wreck([KINDS[kind][1], good[kind]])
    path = write_part(tmp_path, kind, rows, OCTOBER, header)

    with pytest.raises(SourceFileError) as caught:
        load(kind, path, LoadOptions())

    assert str(caught.value).startswith(f"{path.name}{sentence}")
    assert public_dump() == before
