"""``flask sources``."""

import pytest

from directory.sources.cli import sources_cli
from tests.sources.nppes_rows import V2_NAME, row, stub, write


@pytest.fixture
def run(app):
    """Run a command and return what became of it."""
    return lambda *words: app.test_cli_runner().invoke(sources_cli, [str(word) for word in words])


def test_load_prints_what_became_of_the_rows(run, tmp_path):
    path = write(tmp_path, [row(1), row(2, country="CA"), stub(3, "01/02/2020")])

    result = run("load", "nppes", path)

    assert result.exit_code == 0, result.output
    assert f"{V2_NAME}, released 2026-09-07" in result.output
    assert "3 rows read" in result.output
    assert "2 new" in result.output
    assert "1 deactivated, nothing else known" in result.output
    assert "1 of those kept: practice location outside the United States" in result.output


def test_a_refused_file_says_where_and_that_nothing_changed(run, tmp_path):
    path = tmp_path / "broken.csv"
    path.write_bytes(b"<html>")

    result = run("load", "nppes", path)

    assert result.exit_code == 1
    assert result.stderr.startswith("broken.csv:1: found a web page, expected a CSV")
    assert "The loaded data is unchanged." in result.stderr


def test_an_unknown_source_names_those_that_are_known(run, tmp_path):
    result = run("load", "nucc", tmp_path)

    assert result.exit_code == 1
    assert "'nucc' is not a source known here. Known: nppes." in result.stderr


def test_a_missing_file_is_named(run, tmp_path):
    result = run("load", "nppes", tmp_path / "nowhere.csv")

    assert result.exit_code == 1
    assert "nowhere.csv is not a file" in result.stderr


def test_a_dry_run_says_so(run, tmp_path):
    result = run("load", "nppes", write(tmp_path, [row(1)]), "--dry-run")

    assert "This was a dry run: the loaded data is unchanged." in result.output
    assert run("status").output.strip() == "nppes: nothing loaded yet"


def test_the_release_day_can_be_given(run, tmp_path):
    run("load", "nppes", write(tmp_path, [row(1)], "mine.csv"), "--released", "2026-09-01")

    status = run("status").output
    assert status.startswith("nppes: mine.csv, released 2026-09-01, loaded ")
    assert status.strip().endswith("1 rows")
