"""Medicare's yearly counts: two procedures, summed, separate for each year."""

import gzip
import json
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.core.db.database import db, writing
from directory.providers.evidence import Tier
from directory.providers.models import ProcedureVolume, Release
from directory.search.index.models import Listing
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.procedure_volumes import VOLUMES, release_of_counts, year_in_name
from directory.sources.reading.errors import SourceFileError
from tests.factories import make_location, make_provider
from tests.sources.dumps import public_dump
from tests.sources.nppes_rows import npi

TODAYS = (
    *("Rndrng_NPI", "Rndrng_Prvdr_Last_Org_Name", "HCPCS_Cd", "HCPCS_Desc"),
    *("Place_Of_Srvc", "Tot_Benes", "Tot_Srvcs", "Avg_Mdcr_Pymt_Amt"),
)
OF_2012 = (
    *("npi", "nppes_provider_last_org_name", "hcpcs_code", "hcpcs_description"),
    *("place_of_service", "bene_unique_cnt", "line_srvc_cnt", "average_Medicare_payment_amt"),
)
NAME_2023 = "MUP_PHY_R25_P05_V20_D23_Prov_Svc.csv"
REVISED_2023 = "MUP_PHY_R25_P09_V21_D23_Prov_Svc.csv"
NAME_2022 = "MUP_PHY_R24_P05_V10_D22_Prov_Svc.csv"
NAME_2012 = "Medicare_Provider_Util_Payment_PUF_CY2012.txt"


def row(number: int, code="64615", place="O", people="12", services="31") -> list[str]:
    return [npi(number), "HARTWELL", code, "WORDS OF OTHERS", place, people, services, "99.5"]


def write(folder: Path, rows, name=NAME_2023, header=TODAYS, delimiter=",") -> Path:
    file = folder / name
    file.write_text("".join(f"{delimiter.join(each)}\n" for each in [header, *rows]))
    return file


def volumes() -> list[tuple[str, str, int, int, int | None]]:
    """Return the current rows."""
    at, session = ProcedureVolume, db.session()
    session.rollback()
    columns = (at.npi, at.procedure_code, at.year, at.services, at.beneficiaries)
    statement = sa.select(*columns).where(at.gone_on.is_(None))
    return [tuple(each) for each in session.execute(statement.order_by(*columns))]


@pytest.fixture(autouse=True)
def providers(app):
    """Three people who are loaded and listed."""
    with writing() as session:
        for number in (1, 2, 3):
            make_location(session, make_provider(session, npi=npi(number)))


def tiers() -> dict[str, tuple[Tier, int]]:
    session = db.session()
    session.rollback()
    rows = session.execute(sa.select(Listing.npi, Listing.tier, Listing.treatments))
    return {each: (Tier(tier), count) for each, tier, count in rows}


def test_only_two_procedures_of_loaded_providers_are_stored(tmp_path):
    rows = [row(1), row(2, "J0585", services="400.6"), row(3, "99213"), row(9)]

    tally = load(VOLUMES, write(tmp_path, rows), LoadOptions())

    assert volumes() == [(npi(1), "64615", 2023, 31, 12), (npi(2), "J0585", 2023, 401, 12)]
    assert tally.set_aside == {"another procedure": 1, "nobody loaded here has this NPI": 1}
    assert "WORDS OF OTHERS" not in str(public_dump())


def test_places_of_service_are_summed(tmp_path):
    rows = [row(1, place="O"), row(1, place="F", people="11", services="12.5"), row(2, people="")]

    load(VOLUMES, write(tmp_path, rows), LoadOptions())

    assert volumes() == [(npi(1), "64615", 2023, 44, 23), (npi(2), "64615", 2023, 31, None)]


def test_a_duplicate_row_is_counted_once(tmp_path):
    tally = load(VOLUMES, write(tmp_path, [row(1), row(2), row(1)]), LoadOptions())

    assert volumes()[0] == (npi(1), "64615", 2023, 31, 12)
    assert tally.bad == 1


