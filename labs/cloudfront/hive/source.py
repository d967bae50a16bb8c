"""A script's text with its variables replaced, and where each character of it came from."""

import re
from bisect import bisect_right
from collections.abc import Mapping

from fleet.errors import SqlError, SqlErrors

# Strings and comments are passed over whole, so that -- in a string is no comment.
PIECE = re.compile(
    r"(?P<comment>--[^\n]*)|(?P<string>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<variable>\$\{[^}]*\})",
    re.DOTALL,
)
VARIABLE = re.compile(r"\$\{(?:(?:hivevar|hiveconf):)?([^}]*)\}")


class Source:
    """`text` is what Hive parses after its substitution of ${NAME} (Hive's LanguageManual,
    "Variable substitution"); `name` stands for the file in messages.
    """

    def __init__(self, original: str, name: str, variables: Mapping[str, str]) -> None:
        """Raises SqlErrors for a variable without a value."""
        self.name = name
        self._original = original
        self._variables = variables
        # Where pieces of `text` start, and where they start in the original.
        self._starts: list[int] = [0]
        self._origins: list[int] = [0]
        self.text = self._substituted()

    def error(
        self, message: str, at: int, *, length: int = 1, remedy: str | None = None
    ) -> SqlErrors:
        """At an offset of `text`."""
        piece = bisect_right(self._starts, at) - 1
        return self._error(
            message, self._origins[piece] + at - self._starts[piece], length=length, remedy=remedy
        )

    def _error(self, message: str, origin: int, *, length: int, remedy: str | None) -> SqlErrors:
        origin = min(origin, len(self._original))
        start = self._original.rfind("\n", 0, origin) + 1
        line = self._original.count("\n", 0, origin) + 1
        snippet = self._original[start:].split("\n", 1)[0].rstrip("\r")
        column = min(origin - start, len(snippet)) + 1
        fault = SqlError(
            message, line=line, column=column, snippet=snippet, length=length, remedy=remedy
        )
        return SqlErrors([fault], self.name)

    def _substituted(self) -> str:
        parts: list[str] = []
        length = done = 0

        def add(text: str, origin: int) -> None:
            nonlocal length
            self._starts.append(length)
            self._origins.append(origin)
            parts.append(text)
            length += len(text)

        for piece in PIECE.finditer(self._original):
            if piece["comment"]:
                continue
            for found in VARIABLE.finditer(self._original, piece.start(), piece.end()):
                add(self._original[done : found.start()], done)
                add(self._value(found), found.start())
                done = found.end()
        add(self._original[done:], done)
        return "".join(parts)

    def _value(self, found: re.Match[str]) -> str:
        name = found[1]
        if name not in self._variables:
            raise self._error(
                f"no value for {found[0]}",
                found.start(),
                length=len(found[0]),
                remedy=f"give one: --define {name or 'NAME'}=VALUE",
            )
        return self._variables[name]
