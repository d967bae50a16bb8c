"""Several top-level packages in one wheel: each name must be ours, and each must be packed."""

import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKED = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


@pytest.mark.parametrize("name", PACKED)
def test_a_package_comes_from_this_tree(name: str) -> None:
    module = import_module(name)
    assert Path(module.__file__ or "").parent == ROOT / name
    assert (ROOT / name / "py.typed").exists()


def test_every_package_is_packed_and_type_checked() -> None:
    apart = {"tests", "bench", "docs", "chaos"}
    found = {p.parent.name for p in ROOT.glob("*/__init__.py")} - apart
    assert sorted(found) == PACKED
    assert PROJECT["tool"]["mypy"]["packages"] == sorted([*PACKED, "chaos"])


def test_the_pins_name_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text, path
        assert "--index" not in text, path
        assert text.count("--hash=sha256:") > 50, path


def test_the_pins_cover_the_declared_dependencies() -> None:
    pinned = {
        line.split("==")[0].split("[")[0]
        for line in (ROOT / "requirements/run.txt").read_text().splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    }
    for requirement in PROJECT["project"]["dependencies"]:
        name = requirement.split(";")[0]
        for stop in "[<>=~! ":
            name = name.split(stop)[0]
        assert name in pinned, f"{name} is not pinned: run requirements/compile.sh"
