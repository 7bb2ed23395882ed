"""Knowledge of the treatment is written once: codes and clinical numbers stay in `care/`."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from directory.care import procedures, thresholds
from directory.config import PROJECT_FOLDER

PACKAGE = PROJECT_FOLDER / "directory"
FOLDERS_WITH_CODES = (PACKAGE / "care", PROJECT_FOLDER / "seeds/demo")
FOLDERS_WITHOUT_NUMBERS = ("selfcheck", "inquiries", "portal", "search")
CODES = {value for name, value in vars(procedures).items() if name.isupper()}
CODE = re.compile(rf"\b(?:{'|'.join(sorted(CODES))}|646\d\d|J058\d)\b")
CLINICAL_WORD = re.compile(
    r"ages?|days?|doses?|headaches?|hit6|hours|interval|midas|migraine|months?|relief|toxin"
    r"|treatments?|units?|weeks?"
)


def exported(kind: type) -> set[object]:
    """Return the numbers, or the spans of time, that `thresholds` exports."""
    values = [value for name, value in vars(thresholds).items() if name.isupper()]
    values += [each for value in values if isinstance(value, tuple) for each in value]
    values += thresholds.RELIEF_DAYS.values()
    # Zero is where counting begins, wherever one counts.
    return {each for each in values if type(each) is kind and each != 0}


NUMBERS, SPANS = exported(int), exported(timedelta)


def repeats(source: str) -> list[str]:
    """Return the code that repeats a clinical number, each with its line."""
    return [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.expr | ast.stmt) and _repeats(node)
    ]


def _repeats(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        if ast.unparse(node.func) == "divmod":
            return False  # the 12 months of a year
        return _span(node) in SPANS or (
            _speaks_of_treatment(*node.args) and _has_number(*node.args)
        )
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return _speaks_of_treatment(*targets) and _has_number(node.value)
    if isinstance(node, ast.Compare):
        parts = [node.left, *node.comparators]
        return _speaks_of_treatment(*parts) and _has_number(*parts)
    if isinstance(node, ast.Dict):
        keys = [each for each in node.keys if each is not None]
        return _speaks_of_treatment(*keys) and _has_number(*node.values)
    return False


def _span(call: ast.Call) -> timedelta | None:
    """Return the span that a call of `timedelta` with literals makes."""
    if ast.unparse(call.func).rpartition(".")[2] != "timedelta":
        return None
    try:
        days = [ast.literal_eval(each) for each in call.args]
        return timedelta(
            *days, **{each.arg: ast.literal_eval(each.value) for each in call.keywords}
        )
    except (TypeError, ValueError):
        return None


def _has_number(*nodes: ast.expr) -> bool:
    """Return True if one of the nodes is an exported number, or a row of such."""
    values = [each for node in nodes for each in getattr(node, "elts", [node])]
    return any(
        isinstance(each, ast.Constant) and type(each.value) is int and each.value in NUMBERS
        for each in values
    )


def _speaks_of_treatment(*nodes: ast.expr) -> bool:
    """Return True if a name among the nodes has a clinical word."""
    return any(
        CLINICAL_WORD.fullmatch(word)
        for node in nodes
        for each in ast.walk(node)
        for word in _words(each)
    )


def _words(node: ast.AST) -> list[str]:
    name = getattr(node, "id", None) or getattr(node, "attr", None) or ""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(name))
    return apart.lower().split("_")


def files_with_codes() -> Iterator[Path]:
    """Yield every file of the program in which a procedure code could be written."""
    for folder in (PACKAGE, PROJECT_FOLDER / "seeds", PROJECT_FOLDER / "benchmarks"):
        for ending in ("py", "html", "txt", "js", "po"):
            yield from folder.rglob(f"*.{ending}")


def test_no_procedure_code_is_written_outside_care_and_the_demo_seeds() -> None:
    found = [
        f"{file.relative_to(PROJECT_FOLDER)}: {match[0]}"
        for file in files_with_codes()
        if not any(map(file.is_relative_to, FOLDERS_WITH_CODES))
        for match in CODE.finditer(file.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("folder", FOLDERS_WITHOUT_NUMBERS)
def test_no_slice_repeats_a_clinical_number(folder: str) -> None:
    found = [
        f"{file.relative_to(PACKAGE)}:{each}"
        for file in sorted((PACKAGE / folder).rglob("*.py"))
        for each in repeats(file.read_text(encoding="utf-8"))
    ]
    assert found == [], "import it from directory.care.thresholds"


@pytest.mark.parametrize(
    "snippet",
    [
        "CHRONIC_DAYS = 15",
        "HIT6: tuple[int, int] = (36, 78)",
        "is_chronic = answers.headache_days >= 15",
        "if 8 <= migraine_days: pass",
        "is_adult = age >= 18",
        "def next_treatment(day): return day + timedelta(weeks=12)",
        "WAIT = datetime.timedelta(days=84)",
        "OFTEN = {PainRelief.TRIPTAN: 10}",
        "field = number(relief_label, 0, 31)",
    ],
)
def test_the_guard_finds_a_repeated_number(snippet: str) -> None:
    assert repeats(snippet) != []


@pytest.mark.parametrize(
    "snippet",
    [
        "CHRONIC_DAYS = HEADACHE_DAYS",
        "is_chronic = answers.headache_days >= HEADACHE_DAYS",
        "MOST_PAGES = 15",
        "is_long = len(text) > 18",
        "has_days = headache_days > 0",
        "ENDS_AFTER = timedelta(days=60)",
        "years, month = divmod(months, 12)",
    ],
)
def test_the_guard_lets_other_numbers_pass(snippet: str) -> None:
    assert repeats(snippet) == []
