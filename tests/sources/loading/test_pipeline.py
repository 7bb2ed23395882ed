"""A file is loaded completely or not at all, and loading it twice changes nothing."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import date

import pytest
import sqlalchemy as sa

from directory.config import PROJECT_FOLDER
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.db.fact_generations import ImportBusyError
from directory.providers.models import EntityType, ImportRun, Provider, RunState, Source
from directory.providers.wrong_facts import hide_provider
from directory.search.index.listings import change_listings
from directory.search.index.models import Listing, ListingChange
from directory.sources.hooks import first_real_load
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.nppes import NPPES
from directory.sources.reading.errors import SourceFileError
from tests.conftest import TEST_ENVIRON
from tests.sources.dumps import public_dump
from tests.sources.nppes_rows import V2_NAME, as_csv, header, npi, row, stub, write, zipped

CHANGED = {"updated": "09/05/2026", "last": "CHANGED"}


def runs() -> list[ImportRun]:
    session = db.session()
    session.rollback()
    return list(session.scalars(sa.select(ImportRun).order_by(ImportRun.id)))


def test_loading_twice_changes_nothing(app, tmp_path):
    path = write(tmp_path, [*(row(number) for number in range(1, 1001)), stub(2000, "01/02/2020")])
    load(NPPES, path, LoadOptions())
    before = public_dump()

    tally = load(NPPES, path, LoadOptions())

    assert public_dump() == before
    assert (tally.counts["unchanged"], tally.counts["new"], tally.counts["changed"]) == (1000, 0, 0)


def test_the_published_zip_is_loaded(app, tmp_path):
    tally = load(NPPES, zipped(tmp_path, [row(1)]), LoadOptions())

    assert tally.counts["new"] == 1
    assert tally.released_on == date(2026, 9, 7)


def test_every_row_read_is_accounted_for(app, tmp_path):
    rows = [row(1), row(2), stub(3, "01/02/2020"), row(4, npi="1"), row(5, taxonomies=[])]
    path = write(tmp_path, rows)
    load(NPPES, write(tmp_path, [row(1)], "first.csv"), LoadOptions(released_on=date(2026, 1, 1)))

    tally = load(NPPES, path, LoadOptions())

    kinds = ("new", "changed", "unchanged", "older", "deactivated")
    assert tally.counts["read"] == 5
    assert sum(tally.counts[kind] for kind in kinds) + tally.set_aside.total() == 5


def test_an_import_run_is_recorded(app, tmp_path):
    load(NPPES, write(tmp_path, [row(1), stub(2, "01/02/2020")]), LoadOptions())

    (run,) = runs()
    assert (run.source, run.state, run.file_name) == (Source.NPPES, RunState.DONE, V2_NAME)
    assert (run.released_on, run.counts["read"], run.counts["new"]) == (date(2026, 9, 7), 2, 1)
    assert run.set_aside == {"deactivated, nothing else known": 1}
    assert len(run.file_digest) == 64


def test_a_dry_run_leaves_no_trace(app, tmp_path):
    load(NPPES, write(tmp_path, [row(1)]), LoadOptions())
    before = public_dump()

    tally = load(NPPES, write(tmp_path, [row(1, **CHANGED), row(2)]), LoadOptions(is_dry_run=True))

    assert (tally.counts["changed"], tally.counts["new"]) == (1, 1)
    assert public_dump() == before
    assert len(runs()) == 1


GOOD = as_csv([row(number, **CHANGED) for number in range(1, 30)])
WITHOUT_SEX = as_csv([row(1, **CHANGED)], [name.replace("Sex", "Six") for name in header()])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", ":1: found an empty file, expected a header and rows."),
        (b"<html><body>Moved</body></html>", ":1: found a web page, expected a CSV"),
        (b"PK\x03\x04abc", ":1: found a zip archive under the name of a CSV"),
        (WITHOUT_SEX, ":1: found a header without it, expected a column 'Provider Sex Code'"),
        (GOOD.replace(b'"NPI Reactivation Date"', b'"Last Update Date"'), "twice"),
        (GOOD[:-2000], ":29: found a file that is cut off within this row"),
        (GOOD + b'"1"\n', ":31: found 1 column, expected 330 as in the header."),
        (GOOD + b'"1","open\n' + GOOD, ":31: found a quote that is never closed"),
        (GOOD + b'"\xe9"\n', ":31: found the byte 0xe9 at byte"),
        (GOOD + b'"\0"\n', ":31: found a NUL at byte"),
    ],
    ids=["empty", "html", "zip", "missing", "double", "cut", "ragged", "quote", "utf8", "nul"],
)
def test_a_bad_file_changes_nothing(app, tmp_path, content, sentence):
    load(NPPES, write(tmp_path, [row(1), row(2)]), LoadOptions())
    before = public_dump()
    bad = tmp_path / "npidata_pfile_20260921-20260927.csv"
    bad.write_bytes(content)

    with pytest.raises(SourceFileError) as caught:
        load(NPPES, bad, LoadOptions())

    assert str(caught.value).startswith(bad.name + ":")
    assert sentence in str(caught.value)
    assert public_dump() == before
    assert (runs()[-1].state, runs()[-1].message) == (RunState.FAILED, str(caught.value))


@pytest.mark.parametrize(
    ("good", "bad", "is_refused"),
    [(0, 1, True), (1, 1, False), (50, 2, True), (197, 2, True), (198, 2, False), (98, 2, True)],
)
def test_more_than_one_bad_row_in_a_hundred_stops_the_run(app, tmp_path, good, bad, is_refused):
    rows = [row(number + 1) for number in range(good)]
    path = write(tmp_path, [*rows, *(row(0, npi=f"{number}") for number in range(bad))])
    if not is_refused:
        assert load(NPPES, path, LoadOptions()).counts["new"] == good
        return

    with pytest.raises(SourceFileError) as caught:
        load(NPPES, path, LoadOptions())

    assert f":{good + 2}: found {bad} bad rows of {good + bad}" in str(caught.value)
    assert public_dump()["provider"] == []


def test_an_error_in_the_middle_of_storing_changes_nothing(app, tmp_path):
    load(NPPES, write(tmp_path, [row(1)]), LoadOptions())
    before = public_dump()
    rows = [row(1, **CHANGED), *(row(number) for number in range(2, 900))]

    def fail(label, _length):
        return no_room() if label == "Listing" else silence()

    with pytest.raises(OSError, match="No space left"):
        load(NPPES, write(tmp_path, rows), LoadOptions(), progress=fail)

    assert public_dump() == before
    assert (runs()[-1].state, runs()[-1].message) == (RunState.FAILED, "No space left")


def no_room():
    from contextlib import contextmanager

    @contextmanager
    def failing():
        def advance(_count):
            raise OSError("No space left")

        yield advance

    return failing()


def silence():
    from contextlib import nullcontext

    return nullcontext(lambda _count: None)


def test_the_first_real_load_is_announced_while_the_demo_is_there(app, tmp_path):
    add_demo()
    seen = []
    app.extensions.pop("hook:first_real_load", None)
    first_real_load.register(app, lambda session: remove_demo(session, seen))

    load(NPPES, write(tmp_path, [row(1)]), LoadOptions())
    load(NPPES, write(tmp_path, [row(2)]), LoadOptions())

    assert seen == [1]  # called once, in the transaction that ends this first run
    assert [
        each.npi for each in db.session.scalars(sa.select(Provider).order_by(Provider.npi))
    ] == [
        npi(1),
        npi(2),
    ]


def add_demo() -> None:
    with writing() as session:
        session.add(
            Provider(
                npi="2000000002",
                entity_type=EntityType.INDIVIDUAL,
                last_name="Demo",
                source=Source.DEMO,
                as_of=date(2026, 1, 1),
            )
        )


def remove_demo(session, seen) -> None:
    seen.append(session.scalar(sa.select(sa.func.count()).select_from(ImportRun)))


def test_a_run_that_never_ended_is_marked_as_failed(app, tmp_path):
    with writing() as session:
        session.add(
            ImportRun(
                source=Source.NPPES,
                file_name="x",
                state=RunState.RUNNING,
                started_at=utc_now(),
                counts={},
                set_aside={},
            )
        )

    load(NPPES, write(tmp_path, [row(1)]), LoadOptions())

    assert [run.state for run in runs()] == [RunState.FAILED, RunState.DONE]


KILLED = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from directory import create_app
from directory.sources.loading.pipeline import LoadOptions, load
from directory.sources.publishers.nppes import NPPES

@contextmanager
def until_half(label, length):
    if label == "Listing":
        os.kill(os.getpid(), signal.SIGKILL)
    yield lambda _count: None

with create_app().app_context():
    load(NPPES, Path(sys.argv[1]), LoadOptions(), progress=until_half)
"""


