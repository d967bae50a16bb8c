"""Writes docs/commands.md from the commands' own help: `make docs`. A test keeps it current."""

import sys
from pathlib import Path

from click.testing import CliRunner

from wildrydes.cli import COMMANDS, wildrydes

PAGE = Path(__file__).with_name("commands.md")
HEAD = """# Commands

Written from the commands' own `--help` by `make docs`; do not edit.

All of them take `--endpoint-url`, `--region` and `--profile`, the AWS environment variables and the
AWS configuration files, as every AWS tool does. Exit codes: 0 ok, 1 failure, 2 usage.
"""


def page() -> str:
    """The text of docs/commands.md."""
    parts = [HEAD, _section("wildrydes", [])]
    parts += [_section(f"wildrydes {name}", [name]) for name in COMMANDS]
    return "\n".join(parts)


def _section(title: str, arguments: list[str]) -> str:
    result = CliRunner().invoke(
        wildrydes, [*arguments, "--help"], prog_name="wildrydes", terminal_width=100
    )
    assert result.exit_code == 0, result.output
    return f"## {title}\n\n```\n{result.output.rstrip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"wrote {PAGE.name}", file=sys.stderr)
