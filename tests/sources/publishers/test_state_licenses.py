"""State license files: which licenses get a status."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.core.db.database import db
from directory.providers.models import License, LicenseStatus, Release, Source
from directory.sources.loading.importer import Tally
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.nppes import NPPES
from directory.sources.publishers.state_license_layouts import LAYOUTS, Layout
from directory.sources.publishers.state_licenses import UnknownStateError, license_importer
from directory.sources.reading.errors import SourceFileError
from tests.sources.dumps import public_dump
from tests.sources.nppes_rows import row
from tests.sources.nppes_rows import write as write_nppes

ACTIVE, EXPIRED = LicenseStatus.ACTIVE, LicenseStatus.EXPIRED
NEUROLOGY, PAIN, FAMILY = "2084N0400X", "2084P2900X", "207Q00000X"
JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)
SEPTEMBER = date(2026, 9, 1)
NOBODY = "no license loaded here has this number and last name"

WASHINGTON = {
    "CredentialNumber": "MD60958305",
    "LastName": "Hartwell",
    "FirstName": "Iris",
    "BirthYear": "1961",
    "Status": "ACTIVE",
    "FirstIssueDate": "20190617",
    "ExpirationDate": "20270617",
    "ActionTaken": "No",
}
CALIFORNIA = {
    "license_number": "60958305",
    "org_or_last_name": "HARTWELL",
    "license_status": "Current",
    "original_issue_date": "06-17-2019",
    "expiration_date": "06-17-2027",
    "address_line_1": "9 HIDDEN LN",
    "address_line1": "",
    "original_isuue_date": "",
}
MASSACHUSETTS = {
    "licensee_name": "Iris Ann Hartwell",
    "license_number": "60958305",
    "status": "Current",
    "issue_date": "June 17, 2019",
    "expiration_date": "June 17, 2027",
    "compliance_actions": "[]",
    "fines": "[]",
}
COLORADO = {
    "lastName": "Hartwell",
    "licenseType": "DR",
    "licenseNumber": "60958305",
    "licenseStatusDescription": "Active",
    "licenseFirstIssueDate": "06/17/2019",
    "licenseExpirationDate": "06/17/2027",
    "programAction": "",
}
TEXAS = {
    "Last Name": "HARTWELL",
    "License Number": "M60958305",
    "Registration Status": "ACTIVE",
    "License Status": "NONE",
    "Disciplinary Status": "NONE",
    "License Expiration Date": "06/17/2027",
}
FLORIDA = {
    "last_name": "HARTWELL",
    "rank_code": "ME",
    "license_number": "60958305",
    "license_status_description": "CLEAR",
    "license_active_status_description": "ACTIVE",
    "original_date": "06/17/2019",
    "expire_date": "06/17/2027",
    "board_action_indicator": "N",
}
ROWS = {
    "WA": WASHINGTON,
    "CA": CALIFORNIA,
    "MA": MASSACHUSETTS,
    "CO": COLORADO,
    "TX": TEXAS,
    "FL": FLORIDA,
}

pytestmark = pytest.mark.usefixtures("app")


def write(path: Path, rows: tuple[dict[str, str], ...], delimiter: str = ",") -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue())
    return path


@pytest.fixture
def load_rows(tmp_path):
    """Load rows as a state's file of this day; return the tally."""

    def loader(
        *rows: dict[str, str], state: str = "WA", day: date = AUGUST, is_full: bool = False
    ) -> Tally:
        delimiter = "|" if state == "FL" else ","
        path = write(tmp_path / "licenses.csv", rows, delimiter)
        options = LoadOptions(released_on=day, is_full=is_full, part=state, accepts_shrink=True)
        return load(license_importer(state), path, options)

    return loader


@pytest.fixture
def load_people(tmp_path):
    """Load people with their licenses: number by number, of one state."""

    def loader(*people: tuple[str, str], state: str = "WA", name: str = "first") -> None:
        rows = [
            row(number, last=last, taxonomies=[(NEUROLOGY, text, state, "Y")])
            for number, (last, text) in enumerate(people, 1)
        ]
        path = write_nppes(tmp_path, rows, f"{name}.csv")
        load(NPPES, path, LoadOptions(released_on=date(2026, 1, 1)))

    return loader


@pytest.fixture
def hartwell(load_people):
    load_people(("HARTWELL", "MD60958305"))


def licenses() -> list[License]:
    session = db.session()
    session.rollback()
    session.expire_all()
    key = (License.npi, License.state, License.number, License.taxonomy_code)
    return list(session.scalars(sa.select(License).order_by(*key)))


def statuses() -> list[LicenseStatus | None]:
    return [each.status for each in licenses()]


def washington(**values: str) -> dict[str, str]:
    """Return a row of Washington's file."""
    return {**WASHINGTON, **values}