def test_a_kill_while_storing_leaves_the_old_data(app, database_url, tmp_path):
    load(NPPES, write(tmp_path, [row(number) for number in range(1, 10)]), LoadOptions())
    before = public_dump()
    db.engine.dispose()
    rows = [row(number, **CHANGED) for number in range(1, 2000)]
    path = write(tmp_path, rows)
    settings = {"DATABASE_URL": database_url, "INSTANCE_FOLDER": str(tmp_path)}
    environ = {**os.environ, **TEST_ENVIRON, **settings}

    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)],
        env=environ,
        cwd=PROJECT_FOLDER,
        check=False,
        timeout=60,
    )

    assert ended.returncode == -signal.SIGKILL
    assert public_dump() == before
    assert load(NPPES, path, LoadOptions()).counts["changed"] == 9


def during(label_wanted, act):
    """Return a progress callback that runs an action during a phase."""

    @contextmanager
    def progress(label, _length):
        if label == label_wanted:
            act()
        yield lambda _count: None

    return progress


@pytest.mark.parametrize("label", ["Reading", "Listing"])
def test_concurrent_changes_of_others_are_kept(app, tmp_path, label):
    load(NPPES, write(tmp_path, [row(1), row(2)]), LoadOptions())

    def hide():
        with writing() as session:
            hide_provider(session, npi(1), note=None, now=utc_now())
            change_listings(session, [npi(1)])

    path = write(tmp_path, [row(1, **CHANGED), row(2)], "npidata_pfile_20260921-20260927.csv")
    if database_is_sqlite():
        load(NPPES, path, LoadOptions(), progress=during(label, hide))
    else:
        # There the import's transaction holds what it changed; others wait for its end.
        hide()
        load(NPPES, path, LoadOptions())

    listed = {each.npi for each in db.session.scalars(sa.select(Listing))}
    assert listed == {npi(2)}
    assert db.session.scalars(sa.select(ListingChange)).all() == []


