"""What a pattern consists of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from labs.cloudfront.java_regex.char_set import CharSet

Mode = Literal["greedy", "lazy", "possessive"]


@dataclass(frozen=True)
class Chars:
    """One character out of a set; a literal is a set of one."""

    of: CharSet


@dataclass(frozen=True)
class Sequence:
    items: tuple["Node", ...]


@dataclass(frozen=True)
class Alternatives:
    branches: tuple["Node", ...]


@dataclass(frozen=True)
class Repeat:
    node: "Node"
    least: int
    most: int | None
    mode: Mode


@dataclass(frozen=True)
class Group:
    """`number` from 1 for a group that captures, None for one that does not."""

    node: "Node"
    number: int | None
    atomic: bool = False


@dataclass(frozen=True)
class Look:
    node: "Node"
    ahead: bool
    negative: bool


@dataclass(frozen=True)
class Anchor:
    """`start` is ^ and \\A, `end` is \\z, `line_end` is $ and \\Z: before a last line end too."""

    at: Literal["start", "end", "line_end"]


@dataclass(frozen=True)
class Reference:
    """The text of an earlier group."""

    number: int


Node = Chars | Sequence | Alternatives | Repeat | Group | Look | Anchor | Reference


def inner(node: Node) -> tuple[Node, ...]:
    """The nodes right inside."""
    match node:
        case Sequence(items):
            return items
        case Alternatives(branches):
            return branches
        case Repeat(within) | Group(within) | Look(within):
            return (within,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all inside, in the order of the text."""
    yield node
    for each in inner(node):
        yield from walk(each)


def captures(node: Node) -> list[int]:
    """The numbers of the groups inside, in the order of the text."""
    return [n.number for n in walk(node) if isinstance(n, Group) and n.number is not None]


def may_be_empty(node: Node) -> bool:
    """Whether it can match without taking a character."""
    match node:
        case Chars():
            return False
        case Sequence(items):
            return all(map(may_be_empty, items))
        case Alternatives(branches):
            return any(map(may_be_empty, branches))
        case Repeat(within, least):
            return least == 0 or may_be_empty(within)
        case Group(within):
            return may_be_empty(within)
    return True