@pytest.mark.parametrize("state", ROWS)
def test_the_status_of_a_loaded_license(load_people, load_rows, state):
    load_people(("HARTWELL", "60958305"), state=state)

    load_rows(ROWS[state], state=state)

    (found,) = licenses()
    assert (found.status, found.status_checked_on) == (ACTIVE, AUGUST)
    assert found.expires_on == date(2027, 6, 17)
    assert found.first_issued_on == (None if state == "TX" else date(2019, 6, 17))
    assert found.has_board_action is (None if state == "CA" else False)
    assert (found.source, found.as_of) == (Source.NPPES, date(2026, 1, 1))


def test_a_license_under_two_specialties_is_one_license(tmp_path, load_rows):
    slots = [(NEUROLOGY, "MD60958305", "WA", "Y"), (PAIN, "MD60958305", "WA", "N")]
    load(NPPES, write_nppes(tmp_path, [row(1, taxonomies=slots)]), LoadOptions())

    load_rows(washington())

    assert statuses() == [ACTIVE, ACTIVE]


def test_other_columns_are_not_stored(hartwell, load_people, load_rows):
    load_people(("HARTWELL", "60958305"), state="CA", name="second")
    load_rows(washington())
    load_rows(CALIFORNIA, state="CA")

    stored = str(public_dump())
    for secret in ("1961", "HIDDEN"):
        assert secret not in stored


@pytest.mark.both_databases
def test_loading_twice_changes_nothing(hartwell, load_rows):
    load_rows(washington(), is_full=True)
    before = public_dump()

    tally = load_rows(washington(), is_full=True)

    assert public_dump() == before
    assert (tally.counts["new"], tally.counts["changed"], tally.counts["unchanged"]) == (0, 0, 1)


@pytest.mark.parametrize(
    ("last", "number"),
    [
        ("HARTWELL", "MD60958305"),
        ("HARTWELL", "60958305"),
        ("HARTWELL", "MD-0060958305"),
        ("HARTWELL", "WA 60958305"),
        ("HÁRTWELL", "MD60958305"),
        ("HART-WELL", "MD60958305"),
    ],
)
def test_licenses_match_by_digits_and_last_name(load_people, load_rows, last, number):
    load_people((last, number))

    load_rows(washington(CredentialNumber="MD060958305"))

    assert statuses() == [ACTIVE]


@pytest.mark.parametrize(
    "change",
    [
        {"LastName": "Other"},
        {"LastName": "Hartwell Other"},
        {"LastName": ""},
        {"CredentialNumber": "MD60958306"},
        {"CredentialNumber": ""},
    ],
)
def test_neither_a_name_nor_a_number_alone_matches(hartwell, load_rows, change):
    load_rows(washington(**change))

    assert statuses() == [None]


def test_a_license_of_another_state_is_another(load_people, load_rows):
    load_people(("HARTWELL", "MD60958305"), state="OR")

    tally = load_rows(washington())

    assert statuses() == [None]
    assert tally.set_aside == {NOBODY: 1}


def test_few_digits_need_the_same_letters(load_people, load_rows):
    load_people(("HARTWELL", "E5444"), ("HARTWELL", "5444"), state="TX")

    load_rows({**TEXAS, "License Number": "J5444"}, state="TX")

    assert statuses() == [None, ACTIVE]


def test_an_exact_number_has_precedence_over_its_digits(hartwell, load_rows):
    other = washington(CredentialNumber="AP60958305", Status="EXPIRED")

    load_rows(other, washington())

    assert statuses() == [ACTIVE]


def test_contradicting_statuses_are_not_used(load_people, load_rows):
    load_people(("HARTWELL", "60958305"))
    other = washington(CredentialNumber="AP60958305", Status="EXPIRED")

    tally = load_rows(other, washington())

    assert statuses() == [None]
    assert list(tally.notes.values()) == [1]
    assert "different statuses" in next(iter(tally.notes))


def test_rows_with_the_same_status_give_it_and_matching_values(load_people, load_rows):
    load_people(("HARTWELL", "60958305"))
    other = washington(CredentialNumber="AP60958305", ExpirationDate="20280101", ActionTaken="Yes")

    load_rows(other, washington())

    (found,) = licenses()
    assert (found.status, found.expires_on) == (ACTIVE, None)
    assert (found.first_issued_on, found.has_board_action) == (date(2019, 6, 17), True)


def test_a_row_for_two_people_is_used_only_for_an_exact_number(load_people, load_rows):
    load_people(("HARTWELL", "MD60958305"), ("HARTWELL", "60958305"))

    load_rows(washington())
    assert statuses() == [ACTIVE, None]


