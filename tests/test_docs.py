"""The docs tell the truth: help texts are the program's own, links lead somewhere, flags exist."""

import re
import runpy
import shlex
from pathlib import Path

import click
import pytest

from wildrydes.cli import COMMANDS, CommandGroup, wildrydes

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted({ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")})
SHELL = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")


def test_the_commands_page_is_current() -> None:
    generate = runpy.run_path(str(ROOT / "docs/generate.py"))
    assert (ROOT / "docs/commands.md").read_text() == generate["page"](), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    for target, _ in LINK.findall(page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_the_docs_have_their_flags(page: Path) -> None:
    """Every `wildrydes ...` and `make ...` line of a shell block is one that the program takes."""
    for block in SHELL.findall(page.read_text()):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["make"] and len(words) > 1:
                assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
            if words and words[0].endswith("wildrydes"):
                _check(words[1:])


def _check(words: list[str]) -> None:
    name = next((w for w in words if not w.startswith("-")), None)
    if name is None:
        return
    assert name in COMMANDS, f"no command {name}"
    command = CommandGroup().get_command(click.Context(wildrydes), name)
    assert command is not None
    known = {flag for p in command.params for flag in (*p.opts, *p.secondary_opts)}
    for word in words:
        if word.startswith("-"):
            assert word.split("=")[0] in known | {"--help"}, f"wildrydes {name} has no {word}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(name: str) -> None:
    command = CommandGroup().get_command(click.Context(wildrydes), name)
    assert command is not None
    assert command.help
    assert "Examples:" in (command.epilog or "")
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert parameter.help, f"{name} {parameter.opts[0]} has no help"
