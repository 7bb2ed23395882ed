"""The structure figures, counted on an invented checkout."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.structure.__main__ import table
from benchmarks.structure.figures import Sizes, measure
from benchmarks.structure.imports import find_circles, longest_chain

FILES = {
    "__init__.py": "from directory.clinics.views import show\n",
    "core/__init__.py": "",
    "core/text.py": "class Line: ...\n\n_MOST = 10\n_NAME: str = 'a'\n",
    "clinics/__init__.py": '"""Clinics."""\n',
    "clinics/models.py": "from directory.core.text import Line, _MOST\nimport os\n",
    "clinics/views.py": (
        "from directory.clinics import models\n"
        "import directory.core.text\n"
        "class Line: ...\n"
        "_MOST = 20\n"
        "_NAME = 'a'  # the same value\n"
        "def show():\n"
        "    from directory.core import text\n"
        "    return 1\n"
    ),
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, source in FILES.items():
        file = tmp_path / "directory" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
    return tmp_path


def test_files_are_counted_without_init(checkout):
    figures = measure(checkout)

    assert figures.folders == {"directory/core": 1, "directory/clinics": 2}
    assert figures.crowded == {}


def test_more_than_15_files_are_crowded(checkout):
    for number in range(15):
        (checkout / f"directory/core/text{number}.py").write_text("", encoding="utf-8")

    assert measure(checkout).crowded == {"directory/core": 16}


def test_each_imported_module_counts_once(checkout):
    figures = measure(checkout)

    assert figures.modules == 6
    assert figures.imports_per_module == pytest.approx(4 / 6)
    assert figures.imports_per_file == pytest.approx(3 / 3)


def test_longest_chain_counts_both_ends(checkout):
    assert measure(checkout).chain == [
        "directory",
        "directory.clinics.views",
        "directory.clinics.models",
        "directory.core.text",
    ]


def test_lines_of_files_and_functions(checkout):
    figures = measure(checkout)

    assert figures.files == Sizes(count=3, median=4, p95=8)
    assert figures.functions == Sizes(count=1, median=3, p95=3)


def test_repeated_classes_are_listed(checkout):
    repeated = {"Line": ["directory.clinics.views", "directory.core.text"]}

    assert measure(checkout).classes == repeated


def test_private_names_conflict_by_value(checkout):
    assert list(measure(checkout).private_names) == ["_MOST"]


def test_relative_imports_are_resolved(checkout):
    models = checkout / "directory/clinics/models.py"
    models.write_text("from . import views\nfrom ..core.text import Line\n", encoding="utf-8")

    circles = measure(checkout).circles

    assert circles == [("directory.clinics.models", "directory.clinics.views")]


def test_circle_is_one_link_with_all_modules():
    graph = {
        "top": frozenset({"a"}),
        "a": frozenset({"b"}),
        "b": frozenset({"a", "low"}),
        "low": frozenset(),
    }

    assert find_circles(graph) == [("a", "b")]
    assert longest_chain(graph) == ["top", "a", "b", "low"]


def test_checkouts_are_compared_in_columns(checkout):
    figures = measure(checkout)
    lines = list(table({"before": figures, "after": figures}))

    assert lines[0].split() == ["before", "after"]
    assert lines[1].split() == ["modules", "6", "6"]


def test_folder_without_package_is_refused(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.structure", "--tree", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 2
    assert "has no directory/__init__.py" in run.stderr
