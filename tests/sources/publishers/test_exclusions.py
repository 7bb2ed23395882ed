"""The federal exclusion list: entries, reinstatements, and data that is never stored."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.core.db.database import db
from directory.providers.models import Exclusion, Release, Source
from directory.providers.queries import find_exclusion
from directory.search.index.models import Listing
from directory.sources.loading.importer import Tally
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.exclusions import EXCLUSIONS
from directory.sources.publishers.nppes import NPPES
from directory.sources.reading.errors import SourceFileError
from tests.sources.dumps import public_dump
from tests.sources.nppes_rows import npi, row
from tests.sources.nppes_rows import write as write_nppes

HEADER = [
    *("LASTNAME", "FIRSTNAME", "MIDNAME", "BUSNAME", "GENERAL", "SPECIALTY", "UPIN", "NPI", "DOB"),
    *("ADDRESS", "CITY", "STATE", "ZIP", "EXCLTYPE", "EXCLDATE", "REINDATE"),
    *("WAIVERDATE", "WVRSTATE"),
]
PERSON = {
    "LASTNAME": "HARTWELL",
    "FIRSTNAME": "IRIS",
    "MIDNAME": "ANN ",
    "GENERAL": "DOCTOR(MD, DO)",
    "NPI": npi(1),
    "DOB": "19610203",
    "ADDRESS": "9 HIDDEN LN",
    "CITY": "AUSTIN",
    "STATE": "TX",
    "ZIP": "78701",
    "EXCLTYPE": "1128b4",
    "EXCLDATE": "20260420",
    "REINDATE": "00000000",
    "WAIVERDATE": "00000000",
}
FULL = "UPDATED_2026-05.csv"
LATER_FULL = "UPDATED_2026-09.csv"
APRIL, JULY = "2604EXCL.csv", "2607REIN.csv"
BACK = {"REINDATE": "20260720"}

pytestmark = pytest.mark.usefixtures("app")


def person(**values: str) -> dict[str, str]:
    """Return the complete row of a person."""
    return {**PERSON, **values}


def nameless(**values: str) -> dict[str, str]:
    """Return the row of a person without an NPI."""
    return person(NPI="0000000000", **values)


def write(folder: Path, name: str, *rows: dict[str, str], quoted: bool = True) -> Path:
    text = io.StringIO()
    lines = [[each.get(column, "") for column in HEADER] for each in rows]
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(text, quoting=quoting, lineterminator="\n").writerows([HEADER, *lines])
    path = folder / name
    path.write_text(text.getvalue())
    return path


@pytest.fixture
def load_rows(tmp_path):
    """Load rows as a file of this name and return the tally."""

    def loader(name: str, *rows: dict[str, str], accepts_shrink: bool = True) -> Tally:
        path = write(tmp_path, name, *rows)
        return load(EXCLUSIONS, path, LoadOptions(accepts_shrink=accepts_shrink))

    return loader


@pytest.fixture
def listed(tmp_path):
    """Load a person in Texas who may match entries."""
    load(NPPES, write_nppes(tmp_path, [row(1)]), LoadOptions())


def entries() -> list[Exclusion]:
    session = db.session()
    session.rollback()
    session.expire_all()
    return list(session.scalars(sa.select(Exclusion).order_by(Exclusion.excluded_on)))


def is_excluded() -> bool:
    db.session().rollback()
    return find_exclusion(db.session(), npi(1)) is not None


def is_listed() -> bool:
    db.session().rollback()
    return db.session().scalar(sa.select(sa.exists().where(Listing.npi == npi(1)))) or False


def test_a_complete_entry(load_rows):
    load_rows(FULL, person())

    (entry,) = entries()
    assert (entry.last_name, entry.first_name, entry.state) == ("HARTWELL", "IRIS", "TX")
    assert (entry.npi, entry.exclusion_type) == (npi(1), "1128b4")
    assert (entry.excluded_on, entry.reinstated_on) == (date(2026, 4, 20), None)
    assert (entry.source, entry.as_of) == (Source.EXCLUSIONS, date(2026, 5, 1))


def test_neither_birth_nor_street_is_stored(load_rows):
    load_rows(FULL, person(), nameless(LASTNAME="OTHER", DOB="02/03/61"))

    stored = str(public_dump()["exclusion"])
    for secret in ("19610203", "1961", "02/03/61", "HIDDEN", "78701", "AUSTIN"):
        assert secret not in stored


def test_an_npi_on_the_list_is_no_longer_listed(listed, load_rows):
    assert is_listed()

    load_rows(FULL, person())

    assert is_excluded()
    assert not is_listed()


def test_the_list_may_be_loaded_before_the_providers(load_rows, tmp_path):
    load_rows(FULL, person())

    load(NPPES, write_nppes(tmp_path, [row(1)]), LoadOptions())

    assert len(entries()) == 1
    assert not is_listed()


def test_the_header_may_be_quoted_or_not(tmp_path):
    path = write(tmp_path, FULL, person(), quoted=False)

    assert load(EXCLUSIONS, path, LoadOptions()).counts["new"] == 1


def test_an_unknown_npi_is_stored_as_none_and_hides_no_provider(listed, load_rows):
    load_rows(FULL, nameless())

    assert entries()[0].npi is None
    assert is_listed()


def test_an_invalid_npi_is_stored_as_none(load_rows):
    tally = load_rows(FULL, person(NPI="1234567890"))

    assert entries()[0].npi is None
    assert tally.notes == {"the NPI is not ten digits with a right check digit": 1}


def test_a_truncated_business_name_is_kept(load_rows):
    load_rows(FULL, {**person(BUSNAME="MEDLINK PROFESSIONAL MANAGEMEN"), "LASTNAME": ""})

    assert entries()[0].business_name == "MEDLINK PROFESSIONAL MANAGEMEN"


@pytest.mark.both_databases
def test_loading_twice_changes_nothing(listed, load_rows):
    rows = [person(), nameless(LASTNAME="OTHER"), nameless(LASTNAME="OTHER", DOB="19700101")]
    load_rows(FULL, *rows)
    before = public_dump()

    tally = load_rows(FULL, *rows)

    assert public_dump() == before
    assert (tally.counts["unchanged"], tally.counts["changed"], tally.counts["new"]) == (2, 0, 0)


@pytest.mark.both_databases
def test_an_npi_removed_from_the_list_is_no_longer_excluded(listed, load_rows):
    load_rows(FULL, person(), nameless(LASTNAME="OTHER"))

    tally = load_rows(LATER_FULL, nameless(LASTNAME="OTHER"))

    assert tally.counts["gone"] == 1
    assert is_listed()
    assert not is_excluded()
    assert [each.gone_on for each in entries() if each.npi] == [date(2026, 9, 1)]


@pytest.mark.both_databases
def test_an_npi_added_back_to_the_list_is_excluded_again(listed, load_rows):
    load_rows("UPDATED_2026-05.csv", person())
    load_rows("UPDATED_2026-06.csv", nameless(LASTNAME="OTHER"))

    load_rows("UPDATED_2026-07.csv", person(), nameless(LASTNAME="OTHER"))

    assert is_excluded()
    assert not is_listed()


def test_an_older_list_after_a_newer_one_does_nothing(listed, load_rows):
    load_rows(LATER_FULL, nameless(LASTNAME="OTHER"))
    before = public_dump()

    tally = load_rows(FULL, person())

    assert tally.notes == {"a newer release is loaded: nothing to do": 1}
    after = public_dump()
    assert {**after, "release": []} == {**before, "release": []}


def test_a_supplement_adds_to_the_list(listed, load_rows):
    load_rows(FULL, nameless(LASTNAME="OTHER"))

    load_rows("2605EXCL.csv", person())

    assert len([each for each in entries() if each.gone_on is None]) == 2
    assert not is_listed()


def test_a_supplement_that_the_list_contains_already_does_nothing(listed, load_rows):
    load_rows(LATER_FULL, nameless(LASTNAME="OTHER"))

    load_rows("2608EXCL.csv", person())

    assert is_listed()


def test_a_newer_supplement_survives_an_older_list(listed, load_rows):
    load_rows("2605EXCL.csv", person())

    load_rows(FULL, nameless(LASTNAME="OTHER"))

    assert is_excluded()


def test_a_reinstatement_lifts_the_exclusion(listed, load_rows):
    load_rows(FULL, person())

    load_rows(JULY, person(**BACK, MIDNAME="Ann", ADDRESS="ELSEWHERE", STATE="OK"))

    assert [each.reinstated_on for each in entries()] == [date(2026, 7, 20)]
    assert not is_excluded()
    assert is_listed()


@pytest.mark.parametrize("known", [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize("is_first", [True, False])
def test_supplements_may_come_in_any_order(listed, load_rows, known, is_first):
    """Whether the list knew the NPI when it excluded, when it reinstated, or both times."""
    numbers = [npi(1) if each else "0000000000" for each in known]
    files = [(APRIL, person(NPI=numbers[0])), (JULY, person(**BACK, NPI=numbers[1]))]

    for name, given in files if is_first else reversed(files):
        load_rows(name, given)

    assert [each.reinstated_on for each in entries()] == [date(2026, 7, 20)]
    assert is_listed()


@pytest.mark.parametrize("names", [("2607EXCL.csv", JULY), (JULY, "2607EXCL.csv")])
def test_excluded_and_reinstated_in_one_month_is_reinstated(listed, load_rows, names):
    for name in names:
        load_rows(name, person(**(BACK if name == JULY else {})))

    assert is_listed()


def test_a_reinstatement_survives_an_older_list(listed, load_rows):
    load_rows(JULY, person(**BACK))

    load_rows(FULL, person())

    assert is_listed()


def test_a_reinstatement_of_another_person_with_the_name_lifts_nothing(listed, load_rows):
    load_rows(FULL, person(), person(NPI=npi(2)), nameless())

    load_rows(JULY, person(**BACK, NPI=npi(2)), nameless(**BACK))

    assert is_excluded()
    assert [each.reinstated_on is None for each in entries() if each.npi == npi(1)] == [True]


def test_two_people_with_the_same_name_are_two_entries(listed, load_rows):
    load_rows(FULL, nameless(), person(), person(NPI=npi(2)))

    assert {each.npi for each in entries()} == {None, npi(1), npi(2)}


def test_a_later_list_that_learned_the_npi_replaces_the_entry(listed, load_rows):
    load_rows(FULL, nameless())

    load_rows(LATER_FULL, person())

    assert [each.npi for each in entries() if each.gone_on is None] == [npi(1)]
    assert is_excluded()


def test_a_new_exclusion_after_a_reinstatement_counts(listed, load_rows):
    load_rows(JULY, person(**BACK))

    load_rows("2608EXCL.csv", person(EXCLDATE="20260820"))

    assert not is_listed()


@pytest.mark.parametrize(
    ("waived", "state", "is_seen"),
    [("20260501", "TX", True), ("20260501", "OK", False), ("00000000", "TX", False)],
)
def test_a_waiver_lifts_it_in_its_state_only(listed, load_rows, waived, state, is_seen):
    load_rows(FULL, person(WAIVERDATE=waived, WVRSTATE=state))

    assert is_listed() is is_seen


def test_a_waiver_of_one_entry_does_not_lift_another(listed, load_rows):
    waived = person(WAIVERDATE="20260501", WVRSTATE="TX")

    load_rows(FULL, waived, person(EXCLTYPE="1128a1"))

    assert not is_listed()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"LASTNAME": ""}, "there is no name"),
        ({"LASTNAME": "x" * 101}, "the LASTNAME is longer than 100 characters"),
        ({"EXCLTYPE": ""}, "there is no EXCLTYPE"),
        ({"EXCLDATE": "00000000"}, "there is no EXCLDATE"),
        ({"EXCLDATE": "20260231"}, "the EXCLDATE '20260231' is not a day written YYYYMMDD"),
        ({"REINDATE": "2026"}, "the REINDATE '2026' is not a day written YYYYMMDD"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_reason_and_line(load_rows, change, reason):
    tally = load_rows(FULL, person(), person(**change))

    assert len(entries()) == 1
    ((given, line),) = tally.first_lines.items()
    assert given.startswith(reason)
    assert line == 3


def test_a_reinstatement_without_a_day_is_no_exclusion(listed, load_rows):
    with pytest.raises(SourceFileError, match="a reinstatement without its REINDATE"):
        load_rows(JULY, person())


def test_a_missing_column_is_named(tmp_path):
    path = write(tmp_path, FULL, person())
    path.write_text(path.read_text().replace("WVRSTATE", "OTHER"))

    with pytest.raises(SourceFileError, match=r"UPDATED_2026-05\.csv:1: .*'WVRSTATE'"):
        load(EXCLUSIONS, path, LoadOptions())


def test_a_ragged_row_is_refused_with_its_line(listed, load_rows, tmp_path):
    load_rows(FULL, person())
    before = public_dump()
    path = write(tmp_path, LATER_FULL, person(), person())
    path.write_text(path.read_text() + '"HARTWELL","IRIS"\n')

    with pytest.raises(SourceFileError, match=r"UPDATED_2026-09\.csv:4:"):
        load(EXCLUSIONS, path, LoadOptions())

    assert public_dump() == before


def test_a_truncated_list_ends_no_exclusion(listed, load_rows):
    load_rows(FULL, person(), *(nameless(LASTNAME=f"OTHER{each}") for each in "ABCDEFGHIJ"))

    with pytest.raises(SourceFileError, match="--accept-shrink"):
        load_rows(LATER_FULL, nameless(LASTNAME="OTHERA"), accepts_shrink=False)

    assert is_excluded()


@pytest.mark.parametrize(
    ("name", "day", "is_full"),
    [
        ("UPDATED.csv", None, True),
        ("updated_2026-08.csv", date(2026, 8, 1), True),
        ("1602EXCL.csv", date(2016, 2, 29), False),
        ("1612rein.csv", date(2016, 12, 31), False),
        ("1613EXCL.csv", None, False),
        ("leie.zip/UPDATED.csv", None, True),
        ("other.csv", None, False),
    ],
)
def test_release_day_and_kind_are_parsed_from_the_name(name, day, is_full):
    assert (EXCLUSIONS.find_release(name), EXCLUSIONS.is_full(name)) == (day, is_full)


def test_the_release_is_recorded(load_rows):
    load_rows(FULL, person())

    release = db.session().scalars(sa.select(Release)).one()
    assert (release.source, release.is_full, release.rows) == (Source.EXCLUSIONS, True, 1)
