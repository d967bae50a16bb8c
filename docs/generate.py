"""Writes docs/commands.md from the commands' own help, and docs/sql/functions.md from the registry
of functions: `make docs`. A test keeps them current.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from click.testing import CliRunner

from analytics_sql.functions import SCALARS
from wildrydes.cli import wildrydes

PAGE = Path(__file__).with_name("commands.md")
FUNCTIONS = Path(__file__).parent / "sql/functions.md"
HEAD = """# Commands

Written from the commands' own `--help` by `make docs`; do not edit.

All but `sql` take `--endpoint-url`, `--region` and `--profile`, the AWS environment variables and
the AWS configuration files, as every AWS tool does. Exit codes: 0 ok, 1 failure, 2 usage.
"""
FUNCTIONS_HEAD = """# Scalar functions

Written from the functions in `analytics_sql/functions/` by `make docs`; do not edit. REF is the AWS
SQL reference. Functions give NULL for NULL, unless it says otherwise. A value that a function has
no answer for sends its row to the error stream. [decisions.md](decisions.md) has what the reference
leaves open.

The grammar has these besides:

| written | is |
|---|---|
"""
GRAMMAR = {
    "CASE [value] WHEN ... THEN value ... [ELSE value] END": "the value of the first branch that "
    "holds, else NULL; only that value can fail",
    "CAST(value AS type)": "the value as another type",
    "COALESCE(value, ...)": "the first value that is not NULL",
    "NULLIF(value, value)": "NULL if the two are equal, else the first",
    "value [NOT] BETWEEN [SYMMETRIC] value AND value": "whether it lies between the two; "
    "SYMMETRIC: whichever of them is the larger",
    "value [NOT] IN (value, ...)": "whether it is one of them",
    "value IS [NOT] NULL, condition IS [NOT] UNKNOWN": "never unknown themselves",
    "value IS [NOT] DISTINCT FROM value": "as = and <>, with NULL equal to itself",
    "[PERIOD] (start, end) [STRICTLY] CONTAINS | EQUALS | OVERLAPS | [IMMEDIATELY] PRECEDES | "
    "SUCCEEDS [PERIOD] (start, end)": "how two times from start up to before end lie to each "
    "other; CONTAINS takes a time, too. a PRECEDES b PRECEDES c: both",
    "(time - time) SECOND, (time - time) DAY TO SECOND": "the interval between two times, in whole "
    "units; seconds keep their fraction",
    "CURRENT_ROW_TIMESTAMP, CURRENT_TIMESTAMP, LOCALTIMESTAMP": "the row's ROWTIME",
    "CURRENT_DATE, CURRENT_TIME, LOCALTIME": "the day of the row's ROWTIME, and its time of day",
}
FAMILIES = {
    "text": "Text",
    "patterns": "Patterns",
    "numbers": "Numbers",
    "times": "Times and intervals",
    "date_text": "Times and text",
    "conditions": "Conditions",
    "logs": "Log parsers",
}


def functions_page() -> str:
    """The text of docs/sql/functions.md."""
    parts = [FUNCTIONS_HEAD + "\n".join(f"| {_code(w)} | {m} |" for w, m in GRAMMAR.items()), ""]
    for family, title in FAMILIES.items():
        parts.append(f"## {title}\n\n| function | type | gives | source |\n|---|---|---|---|")
        parts += [
            f"| {_code(function.syntax)} | {function.returns} | {_cell(function.summary)} "
            f"| {function.source} |"
            for function in SCALARS.values()
            if function.family == family
        ]
        parts.append("")
    return "\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def page() -> str:
    """The text of docs/commands.md."""
    return "\n".join([HEAD, *_sections(wildrydes, [])])


def _sections(command: click.Command, path: list[str]) -> Iterator[str]:
    """That of the command, and those of the commands inside it."""
    yield _section(" ".join(["wildrydes", *path]), path)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _sections(inner, [*path, name])


def _section(title: str, arguments: list[str]) -> str:
    result = CliRunner().invoke(
        wildrydes, [*arguments, "--help"], prog_name="wildrydes", terminal_width=100
    )
    assert result.exit_code == 0, result.output
    return f"## {title}\n\n```\n{result.output.rstrip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page())
    FUNCTIONS.write_text(functions_page())
    print(f"wrote {PAGE.name} and {FUNCTIONS.name}", file=sys.stderr)
