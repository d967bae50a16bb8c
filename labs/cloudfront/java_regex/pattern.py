"""A pattern that has to match a whole line, and the ways it can be matched fast.

Hive's published patterns separate fields by `\\s+` and let `[^ ]+` run over tabs, so that a line of
eleven fields can be cut in thousands of ways, and a backtracking engine tries them. Two rewritings
find the same:

*Guards.* What looks ahead at the very start, `(?!#)`, is a condition of its own on the line.

*Fields.* Let n items of the sequence be `W+`, W a class. On a line with exactly n characters of W
each of these items takes exactly one (each needs one, and there are no more), and so nothing else
takes any. The line is therefore cut at those n characters, in one way only, and what stands between
is matched field by field; a backtracking engine's preference for the first match holds in each
field on its own, as no field's choice bears on another's. A line with fewer of them cannot match.
A line with more takes the whole pattern.
"""

from dataclasses import dataclass

from labs.cloudfront.java_regex.char_set import SPACE, CharSet
from labs.cloudfront.java_regex.parser import parse
from labs.cloudfront.java_regex.tree import (
    Anchor,
    Chars,
    Group,
    Look,
    Node,
    Repeat,
    Sequence,
    captures,
    walk,
)
from labs.cloudfront.java_regex.writer import Engine, re2_lacks, written

TAB = "\t"


@dataclass(frozen=True)
class Guard:
    """The line must start with this, or must not."""

    node: Node
    negative: bool

    @property
    def literal(self) -> str | None:
        """The text that it looks for, when that is one."""
        items = self.node.items if isinstance(self.node, Sequence) else (self.node,)
        chars = [each.of.single if isinstance(each, Chars) else None for each in items]
        return None if None in chars or not chars else "".join(char for char in chars if char)


@dataclass(frozen=True)
class Field:
    """What one field must match as a whole. `groups` are numbered as in the pattern."""

    node: Node
    groups: tuple[int, ...]
    is_text: bool
    """It is one group that takes any text; then only `may_be_empty` matters."""
    may_be_empty: bool = False


@dataclass(frozen=True)
class Fields:
    """Lines with exactly `len(fields) - 1` tabs and none of `others` are cut at the tabs."""

    fields: tuple[Field, ...]
    others: str

    @property
    def separators(self) -> int:
        return len(self.fields) - 1


@dataclass(frozen=True)
class Pattern:
    """`body` has no guards and no anchors at its ends; it has to match from a line's start to its
    end.
    """

    node: Node
    group_count: int
    guards: tuple[Guard, ...]
    body: Sequence
    fields: Fields | None
    re2_lacks: str | None
    """What keeps RE2 from finding the same for body and guards; None when it does."""


def compiled(text: str, *, ignore_case: bool = False) -> Pattern:
    """Raises PatternError."""
    node = parse(text, ignore_case=ignore_case)
    count = len(captures(node))
    items = list(node.items) if isinstance(node, Sequence) else [node]
    while items and items[-1] in (Anchor("end"), Anchor("line_end")):
        items.pop()
    guards = []
    while items and (items[0] == Anchor("start") or _is_guard(items[0])):
        first = items.pop(0)
        if isinstance(first, Look):
            guards.append(Guard(first.node, first.negative))
    body = Sequence(tuple(items))
    lacks = next(
        (lack for each in (body, *(guard.node for guard in guards)) if (lack := re2_lacks(each))),
        None,
    )
    fields = _fields(body) if lacks is None else None
    return Pattern(node, count, tuple(guards), body, fields, lacks)


def whole(node: Node, engine: Engine) -> str:
    """Of a text from its start to its end."""
    end = r"\Z" if engine == "python" else r"\z"
    return rf"\A(?:{written(node, engine)}){end}"


def prefix(node: Node, engine: Engine) -> str:
    """Of the start of a text."""
    return rf"\A(?:{written(node, engine)})"


def _is_guard(node: Node) -> bool:
    return isinstance(node, Look) and node.ahead and not captures(node)


def _separator(node: Node) -> CharSet | None:
    """The class of `W+`, when it is white space with the tab."""
    match node:
        case Repeat(Chars(of), 1, None) if TAB in of and (of | SPACE) == SPACE:
            return of
    return None


def _fields(body: Sequence) -> Fields | None:
    separator = next((w for each in body.items if (w := _separator(each)) is not None), None)
    if separator is None or any(isinstance(each, Anchor) for each in walk(body)):
        return None
    parts: list[list[Node]] = [[]]
    for item in body.items:
        if _separator(item) == separator:
            parts.append([])
        else:
            parts[-1].append(item)
    # A line holds no line feed and no carriage return.
    others = "".join(char for char in " \x0b\f" if char in separator)
    return Fields(tuple(_field(part, separator) for part in parts), others)


def _field(items: list[Node], separator: CharSet) -> Field:
    node = Sequence(tuple(items))
    groups = tuple(captures(node))
    match items:
        case [Group(Repeat(Chars(of), least, None), int(), False)] if least <= 1:
            if not (~(of | separator)).ranges:
                return Field(node, groups, is_text=True, may_be_empty=least == 0)
    return Field(node, groups, is_text=False)