def test_a_row_for_two_people_with_only_matching_digits_is_not_used(load_people, load_rows):
    load_people(("HARTWELL", "AP60958305"), ("HARTWELL", "60958305"))

    tally = load_rows(washington())

    assert statuses() == [None, None]
    assert tally.notes == {"several people have this number and name: nobody's": 1}


@pytest.mark.parametrize(
    ("name", "last", "is_match"),
    [
        ("Iris Ann Hartwell", "HARTWELL", True),
        ("Iris Hartwell Jr.", "HARTWELL", True),
        ("Iris De La Cruz", "DE LA CRUZ", True),
        ("Iris Andis-High", "ANDIS-HIGH", True),
        ("Iris Hartwell Stone", "HARTWELL", False),
        ("Iris Stonehartwell", "HARTWELL", False),
    ],
)
def test_a_whole_name_matches_by_its_last_words(load_people, load_rows, name, last, is_match):
    load_people((last, "60958305"), state="MA")

    load_rows({**MASSACHUSETTS, "licensee_name": name}, state="MA")

    assert (statuses() == [ACTIVE]) is is_match


def test_an_unknown_status_word_gives_no_status_and_is_counted(hartwell, load_rows):
    load_rows(washington(), day=JUNE)

    tally = load_rows(washington(Status="PENDING REVIEW"))

    assert statuses() == [None]
    assert tally.notes == {"status word 'PENDING REVIEW' is not known to the layout": 1}


def test_a_known_word_without_a_status_is_not_counted_as_unknown(hartwell, load_rows):
    tally = load_rows(washington(Status="EXPIRED WA - ACTIVE MSL"))

    assert statuses() == [None]
    assert not tally.notes


def test_a_status_may_be_active_after_the_expiration_date(hartwell, load_rows):
    load_rows(washington(ExpirationDate="20200101"))

    (found,) = licenses()
    assert (found.status, found.expires_on) == (ACTIVE, date(2020, 1, 1))


@pytest.mark.parametrize(
    ("state", "change", "acted"),
    [
        ("WA", {"ActionTaken": "Yes"}, True),
        ("WA", {"ActionTaken": ""}, None),
        ("MA", {"compliance_actions": '[{"Type":"Probation"}]'}, True),
        ("MA", {"compliance_actions": ""}, None),
        ("CO", {"programAction": "Letter of Admonition"}, True),
        ("TX", {"Disciplinary Status": "UNDER BOARD ORDER"}, True),
        ("TX", {"Disciplinary Status": "COMPLAINT DISMISSED"}, None),
        ("FL", {"board_action_indicator": "Y"}, True),
    ],
)
def test_board_actions(load_people, load_rows, state, change, acted):
    load_people(("HARTWELL", "60958305"), state=state)

    load_rows({**ROWS[state], **change}, state=state)

    assert [each.has_board_action for each in licenses()] == [acted]


def test_the_prefix_column_is_part_of_the_number(load_people, load_rows):
    load_people(("HARTWELL", "DR.0012345"), ("HARTWELL", "PA12345"), state="CO")

    load_rows({**COLORADO, "licenseNumber": "12345"}, state="CO")

    assert statuses() == [ACTIVE, None]


def test_an_older_file_after_a_newer_one_changes_nothing(hartwell, load_rows):
    load_rows(washington(), day=AUGUST)

    tally = load_rows(washington(Status="EXPIRED"), day=JULY)

    assert statuses() == [ACTIVE]
    assert (tally.counts["older"], tally.counts["changed"]) == (1, 0)


def test_a_file_older_than_the_full_one_is_ignored(load_people, load_rows):
    load_people(("HARTWELL", "MD60958305"), ("FELDT", "MD61111111"))
    load_rows(washington(), is_full=True)

    feldt = washington(CredentialNumber="MD61111111", LastName="Feldt")
    tally = load_rows(feldt, day=JULY)

    assert statuses() == [ACTIVE, None]
    assert tally.notes == {"a newer release is loaded: nothing to do": 1}


def test_a_full_file_of_one_state_does_not_affect_others(load_people, load_rows):
    load_people(("HARTWELL", "60958305"), state="CA")
    load_rows(washington(), state="WA", day=AUGUST, is_full=True)

    load_rows(CALIFORNIA, state="CA", day=JULY)

    assert statuses() == [ACTIVE]


def test_a_full_file_without_the_license_ends_its_status(load_people, load_rows):
    load_people(("HARTWELL", "MD60958305"), ("FELDT", "MD61111111"))
    feldt = washington(CredentialNumber="MD61111111", LastName="Feldt")
    load_rows(washington(), feldt, day=JULY)

    tally = load_rows(feldt, day=AUGUST, is_full=True)

    gone, kept = licenses()
    assert (gone.status_gone_on, gone.status_checked_on) == (AUGUST, JULY)
    assert (kept.status_gone_on, kept.status_checked_on) == (None, AUGUST)
    assert tally.counts["gone"] == 1


