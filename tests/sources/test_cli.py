"""``flask sources``."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from directory.core.db.database import db, facts_file
from directory.search.index.models import Listing
from directory.sources.cli import sources_cli
from tests.sources.dumps import public_dump
from tests.sources.nppes_rows import V2_NAME, npi, row, stub, write


@pytest.fixture
def run(app):
    """Run a command and return its result."""
    return lambda *words: app.test_cli_runner().invoke(sources_cli, [str(word) for word in words])


def test_load_prints_the_counts_of_rows(run, tmp_path):
    path = write(tmp_path, [row(1), row(2, country="CA"), stub(3, "01/02/2020")])

    result = run("load", "nppes", path)

    assert result.exit_code == 0, result.output
    assert f"{V2_NAME}, released 2026-09-07" in result.output
    assert "3 rows read" in result.output
    assert "2 new" in result.output
    assert "1 deactivated, nothing else known" in result.output
    assert "1 of those kept: practice location outside the United States" in result.output


def test_a_refused_file_is_reported_with_its_line(run, tmp_path):
    path = tmp_path / "broken.csv"
    path.write_bytes(b"<html>")

    result = run("load", "nppes", path)

    assert result.exit_code == 1
    assert result.stderr.startswith("broken.csv:1: found a web page, expected a CSV")
    assert "The loaded data is unchanged." in result.stderr


def test_an_unknown_source_is_refused_with_the_known_ones(run, tmp_path):
    result = run("load", "npppes", write(tmp_path, [row(1)]))

    assert result.exit_code == 1
    assert "'npppes' is not a source known here. Known: nucc, nppes, " in result.stderr


def test_a_missing_file_is_reported(run, tmp_path):
    result = run("load", "nppes", tmp_path / "nowhere.csv")

    assert result.exit_code == 1
    assert "nowhere.csv is not a file" in result.stderr


def test_a_dry_run_says_so(run, tmp_path):
    result = run("load", "nppes", write(tmp_path, [row(1)]), "--dry-run")

    assert "This was a dry run: the loaded data is unchanged." in result.output
    assert "nppes: nothing loaded yet" in run("status").output


def test_the_release_day_can_be_given(run, tmp_path):
    run("load", "nppes", write(tmp_path, [row(1)], "mine.csv"), "--released", "2026-09-01")

    status = run("status").output
    assert "nppes: mine.csv, released 2026-09-01 (partial), loaded " in status
    assert ", 1 rows, " in status


def test_status_shows_overdue_sources(run, tmp_path):
    run("load", "nppes", write(tmp_path, [row(1)], "old.csv"), "--released", "2020-01-31")

    assert "nppes: OVERDUE: a new release comes every 38 days or sooner" in run("status").output


def test_several_files_are_loaded_in_order(run, tmp_path):
    first = write(tmp_path, [row(1)])
    second = write(tmp_path, [row(2)], "npidata_pfile_20260907-20260913.csv")

    result = run("load", "nppes", first, second)

    assert result.output.count("1 new") == 2


def test_check_identifies_a_file_and_writes_nothing(run, app, tmp_path):
    before = public_dump()

    result = run("check", write(tmp_path, [row(1)], "anything.csv"))

    assert result.exit_code == 0, result.output
    assert "anything.csv: NPPES, the registry of everyone with an NPI" in result.output
    assert "Nothing is wrong with it. Nothing was written." in result.output
    assert public_dump() == before


def test_check_reports_errors(run, tmp_path):
    path = write(tmp_path, [row(1), row(2)])
    path.write_bytes(path.read_bytes()[:-200])

    result = run("check", path)

    assert result.exit_code == 1
    assert f"{V2_NAME}:3: found a file that is cut off within this row" in result.stderr


def test_check_of_an_unknown_file_lists_the_known_ones(run, tmp_path):
    path = tmp_path / "recipes.csv"
    path.write_text("dish,minutes\nsoup,20\n")

    result = run("check", path)

    assert result.exit_code == 1
    assert "recipes.csv: neither by name nor by columns a file known here" in result.stderr


def test_a_license_file_needs_its_state(run, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1,2\n")

    assert "--state" in run("load", "licenses", path).stderr
    assert "Known: WA, CA, MA, CO, TX, FL" in run("load", "licenses", path, "--state", "ZZ").stderr


@pytest.fixture
def folder(tmp_path):
    """A folder of downloads: the registry, a later week, a list, and something else."""
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    write(downloads, [row(2, updated="09/20/2026")], "npidata_pfile_20260914-20260920.csv")
    write(downloads, [row(1), row(2)])
    (downloads / "UPDATED_2026-09.csv").write_text(
        "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,"
        "EXCLTYPE,EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE\n"
        f"HARTWELL,IRIS,,,PHYSICIAN,,,{npi(1)},,,AUSTIN,TX,78701,1128a1,20260801,00000000,00000000,\n"
    )
    (downloads / "readme.csv").write_text("a,b\n1,2\n")
    return downloads


def test_load_all_loads_in_order_and_skips_what_is_loaded(run, folder):
    result = run("load-all", folder)

    assert result.exit_code == 0, result.output
    places = [result.output.index(name) for name in (V2_NAME, "_20260914-20260920", "UPDATED")]
    assert places == sorted(places)
    assert "readme.csv: not a file known here; left alone" in result.output
    listed = {each.npi for each in db.session.scalars(sa.select(Listing))}
    assert listed == {npi(2)}

    before = public_dump()
    again = run("load-all", folder)
    assert again.output.count("loaded already") == 3
    assert public_dump() == before


def test_load_all_continues_after_a_bad_file_and_reports_it(run, folder):
    (folder / "npidata_pfile_20260907-20260913.csv").write_bytes(b"<html>")

    result = run("load-all", folder)

    assert result.exit_code == 1
    assert "npidata_pfile_20260907-20260913.csv:1: found a web page" in result.stderr
    assert "Not loaded: npidata_pfile_20260907-20260913.csv." in result.stderr
    assert "UPDATED_2026-09.csv, released" in result.output


def test_a_lost_facts_file_is_reported_and_can_be_replaced(app, run, database_url):
    if not database_url.startswith("sqlite"):
        assert "The facts are there" in run("start-over").output
        return
    db.session.remove()
    db.engine.dispose()
    facts_file(Path(db.engine.url.database), 0).unlink()

    ready = app.test_client().get("/readyz")
    assert ready.status_code == 503
    assert "sources start-over" in ready.json["reason"]

    assert run("start-over").exit_code == 0
    assert app.test_client().get("/readyz").status_code == 200