def test_the_file_of_2012_has_tabs_and_a_notice(tmp_path):
    notice = ["0000000001", "Copyright of somebody", *[""] * 6]
    rows = [notice, row(1, "J0585")]

    tally = load(VOLUMES, write(tmp_path, rows, NAME_2012, OF_2012, "\t"), LoadOptions())

    assert volumes() == [(npi(1), "J0585", 2012, 31, 12)]
    assert tally.set_aside == {"a notice of copyright": 1}
    assert tally.released_on == date(2012, 12, 31)


def test_json_and_its_gz_are_read(tmp_path):
    rows = [dict(zip(TODAYS, row(1), strict=True))]
    file = tmp_path / "provider_service_2023.json.gz"
    file.write_bytes(gzip.compress(json.dumps(rows).encode()))

    load(VOLUMES, file, LoadOptions())

    assert volumes() == [(npi(1), "64615", 2023, 31, 12)]


@pytest.mark.both_databases
def test_loading_twice_changes_nothing(tmp_path):
    path = write(tmp_path, [row(1), row(2, "J0585")])
    load(VOLUMES, path, LoadOptions())
    before = public_dump()

    tally = load(VOLUMES, path, LoadOptions())

    assert public_dump() == before
    assert (tally.counts["unchanged"], tally.counts["new"], tally.counts["changed"]) == (2, 0, 0)


@pytest.mark.both_databases
def test_counts_decide_the_tier_and_are_removed_by_a_later_release(tmp_path):
    load(VOLUMES, write(tmp_path, [row(1), row(2)]), LoadOptions())
    assert tiers()[npi(1)] == (Tier.DOCUMENTED, 31)
    revised = write(tmp_path, [row(1, services="40"), row(3)], REVISED_2023)

    tally = load(VOLUMES, revised, LoadOptions())

    assert (tally.counts["changed"], tally.counts["new"], tally.counts["gone"]) == (1, 1, 1)
    assert tiers() == {
        npi(1): (Tier.DOCUMENTED, 40),
        npi(2): (Tier.SPECIALTY, 0),
        npi(3): (Tier.DOCUMENTED, 31),
    }


def test_removed_counts_are_restored(tmp_path):
    load(VOLUMES, write(tmp_path, [row(1), row(2)]), LoadOptions())
    load(VOLUMES, write(tmp_path, [row(2), row(3)], REVISED_2023), LoadOptions())
    again = write(tmp_path, [row(1), row(2)], "MUP_PHY_R26_P01_V22_D23_Prov_Svc.csv")

    load(VOLUMES, again, LoadOptions())

    assert [each[0] for each in volumes()] == [npi(1), npi(2)]
    assert tiers()[npi(1)] == (Tier.DOCUMENTED, 31)


def test_an_older_release_of_the_same_year_changes_nothing(tmp_path):
    load(VOLUMES, write(tmp_path, [row(1, services="40")], REVISED_2023), LoadOptions())
    before = {**public_dump(), "release": []}

    tally = load(VOLUMES, write(tmp_path, [row(1), row(2)]), LoadOptions())

    assert {**public_dump(), "release": []} == before
    assert tally.notes == {"a newer release is loaded: nothing to do": 1}


def test_years_are_separate_in_any_order(tmp_path):
    load(VOLUMES, write(tmp_path, [row(1)]), LoadOptions())

    tally = load(VOLUMES, write(tmp_path, [row(1, services="20")], NAME_2022), LoadOptions())

    assert (tally.counts["new"], tally.counts["gone"]) == (1, 0)
    assert [each[2:4] for each in volumes()] == [(2022, 20), (2023, 31)]
    assert tiers()[npi(1)] == (Tier.DOCUMENTED, 31)
    parts = db.session().scalars(sa.select(Release.part).order_by(Release.part)).all()
    assert parts == ["2022", "2023"]


