"""A tree written for another engine, or the reason why that engine would not find the same.

RE2 finds what a backtracking engine finds first, in time linear in the text, where it takes the
pattern at all (https://github.com/google/re2/wiki/WhyRE2, "leftmost-first").
"""

from typing import Literal

from labs.cloudfront.java_regex.char_set import CharSet
from labs.cloudfront.java_regex.tree import (
    Alternatives,
    Anchor,
    Chars,
    Group,
    Look,
    Node,
    Reference,
    Repeat,
    Sequence,
    captures,
    inner,
    may_be_empty,
)

Engine = Literal["re2", "python", "java"]

RE2_REPETITIONS_MAX = 1000
MODES = {"greedy": "", "lazy": "?", "possessive": "+"}
# A line holds no line feed and no carriage return; these, which Java takes for line ends, it can.
BEFORE_LINE_END = r"(?=[\x85\u2028\u2029]?\Z)"


def re2_lacks(node: Node) -> str | None:
    """What keeps RE2 from finding the same; None when it does."""
    match node:
        case Look():
            return "it looks around"
        case Reference():
            return "it refers to a group"
        case Group(atomic=True) | Repeat(mode="possessive"):
            return "it forbids going back"
        case Anchor("line_end"):
            return "it has a $ in the middle"
        case Repeat(within, least, most):
            if captures(within):
                return "a group is optional or repeated"
            if max(least, most or 0) > RE2_REPETITIONS_MAX:
                return f"it repeats more than {RE2_REPETITIONS_MAX:,} times"
            if most != 1 and may_be_empty(within):
                return "it repeats what may be empty"
        case Alternatives():
            # A group that took no part is NULL in Hive; what calls RE2 gives an empty text.
            if captures(node):
                return "a group is in an alternative"
    return next((lack for each in inner(node) if (lack := re2_lacks(each))), None)


def written(node: Node, engine: Engine) -> str:
    """In the engine's notation. For RE2 only what `re2_lacks` finds nothing in."""
    match node:
        case Chars(of):
            return _chars(of, engine)
        case Sequence(items):
            return "".join(_within(each, engine) for each in items)
        case Alternatives(branches):
            return "|".join(written(each, engine) for each in branches)
        case Repeat(within, least, most, mode):
            bounds = f"{{{least},{'' if most is None else most}}}"
            text = written(within, engine)
            single = isinstance(within, Chars | Group)
            return (text if single else f"(?:{text})") + bounds + MODES[mode]
        case Group(within, number, atomic):
            opening = "(?>" if atomic else "(?:" if number is None else "("
            return f"{opening}{written(within, engine)})"
        case Look(within, ahead, negative):
            return f"(?{'' if ahead else '<'}{'!' if negative else '='}{written(within, engine)})"
        case Anchor(at):
            end = r"\Z" if engine == "python" else r"\z"
            line_end = "$" if engine == "java" else BEFORE_LINE_END
            return {"start": r"\A", "end": end, "line_end": line_end}[at]
        case Reference(number):
            return f"(?:\\{number})"


def _within(node: Node, engine: Engine) -> str:
    text = written(node, engine)
    return f"(?:{text})" if isinstance(node, Alternatives) else text


def _chars(of: CharSet, engine: Engine) -> str:
    single = of.single
    if single is not None and single.isascii() and single.isalnum():
        return single
    return f"[{''.join(_range(low, high, engine) for low, high in of.ranges)}]"


def _range(low: int, high: int, engine: Engine) -> str:
    return _code(low, engine) if low == high else f"{_code(low, engine)}-{_code(high, engine)}"


def _code(point: int, engine: Engine) -> str:
    return f"\\U{point:08x}" if engine == "python" else f"\\x{{{point:x}}}"
