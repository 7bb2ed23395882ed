"""The monthly list of deactivated NPIs, in invented rows."""

import io
import zipfile
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import sqlalchemy as sa

from directory.core.db.database import db
from directory.providers.models import Deactivation, Provider, Source
from directory.providers.queries import is_deactivated
from directory.search.index.models import Listing
from directory.sources.loading.importer import Tally
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.nppes import NPPES
from directory.sources.publishers.nppes_deactivated import NPPES_DEACTIVATED
from directory.sources.reading.errors import SourceFileError
from tests.sources.dumps import public_dump
from tests.sources.nppes_rows import npi, row, stub, write

NAME = "NPPES_Deactivated_NPI_Report_091426_V2.zip"
AUGUST, OCTOBER = (
    "NPPES_Deactivated_NPI_Report_081026.zip",
    "NPPES_Deactivated_NPI_Report_101226.zip",
)
SEPTEMBER_7, WEEKLY = "npidata_pfile_20050523-20260907.csv", "npidata_pfile_20260921-20260927.csv"
TITLE = ["NPPES Deactivated NPI Report, September 14, 2026"]
HEADER = ["NPI", "NPPES Deactivation Date"]

_TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType=
"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType=
"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/styles.xml" ContentType=
"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"""
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}'
    "</Relationships>"
)
_REL = f'<Relationship Id="{{}}" Type="{_OFFICE}/{{}}" Target="{{}}"/>'
_STYLES = (
    f'<styleSheet xmlns="{_SHEETS}"><cellXfs count="2"><xf numFmtId="0"/>'
    '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)

pytestmark = pytest.mark.usefixtures("app")


def cell(value: object) -> str:
    if isinstance(value, date):
        return f'<c s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def workbook(*rows: list[object], header: list[str] = HEADER) -> bytes:
    """Return a workbook as it is published: a title, the header, the rows."""
    cells = ("".join(map(cell, each)) for each in (TITLE, header, *rows))
    sheet = "".join(f"<row>{each}</row>" for each in cells)
    members = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELS.format(_REL.format("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="NPI" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _RELS.format(
            _REL.format("rId1", "worksheet", "worksheets/sheet1.xml")
            + _REL.format("rId2", "styles", "styles.xml")
        ),
        "xl/styles.xml": _STYLES,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEETS}"><sheetData>{sheet}</sheetData>'
        "</worksheet>",
    }
    return zip_of({name: text.encode() for name, text in members.items()})


def zip_of(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # Without the time of day: the same content is the same file.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def write_list(folder: Path, content: bytes, name: str = NAME) -> Path:
    path = folder / name
    is_zip = path.suffix == ".zip"
    path.write_bytes(zip_of({"Deactivated NPIs.xlsx": content}) if is_zip else content)
    return path


@pytest.fixture
def load_list(tmp_path):
    """Load a list of these numbers, or rows, under this name."""

    def loader(*given: int | list[object], name: str = NAME) -> Tally:
        rows = [[npi(each), "09/01/2026"] if isinstance(each, int) else each for each in given]
        return load(NPPES_DEACTIVATED, write_list(tmp_path, workbook(*rows), name), LoadOptions())

    return loader


@pytest.fixture
def load_main(tmp_path):
    """Load rows of the main file under this name."""

    def loader(*rows: list[str], name: str = SEPTEMBER_7) -> Tally:
        return load(NPPES, write(tmp_path, rows, name), LoadOptions())

    return loader


def in_force() -> dict[str, date]:
    session = db.session()
    session.rollback()
    session.expire_all()
    found = session.scalars(sa.select(Deactivation).where(Deactivation.gone_on.is_(None)))
    return {each.npi: each.deactivated_on for each in found}


def is_listed(number: int = 1) -> bool:
    session = db.session()
    session.rollback()
    return session.scalar(sa.select(sa.exists().where(Listing.npi == npi(number)))) is True


def test_an_npi_on_the_list_is_no_longer_listed(load_main, load_list):
    load_main(row(1), row(2))

    tally = load_list(1)

    assert in_force() == {npi(1): date(2026, 9, 1)}
    assert (is_listed(1), is_listed(2)) == (False, True)
    assert is_deactivated(db.session(), db.session.get(Provider, npi(1)))
    assert (tally.released_on, tally.counts["new"]) == (date(2026, 9, 14), 1)


def test_a_bare_workbook_is_read_too(load_list):
    tally = load_list(1, name="NPPES Deactivated NPI Report 20260914.xlsx")

    assert list(in_force()) == [npi(1)]
    assert tally.released_on == date(2026, 9, 14)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("NPPES_Deactivated_NPI_Report_100923.zip", date(2023, 10, 9)),
        ("NPPES_Deactivated_NPI_Report_091426_V2.zip", date(2026, 9, 14)),
        ("NPPES Deactivated NPI Report 20231009.xlsx", date(2023, 10, 9)),
        ("NPPES_Deactivated_NPI_Report_139926.zip", None),
        ("deactivated.xlsx", None),
    ],
)
def test_the_day_and_kind_of_the_list_are_parsed_from_the_name(name, day):
    assert NPPES_DEACTIVATED.find_release(name) == day
    assert NPPES_DEACTIVATED.is_full(name) == ("Report" in name)


