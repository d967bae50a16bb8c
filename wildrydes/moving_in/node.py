"""An application's parts as a document has them, whatever the style of its keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fleet.errors import ConfigError

NODES_MAX = 200_000
"""Values in a document: a few lines of YAML can stand for billions."""

Node = Mapping[str, Any]
"""A part of a document, its keys without `_` and in lower case: NamePrefix and name_prefix are the
same.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """An application as a document has it."""

    name: str
    text: str
    inputs: list[Node] = field(default_factory=list)
    outputs: list[Node] = field(default_factory=list)
    references: list[Node] = field(default_factory=list)
    logs: bool = False
    """Whether it had CloudWatch logging."""


def limit_nodes(value: Any, path: Path) -> None:
    """Raises ConfigError for a document whose values, those named twice counted twice, are too
    many or too deep.
    """
    left, waiting = NODES_MAX, [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        left -= 1
        if left < 0 or depth > 100:
            raise ConfigError(f"{path} is too large: more than {NODES_MAX:,} values, or too deep")
        inner = item.values() if isinstance(item, Mapping) else item
        if isinstance(item, Mapping | list):
            waiting += [(each, depth + 1) for each in inner]


def folded(value: Any) -> Any:
    """The same value with the keys of a Node, all the way down."""
    if isinstance(value, Mapping):
        return {str(key).replace("_", "").lower(): folded(item) for key, item in value.items()}
    return [folded(item) for item in value] if isinstance(value, list) else value


def node(of: Any, *names: str) -> Node:
    """The first part of these names that is there, empty if none is; of a list its first item."""
    for name in names:
        value = of.get(name) if isinstance(of, Mapping) else None
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, Mapping):
            return value
    return {}


def nodes(of: Any, *names: str) -> list[Node]:
    """The parts of the list of the first of these names that is there."""
    for name in names:
        value = of.get(name) if isinstance(of, Mapping) else None
        if isinstance(value, Mapping):
            return [value]
        if isinstance(value, list):
            return [item for item in value if isinstance(item, Mapping)]
    return []


def text_of(of: Any, *names: str) -> str:
    """The text of the first of these names that is there, or nothing."""
    for name in names:
        value = of.get(name) if isinstance(of, Mapping) else None
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def resource_name(arn: str) -> str:
    """The name at the end of an ARN; a name alone is that name. What nobody filled in is whole."""
    if not arn.startswith("arn:"):
        return arn
    held = {f"\x00{number}\x00": place for number, place in enumerate(open_places(arn))}
    for mark, place in held.items():
        arn = arn.replace(place, mark, 1)
    name = arn.replace("/", ":").rsplit(":", 1)[-1]
    for mark, place in held.items():
        name = name.replace(mark, place)
    return name


def open_places(text: str) -> Iterator[str]:
    """The `${...}` that nobody filled in."""
    at = text.find("${")
    while at >= 0:
        depth, end = 1, at + 2
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield text[at:end]
        at = text.find("${", end)