def test_a_partial_file_ends_no_status(hartwell, load_rows):
    load_rows(washington(), day=JULY)

    load_rows(washington(LastName="Other"), day=AUGUST)

    assert [each.status_gone_on for each in licenses()] == [None]


@pytest.mark.both_databases
def test_a_restored_license_has_a_status_unless_the_file_is_older(hartwell, load_rows):
    load_rows(washington(), day=JUNE)
    load_rows(washington(LastName="Other"), day=AUGUST, is_full=True)

    load_rows(washington(), day=JULY)
    assert [each.status_gone_on for each in licenses()] == [AUGUST]

    load_rows(washington(), day=SEPTEMBER)
    assert [each.status_gone_on for each in licenses()] == [None]


def test_an_ambiguous_license_is_not_gone(load_people, load_rows):
    load_people(("HARTWELL", "60958305"))
    load_rows(washington(), day=JULY)

    other = washington(CredentialNumber="AP60958305", Status="EXPIRED")
    load_rows(other, washington(), day=AUGUST, is_full=True)

    assert [each.status_gone_on for each in licenses()] == [None]


def test_without_loaded_licenses_nothing_matches(load_rows):
    tally = load_rows(washington(), washington(), is_full=True)

    assert tally.set_aside == {NOBODY: 2}
    assert licenses() == []


def test_a_bad_day_is_set_aside_with_its_reason_and_line(hartwell, load_rows):
    tally = load_rows(washington(), washington(ExpirationDate="20270231"))

    ((reason, line),) = tally.first_lines.items()
    assert reason.startswith("the ExpirationDate '20270231' is not a day written 20260131")
    assert line == 3
    assert statuses() == [ACTIVE]


def test_a_time_after_a_day_is_ignored(load_people, load_rows):
    load_people(("HARTWELL", "60958305"), state="CA")

    load_rows({**CALIFORNIA, "expiration_date": "2027-06-17 0:00:00"}, state="CA")

    assert [each.expires_on for each in licenses()] == [date(2027, 6, 17)]


def test_all_missing_columns_are_reported_with_the_origin_of_the_layout(load_rows):
    short = {key: text for key, text in TEXAS.items() if "License" not in key}

    with pytest.raises(SourceFileError) as caught:
        load_rows(short, state="TX")

    message = str(caught.value)
    assert message.startswith("licenses.csv:1: found a header without 'License Number'; 'License")
    assert "'License Expiration Date'" in message
    assert "never tried on real rows" in message


def test_a_ragged_row_is_refused_with_its_line(hartwell, tmp_path):
    path = write(tmp_path / "licenses.csv", (washington(),))
    path.write_text(path.read_text() + "MD1,Hartwell\n")

    with pytest.raises(SourceFileError, match=r"licenses\.csv:3:"):
        load(license_importer("WA"), path, LoadOptions(part="WA"))

    assert statuses() == [None]


def test_an_unknown_state_is_refused_with_the_known_ones():
    with pytest.raises(UnknownStateError, match=r"'ZZ' is known\. Known: WA, CA, MA, CO, TX, FL"):
        license_importer("ZZ")


def test_a_state_can_be_added_with_a_layout(load_people, tmp_path):
    layout = Layout(
        title="Oregon, invented",
        source="this test",
        is_tried=False,
        number=("No.",),
        last_name=("Surname",),
        status=(("Standing",),),
        days=("%d.%m.%Y",),
        statuses={"in good standing": ACTIVE},
    )
    load_people(("HARTWELL", "MD123456"), state="OR")
    path = tmp_path / "oregon.csv"
    path.write_text("No.;Surname;Standing\n123456;Hartwell;In good standing.\n".replace(";", "\t"))

    load(license_importer("OR", {"OR": layout}), path, LoadOptions(released_on=AUGUST))

    assert statuses() == [ACTIVE]
    assert [each.part for each in db.session().scalars(sa.select(Release)) if each.part] == ["OR"]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_has_a_name_and_an_active_status(layout):
    assert bool(layout.last_name) != bool(layout.full_name)
    assert layout.source
    assert ACTIVE in layout.statuses.values()


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("licenses_WA_2026-09-01.csv", date(2026, 9, 1)),
        ("20260901_export.csv", date(2026, 9, 1)),
        ("licenses_20261301.csv", None),
        ("licenses.csv", None),
    ],
)
def test_the_release_day_is_parsed_from_the_name(name, day):
    assert license_importer("WA").find_release(name) == day
    assert not license_importer("WA").is_full(name)
    assert license_importer("WA").find_part(name) == "WA"
