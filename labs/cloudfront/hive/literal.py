"""Hive's string literals (BaseSemanticAnalyzer.unescapeSQLString)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

ESCAPE = re.compile(
    r"\\(?:u(?P<code>[0-9a-fA-F]{4})|(?P<octal>[01][0-7]{2})|(?P<char>.))", re.DOTALL
)
NAMED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}
# Kept with their backslash, for LIKE.
KEPT = "%_"


@dataclass(frozen=True)
class Literal:
    """What the literal means, and for each of its characters where it stands in the script."""

    value: str
    offsets: Sequence[int]

    def offset(self, index: int) -> int:
        return self.offsets[min(index, len(self.offsets) - 1)]


def read_literal(text: str, start: int) -> Literal:
    """`text` with its quotes, which starts at `start` of the script."""
    value: list[str] = []
    offsets: list[int] = []

    def add(chars: str, at: int) -> None:
        value.append(chars)
        offsets.extend([start + at] * len(chars))

    at, end = 1, len(text) - 1
    while at < end:
        escape = ESCAPE.match(text, at, end)
        if escape is None:
            add(text[at], at)
            at += 1
            continue
        if escape["char"]:
            char = escape["char"]
            add("\\" + char if char in KEPT else NAMED.get(char, char), at)
        else:
            add(chr(int(escape["code"], 16) if escape["code"] else int(escape["octal"], 8)), at)
        at = escape.end()
    # One more, for what is wrong at the end.
    offsets.append(start + end)
    return Literal("".join(value), offsets)
