"""A file is one noun and a function does one thing: the sizes that keep it so."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    "analytics_sql", "awsio", "chaos", "fleet", "labs", "local_kinesis", "processor", "simulator",
    "sinks", "wildrydes",
)  # fmt: skip
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
MEDIAN_FILE_LINES_MAX = 150


@cache
def texts() -> Mapping[str, str]:
    """Each file of the packages and what it holds."""
    return {
        str(path.relative_to(ROOT)): path.read_text()
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


@cache
def parsed(text: str) -> ast.Module:
    return ast.parse(text)


def too_large(name: str, text: str) -> Iterator[str]:
    """What is said of a file, and of each function in it, that is larger than it may be."""
    if (lines := len(text.splitlines())) > FILE_LINES_MAX:
        yield f"{name} has {lines} lines"
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield f"{name}: {node.name} has {lines} lines"


def test_files_and_functions_stay_small() -> None:
    assert [fault for name, text in texts().items() for fault in too_large(name, text)] == []


def test_every_file_says_what_it_is() -> None:
    assert [name for name, text in texts().items() if not ast.get_docstring(parsed(text))] == []


def test_the_median_file_is_short() -> None:
    lines = sorted(len(text.splitlines()) for text in texts().values())
    assert lines[len(lines) // 2] <= MEDIAN_FILE_LINES_MAX


def test_what_is_too_large_is_seen() -> None:
    """The control: a line too many in a function, and in a file."""
    function = "def f():\n" + "    pass\n" * (FUNCTION_LINES_MAX - 1)
    assert list(too_large("a.py", function)) == []
    assert list(too_large("a.py", function + "    pass\n")) == ["a.py: f has 71 lines"]
    assert list(too_large("a.py", "\n" * FILE_LINES_MAX)) == []
    assert list(too_large("a.py", "\n" * (FILE_LINES_MAX + 1))) == ["a.py has 501 lines"]