def test_a_newer_extract_survives_an_older_release(tmp_path):
    extract = write(tmp_path, [row(1, services="44")], "some_of_2023.csv")
    load(VOLUMES, extract, LoadOptions(released_on=date(2026, 1, 1)))

    load(VOLUMES, write(tmp_path, [row(1), row(2)]), LoadOptions())

    assert [each[3] for each in volumes()] == [44, 31]


def test_an_extract_removes_nothing(tmp_path):
    load(VOLUMES, write(tmp_path, [row(1), row(2)]), LoadOptions())

    extract = write(tmp_path, [row(1, services="44")], "some_of_2023.csv")
    load(VOLUMES, extract, LoadOptions(released_on=date(2026, 1, 1)))

    assert [each[3] for each in volumes()] == [44, 31]


def test_a_full_release_without_the_procedures_removes_all(tmp_path):
    load(VOLUMES, write(tmp_path, [row(1)]), LoadOptions())

    load(VOLUMES, write(tmp_path, [row(1, "99213")], REVISED_2023), LoadOptions())

    assert volumes() == []
    assert tiers()[npi(1)] == (Tier.SPECIALTY, 0)


def test_the_year_is_from_the_name_or_the_option(tmp_path):
    path = write(tmp_path, [row(1)], "counts.csv")

    with pytest.raises(SourceFileError) as caught:
        load(VOLUMES, path, LoadOptions())
    assert str(caught.value).startswith("counts.csv:1: found no year in its name, expected the ")
    assert "--released YYYY-12-31" in str(caught.value)

    load(VOLUMES, path, LoadOptions(released_on=date(2021, 12, 31)))
    assert volumes() == [(npi(1), "64615", 2021, 31, 12)]


@pytest.mark.parametrize(
    ("name", "year", "released_on"),
    [
        (NAME_2023, "2023", date(2025, 5, 1)),
        (f"{NAME_2023}.gz", "2023", date(2025, 5, 1)),
        ("PHY_R26_P05_V10_D24_Prov_Svc.csv", "2024", date(2026, 5, 1)),
        (NAME_2012, "2012", date(2012, 12, 31)),
        ("Medicare-Physician-and-Other-Supplier-PUF-CY2013.txt", "2013", date(2013, 12, 31)),
        ("sample_cy2014_rows.tsv", "2014", date(2014, 12, 31)),
        ("provider_service_2023_A0425.json.gz", "2023", date(2023, 12, 31)),
        ("rows_of_20251231.csv", "", None),
        ("counts.csv", "", None),
    ],
)
def test_year_and_release_are_parsed_from_the_name(name, year, released_on):
    assert (year_in_name(name), release_of_counts(name)) == (year, released_on)


GOOD = [row(1), row(2)]


def text(rows, header=TODAYS) -> str:
    return "".join(f"{','.join(each)}\n" for each in [header, *rows])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (text(GOOD, [*TODAYS[:2], "Code", *TODAYS[3:]]), ":1: found a header without it, expected"),
        (text([*GOOD, row(3)[:5]]), ":4: found 5 columns, expected 8 as in the header."),
        (text(GOOD)[:-12], ":3: found a file that is cut off within this row"),
        (text([row(1, ""), row(2, "64.615")]), "(the procedure code '' is not five letters"),
        (text([row(1, services="many"), row(2, services="-3")]), "(the count 'many' is not"),
        (text([row(1, people="1,2".replace(",", ";")), row(2, people="x")]), "(the count '1;2'"),
        (text([["1234567890", *row(1)[1:]]]), "(the NPI is not ten digits"),
    ],
    ids=["missing", "ragged", "cut", "codes", "services", "people", "npi"],
)
def test_a_bad_file_changes_nothing(tmp_path, content, sentence):
    load(VOLUMES, write(tmp_path, GOOD), LoadOptions())
    before = public_dump()
    bad = tmp_path / REVISED_2023
    bad.write_text(content)

    with pytest.raises(SourceFileError) as caught:
        load(VOLUMES, bad, LoadOptions())

    assert str(caught.value).startswith(REVISED_2023 + ":")
    assert sentence in str(caught.value)
    assert public_dump() == before
