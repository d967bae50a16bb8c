"""The expressions of FAST_REGEX_LOG_PARSER: looked for piece by piece, never backwards.

REF:sql-reference-fast-regex-log-parser has the way: an expression is taken apart into one inside of
each group and one outside of it; what has a fixed length at the beginning of one goes to the one
before it; each takes as little as it can, from where the one before ended. x+ is xx*.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from analytics_sql.functions.regex import SearchRegex, java_search

_TOKEN = re.compile(
    r"(?P<open>\((?:\?:)?)"
    r"|(?:(?P<close>\))|(?P<atom>\\.|\[(?:\\.|[^\]])*\]|<[A-Za-z]+>|.))"
    r"(?P<repeat>[*+?]|\{\d+(?:,\d*)?\})?\??",
    re.DOTALL,
)
_RESERVED: Final = '&#~"<|'
"""Characters that mean something in a fast expression which is not built; | in a group is."""


@dataclass(frozen=True, slots=True)
class FastRegex:
    """A fast expression, taken apart."""

    parts: tuple[SearchRegex, ...]
    """Each is looked for where the one before it ended, the last up to the end of the line. Empty
    groups `s1` and `e1` in them stand where group 1 begins and ends.
    """
    groups: int

    def fields(self, line: str) -> tuple[str, ...] | None:
        """What stands in the groups; None for a line that does not fit."""
        marks: dict[str, int] = {}
        at = 0
        for number, part in enumerate(self.parts, start=1):
            is_last = number == len(self.parts)
            match = part.fullmatch(line, at) if is_last else part.match(line, at)
            if match is None:
                return None
            marks.update((name, match.start(n)) for name, n in part.groupindex.items())
            at = match.end()
        return tuple(line[marks[f"s{n}"] : marks[f"e{n}"]] for n in range(1, self.groups + 1))


@dataclass(frozen=True, slots=True)
class _Atom:
    """A piece of an expression; or, with a `mark`, the place where a group begins or ends."""

    text: str = ""
    repeat: str = ""
    is_fixed: bool = True
    """Whether it is always as long."""
    is_inside: bool = False
    """Of a group."""
    mark: str = ""


@lru_cache(maxsize=64)
def fast_regex(pattern: str) -> FastRegex:
    """Takes an expression apart. Raises ValueError for what is none."""
    tokens = list(_TOKEN.finditer(pattern))
    parts: list[list[_Atom]] = [[]]
    begins, groups = False, 0
    for atom in _atoms(pattern, tokens):
        groups += atom.mark.startswith("s")
        begins = begins or bool(atom.mark)
        if begins and not atom.is_fixed:
            if any(before.text for before in parts[-1]):
                parts.append([])
            begins = False
        parts[-1].append(atom)
    if not groups:
        raise ValueError(f"{pattern[:40]!a} has no group in parentheses: a group makes a column")
    texts = [_text(part, is_last=part is parts[-1]) for part in parts]
    return FastRegex(tuple(map(java_search, texts)), groups)


def _text(part: list[_Atom], *, is_last: bool) -> str:
    """A part as a regular expression. Outside of the groups, and before nothing of a fixed length,
    a repetition takes as much as it can: the + of (.*)_+(.*) takes all of ____.
    """
    end = next((atom for atom in reversed(part) if atom.text), _Atom())
    lazy = "?" if end.is_fixed or end.is_inside or is_last else ""
    return "".join(
        f"(?<{atom.mark}>)" if atom.mark else atom.text + atom.repeat + (atom.repeat and lazy)
        for atom in part
    )


def _atoms(pattern: str, tokens: list[re.Match[str]]) -> Iterator[_Atom]:
    at, group = 0, 0
    while at < len(tokens):
        if not tokens[at]["open"]:
            yield from _pieces(pattern, tokens[at], is_inside=False)
            at += 1
            continue
        end = _closing(pattern, tokens, at)
        if tokens[at]["open"] == "(?:" or tokens[end]["repeat"]:
            raise ValueError(
                f"{pattern[:40]!a}: outside of a group nothing is repeated but characters, and no "
                "(?: ) is supported in a fast expression"
            )
        inner, group = tokens[at + 1 : end], group + 1
        yield _Atom(mark=f"s{group}")
        if any(token["open"] or token["atom"] == "|" for token in inner):
            yield _Atom(f"(?:{_nested(pattern, inner)})", is_fixed=False, is_inside=True)
        else:
            for token in inner:
                yield from _pieces(pattern, token, is_inside=True)
        yield _Atom(mark=f"e{group}")
        at = end + 1


def _closing(pattern: str, tokens: Sequence[re.Match[str]], at: int) -> int:
    depth = 0
    for place in range(at, len(tokens)):
        depth += bool(tokens[place]["open"]) - bool(tokens[place]["close"])
        if not depth:
            return place
    raise ValueError(f"{pattern[:40]!a} has a ( without its )")


def _pieces(pattern: str, token: re.Match[str], *, is_inside: bool) -> Iterator[_Atom]:
    """One piece, or two: those it has at least, and those it may have besides."""
    text = _translated(pattern, token)
    repeat = token["repeat"]
    if text == ".*":
        yield _Atom(".", "*", False, is_inside)
    elif repeat is None:
        yield _Atom(text, is_inside=is_inside)
    elif repeat in "*?":
        yield _Atom(text, repeat, False, is_inside)
    elif repeat == "+":
        yield _Atom(text, is_inside=is_inside)
        yield _Atom(text, "*", False, is_inside)
    else:
        least, comma, most = repeat[1:-1].partition(",")
        yield _Atom(f"{text}{{{least}}}", is_inside=is_inside)
        if comma:
            more = f"{{0,{int(most) - int(least)}}}" if most else "*"
            yield _Atom(text, more, False, is_inside)


def _nested(pattern: str, tokens: Sequence[re.Match[str]]) -> str:
    """The inside of a group that has others in it, or an or: one piece."""
    parts = []
    for token in tokens:
        is_or = token["atom"] == "|"
        text = "(?:" if token["open"] else ")" if token["close"] else "|" if is_or else ""
        repeat = token["repeat"] or ""
        parts.append((text or _translated(pattern, token)) + repeat + (repeat and "?"))
    return "".join(parts)


def _translated(pattern: str, token: re.Match[str]) -> str:
    """A character, a class of them, or what a name stands for, in an expression of Java."""
    atom = token["atom"]
    if atom is None:
        raise ValueError(f"{pattern[:40]!a} has a ) without its (")
    if atom[0] == "<" and len(atom) > 1:
        return rf"\p{{{atom[1:-1]}}}"
    if atom in _RESERVED:
        where = " outside of a group" if atom == "|" else ""
        raise ValueError(
            f"{pattern[:40]!a} has a {atom}{where}, which is not supported: write \\{atom} for the "
            "character"
        )
    return ".*" if atom == "@" else atom
