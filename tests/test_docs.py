"""The docs tell the truth: help texts are the program's own, links lead somewhere, flags exist."""

import re
import runpy
import shlex
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from wildrydes.cli import COMMANDS, wildrydes

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    {
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("labs/**/*.md"),
    }
)
SHELL = re.compile(r"^```(?:sh|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")


def test_the_commands_page_is_current() -> None:
    generate = runpy.run_path(str(ROOT / "docs/generate.py"))
    assert (ROOT / "docs/commands.md").read_text() == generate["page"](), "run `make docs`"


def test_the_page_of_functions_is_current() -> None:
    generate = runpy.run_path(str(ROOT / "docs/generate.py"))
    assert (ROOT / "docs/sql/functions.md").read_text() == generate["functions_page"](), "make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    for target, _ in LINK.findall(page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_page_is_reached_from_the_readme() -> None:
    reached, ahead = set[Path](), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached or page not in PAGES:
            continue
        reached.add(page)
        links = (target for target, _ in LINK.findall(page.read_text()) if "://" not in target)
        ahead.extend((page.parent / target).resolve() for target in links)
    assert set(PAGES) == reached


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


def _command(path: Sequence[str]) -> click.Command:
    """The command that these words name, `sql run` for one."""
    found: click.Command = wildrydes
    for name in path:
        assert isinstance(found, click.Group)
        inner = found.get_command(click.Context(found), name)
        assert inner is not None, f"no command {name}"
        found = inner
    return found


def _check(words: list[str]) -> None:
    named = [word for word in words if not word.startswith("-")]
    if not named:
        return
    length = 1
    while isinstance(command := _command(named[:length]), click.Group) and len(named) > length:
        length += 1
    known = {flag for p in command.params for flag in (*p.opts, *p.secondary_opts)}
    for word in words:
        if word.startswith("-") and word != "-":
            assert word.split("=")[0] in known | {"--help"}, f"{command.name} has no {word}"


def _inside(path: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The command's own path, and those of the commands inside it."""
    found = _command(path)
    inner = found.list_commands(click.Context(found)) if isinstance(found, click.Group) else []
    return [path, *(each for name in inner for each in _inside((*path, name)))]


PATHS = [path for name in COMMANDS for path in _inside((name,))]


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_command_has_help_with_examples(path: Sequence[str]) -> None:
    command = _command(path)
    assert command.help
    assert "Examples:" in (command.epilog or "")
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert parameter.help, f"{' '.join(path)} {parameter.opts[0]} has no help"
