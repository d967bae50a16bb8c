"""The arrows of docs/architecture.md: what may import what, and no cycles."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Package -> packages it may import. Anything absent is forbidden.
ALLOWED = {
    "fleet": set(),
    "awsio": {"fleet"},
    "analytics_sql": {"fleet"},
    "sinks": {"awsio", "fleet"},
    "simulator": {"awsio", "fleet"},
    "labs": {"analytics_sql", "awsio", "fleet", "sinks"},
    "local_kinesis": {"fleet"},
    "processor": {"analytics_sql", "awsio", "fleet", "sinks"},
    "wildrydes": {
        "analytics_sql", "awsio", "fleet", "labs", "local_kinesis", "processor", "simulator",
        "sinks",
    },
    "chaos": {
        "analytics_sql", "awsio", "fleet", "local_kinesis", "processor", "simulator", "sinks",
        "wildrydes",
    },
}  # fmt: skip

FILES = [(package, path) for package in ALLOWED for path in sorted((ROOT / package).rglob("*.py"))]


@cache
def imports(path: Path) -> list[str]:
    """Every module a file imports, whole names; imports inside functions count too."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append(node.module)
            found.extend(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
    return found


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def forbidden(package: str, path: Path) -> Iterator[str]:
    """What is said of each import that a file may not have."""
    for module in imports(path):
        target = module.split(".")[0]
        if target in ALLOWED and target != package and target not in ALLOWED[package]:
            yield f"{path} may not import {module}"


def test_imports_follow_the_arrows() -> None:
    assert [fault for package, path in FILES for fault in forbidden(package, path)] == []


def test_only_the_assembly_knows_concrete_sinks() -> None:
    for package, path in FILES:
        if package == "processor" and path.name != "assembly.py":
            foreign = {m for m in imports(path) if m.startswith("sinks.")}
            assert {m for m in foreign if not m.startswith("sinks.base")} == set(), path


def test_only_settings_reads_the_environment() -> None:
    for package, path in FILES:
        # Storms make the environment of the processes that they start.
        if package != "chaos" and path != ROOT / "fleet/settings.py":
            text = path.read_text()
            assert "os.environ" not in text, path
            assert "getenv" not in text, path


def test_no_module_cycles() -> None:
    graph = {module_name(path): set(imports(path)) for _, path in FILES}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in done or name not in graph:
            return
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        for other in graph[name] - {name}:
            visit(other, (*trail, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def test_a_forbidden_import_is_seen(tmp_path: Path) -> None:
    """The control: the reader of imports sees one inside a function."""
    path = tmp_path / "bad.py"
    path.write_text("def f():\n    from simulator import motion\n")
    fault = f"{path} may not import simulator"
    assert list(forbidden("processor", path)) == [fault, f"{fault}.motion"]
    assert list(forbidden("simulator", path)) == []