def test_cells_may_hold_dates_and_numbers(load_list):
    load_list([int(npi(1)), date(2026, 8, 31)], [f" {npi(2)} ", "08/31/2026"])

    assert in_force() == dict.fromkeys((npi(1), npi(2)), date(2026, 8, 31))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (["1234567890", "09/01/2026"], "the NPI is not ten digits with a right check digit"),
        ([npi(2), "02/30/2026"], "the NPPES Deactivation Date '02/30/2026' is not a day"),
        ([npi(2), ""], "the NPPES Deactivation Date '' is not a day"),
        ([npi(1), "09/02/2026"], "the NPI is in the file twice"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_reason_and_line(load_list, bad, reason):
    tally = load_list([npi(1), "09/01/2026"], bad)

    ((given, line),) = tally.first_lines.items()
    assert given.startswith(reason)
    assert (line, tally.bad) == (4, 1)
    assert in_force() == {npi(1): date(2026, 9, 1)}


@pytest.mark.both_databases
def test_loading_twice_changes_nothing(load_main, load_list):
    load_main(row(1), row(2))
    load_list(1, 9)
    before = public_dump()

    tally = load_list(1, 9)

    assert public_dump() == before
    assert (tally.counts["unchanged"], tally.counts["new"], tally.counts["gone"]) == (2, 0, 0)


def test_an_unknown_npi_stays_deactivated_when_an_older_file_names_it(load_main, load_list):
    load_list(1)

    load_main(row(1), row(2))

    assert (is_listed(1), is_listed(2)) == (False, True)


@pytest.mark.both_databases
def test_an_npi_missing_from_the_list_is_active_again(load_main, load_list):
    load_main(row(1), row(2))
    load_list(1, 2)
    assert not is_listed(1)

    tally = load_list(2, 8, name=OCTOBER)

    assert (is_listed(1), is_listed(2)) == (True, False)
    assert (tally.counts["gone"], tally.counts["new"], tally.counts["unchanged"]) == (1, 1, 1)


def test_a_reactivated_npi_can_be_deactivated_again(load_main, load_list):
    load_main(row(1), row(2))
    load_list(1, 2)
    load_list(2, 8, name=OCTOBER)

    load_list([npi(1), "11/02/2026"], 2, 8, name="NPPES_Deactivated_NPI_Report_110926.zip")

    assert in_force()[npi(1)] == date(2026, 11, 2)
    assert not is_listed(1)


def test_a_list_that_is_not_named_as_published_only_adds(load_main, load_list, tmp_path):
    load_main(row(1), row(2))
    load_list(1)

    path = write_list(tmp_path, workbook([npi(2), "10/01/2026"]), "some.xlsx")
    load(NPPES_DEACTIVATED, path, LoadOptions(released_on=date(2026, 10, 5)))

    assert set(in_force()) == {npi(1), npi(2)}


def test_an_older_list_changes_nothing(load_main, load_list):
    load_main(row(1), row(2), name="npidata_pfile_20050523-20260803.csv")
    load_list(1)

    tally = load_list(2, name=AUGUST)

    assert tally.notes == {"a newer release is loaded: nothing to do": 1}
    assert list(in_force()) == [npi(1)]


def test_a_list_older_than_the_full_main_file_changes_nothing(load_main, load_list):
    load_main(row(1))

    tally = load_list(1, 9, name=AUGUST)

    assert tally.notes == {"a newer full release of NPPES is loaded: nothing to do": 1}
    assert in_force() == {}
    assert is_listed()


def test_a_newer_complete_row_overrides_the_list(load_main, load_list):
    load_main(row(1), row(2))
    load_main(row(1, updated="09/20/2026"), name=WEEKLY)

    tally = load_list(1, 2)

    assert list(in_force()) == [npi(2)]
    assert (tally.counts["older"], tally.counts["new"]) == (1, 1)
    assert (is_listed(1), is_listed(2)) == (True, False)


def test_a_newer_complete_row_ends_a_deactivation_of_the_list(load_main, load_list):
    load_main(row(1))
    load_list(1)

    load_main(row(1, updated="09/20/2026"), name=WEEKLY)

    assert in_force() == {}
    assert is_listed()


def test_a_stub_and_the_list_are_one_fact(load_main, load_list):
    load_main(row(1))
    load_main(stub(1, "09/01/2026"), name="npidata_pfile_20260907-20260913.csv")

    tally = load_list(1)

    assert in_force() == {npi(1): date(2026, 9, 1)}
    assert tally.counts["unchanged"] == 1


def test_a_newer_list_ends_a_deactivation_of_a_stub(load_main, load_list):
    load_main(row(1), row(2))
    load_main(stub(1, "09/08/2026"), name="npidata_pfile_20260907-20260913.csv")

    tally = load_list(2)

    assert list(in_force()) == [npi(2)]
    assert is_listed()
    assert tally.counts["gone"] == 1


@pytest.mark.parametrize("last_day", ["20260914", "20260927"])
def test_a_list_does_not_end_a_deactivation_of_a_later_stub(load_main, load_list, last_day):
    load_main(row(1), row(2))
    load_main(stub(1, "09/08/2026"), name=f"npidata_pfile_20260908-{last_day}.csv")

    load_list(2)

    assert set(in_force()) == {npi(1), npi(2)}
    assert not is_listed()


def test_a_stub_after_the_list_keeps_the_first_source(load_main, load_list):
    load_main(row(1))
    load_list(1)

    load_main(stub(1, "09/01/2026"), name=WEEKLY)

    (stated,) = db.session.scalars(sa.select(Deactivation))
    assert (stated.source, stated.as_of) == (Source.NPPES_DEACTIVATED, date(2026, 9, 14))
    assert not is_listed()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (workbook([npi(1), "09/01/2026"], header=["NPI", "Day"]), "expected a column 'NPPES"),
        (workbook(), "found no rows below the header"),
        (b"<html></html>", "found something else under the name of a workbook"),
        (workbook([npi(1), "09/01/2026"])[:-80], "found something else under the name of a"),
        (zip_of({"readme.txt": b"nothing"}), "found a broken workbook"),
    ],
    ids=["missing", "empty", "html", "cut", "zip"],
)
def test_a_bad_file_changes_nothing(load_list, tmp_path, content, sentence):
    load_list(1)
    before = public_dump()
    path = write_list(tmp_path, content, OCTOBER)

    with pytest.raises(SourceFileError) as caught:
        load(NPPES_DEACTIVATED, path, LoadOptions())

    assert str(caught.value).startswith(f"{OCTOBER}/Deactivated NPIs.xlsx:")
    assert sentence in str(caught.value)
    assert public_dump() == before


def test_a_list_that_shrinks_by_more_than_a_tenth_is_refused(load_list):
    load_list(*range(1, 12))

    with pytest.raises(SourceFileError, match="after 9 rows, where the release before had 11"):
        load_list(*range(1, 10), name=OCTOBER)

    assert len(in_force()) == 11
