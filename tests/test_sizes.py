"""A file is one noun and a function does one thing: the sizes that keep it so."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    "analytics_sql", "awsio", "chaos", "fleet", "local_kinesis", "processor", "simulator", "sinks",
    "wildrydes",
)  # fmt: skip
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
MEDIAN_FILE_LINES_MAX = 150


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= FILE_LINES_MAX
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"


def test_the_median_file_is_short() -> None:
    lines = sorted(len(path.read_text().splitlines()) for path in FILES)
    assert lines[len(lines) // 2] <= MEDIAN_FILE_LINES_MAX