def test_a_page_during_an_import_shows_the_old_data(app, tmp_path):
    load(NPPES, write(tmp_path, [row(1)]), LoadOptions())
    seen = []

    def look():
        db.session.rollback()
        seen.append(db.session.get(Provider, npi(1)).last_name)
        db.session.remove()

    path = write(tmp_path, [row(1, **CHANGED)], "npidata_pfile_20260921-20260927.csv")
    load(NPPES, path, LoadOptions(), progress=during("Listing", look))

    assert seen == ["HARTWELL"]
    assert db.session.get(Provider, npi(1)).last_name == CHANGED["last"]


def test_a_concurrent_import_is_refused(app, tmp_path):
    path = write(tmp_path, [row(1)])
    refused = []

    def start_another():
        with pytest.raises(ImportBusyError) as caught:
            load(NPPES, path, LoadOptions(is_dry_run=True))
        refused.append(str(caught.value))

    load(NPPES, path, LoadOptions(), progress=during("Listing", start_another))

    assert refused == ["Another import is running; wait until it has ended, then try again."]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Provider)) == 1


def test_a_full_release_that_shrank_is_refused_unless_accepted(app, tmp_path):
    load(NPPES, write(tmp_path, [row(each) for each in range(1, 101)]), LoadOptions())
    before = public_dump()
    smaller = write(
        tmp_path, [row(each) for each in range(1, 90)], "npidata_pfile_20050523-20261012.csv"
    )

    with pytest.raises(SourceFileError) as caught:
        load(NPPES, smaller, LoadOptions())

    assert str(caught.value) == (
        "npidata_pfile_20050523-20261012.csv:90: found the end after 89 rows, where the release "
        "before had 100, expected at most 10 % fewer; if this is right, load it with "
        "--accept-shrink."
    )
    assert public_dump() == before
    tally = load(NPPES, smaller, LoadOptions(accepts_shrink=True))
    assert tally.counts["gone"] == 11
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 89


def test_a_partial_file_may_be_small_and_removes_nothing(app, tmp_path):
    load(NPPES, write(tmp_path, [row(each) for each in range(1, 101)]), LoadOptions())

    tally = load(
        NPPES, write(tmp_path, [row(1)], "npidata_pfile_20260921-20260927.csv"), LoadOptions()
    )

    assert tally.counts["gone"] == 0


def test_a_file_with_another_name_is_partial_by_default(app, tmp_path):
    load(NPPES, write(tmp_path, [row(1), row(2)]), LoadOptions())
    october = {"released_on": date(2026, 10, 12), "accepts_shrink": True}

    partial = load(NPPES, write(tmp_path, [row(1)], "mine.csv"), LoadOptions(**october))
    full = load(NPPES, write(tmp_path, [row(1)], "mine.csv"), LoadOptions(is_full=True, **october))

    assert (partial.counts["gone"], full.counts["gone"]) == (0, 1)


def database_is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"
