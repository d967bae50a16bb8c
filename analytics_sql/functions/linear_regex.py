"""Regular expressions that are looked for in a time in proportion to the text, whatever it holds:
those that RE2 can take. Lines of a stream are written by others, and an expression that goes back
and forth, such as (a|a)*b or (.*) (.*) (.*), can be made to take for ever by one line.

RE2 finds what Java and Python find; it has no lookahead, no backreference and no possessive
quantifier, and those expressions are Python's. What it writes differently is translated here.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_TOKEN = re.compile(
    r"\\(?P<escaped>.)|(?P<bracket>\[\^?\]?|\])|(?P<end>\$)|(?P<least>\{,)", re.DOTALL
)
_SPACES = r" \t-\r"
"""What Java and Python call a space in ASCII; to RE2 the vertical tab is none."""


class LinearRegex:
    """An expression of RE2, asked as one of Python is."""

    def __init__(self, compiled: Any, *, names_end: bool) -> None:
        self._compiled = compiled
        self._names_end = names_end
        """Whether there is a $ in it, which to RE2 is the end, and not before a last line feed."""

    def fields(self, text: str, *, whole: bool) -> tuple[str | None, ...] | None:
        """What its groups hold in the first match, or in that of the whole text; None: no match."""
        # Over bytes, as no places in the text are asked for: half the time.
        find = self._compiled.fullmatch if whole else self._compiled.search
        data = text.encode()
        match = None
        if self._names_end and data.endswith(b"\n"):
            match = find(data[:-1])
        match = match or find(data)
        if match is None:
            return None
        return tuple(None if field is None else field.decode() for field in match.groups())

    def search(self, text: str, at: int = 0) -> Any:
        """The first match, or None."""
        return next(self.finditer(text, at), None)

    def match(self, text: str, at: int = 0) -> Any:
        """The match that begins at a place, or None."""
        return self._compiled.match(text, at)

    def fullmatch(self, text: str, at: int = 0) -> Any:
        """The match of all that follows a place, or None."""
        return self._compiled.fullmatch(text, at)

    def finditer(self, text: str, at: int = 0) -> Iterator[Any]:
        """All matches, none inside of another."""
        if self._names_end and text.endswith("\n"):
            found = list(self._compiled.finditer(text[:-1], at))
            if found:
                return iter(found)
        matches: Iterator[Any] = self._compiled.finditer(text, at)
        return matches

    @property
    def groups(self) -> int:
        """How many groups there are."""
        count: int = self._compiled.groups
        return count

    @property
    def groupindex(self) -> dict[str, int]:
        """Groups by their names."""
        names: dict[str, int] = self._compiled.groupindex
        return names


@lru_cache(maxsize=256)
def linear_regex(pattern: str, *, dot_all: bool = False) -> LinearRegex | None:
    """An expression of Python, which is one, as one of RE2; None for one that RE2 cannot take, and
    where there is no RE2. `dot_all`: a dot is a line feed, too.
    """
    try:
        # Not loaded with the module: few applications have expressions.
        import re2
    except ImportError:
        # There are systems for which it is not built. Whoever asks checks expressions then.
        return None

    names_end, depth = False, 0

    def translated(token: re.Match[str]) -> str:
        nonlocal names_end, depth
        if token["bracket"] is not None:
            depth = 0 if token[0] == "]" else 1
        elif token["end"] is not None:
            names_end = names_end or not depth
        elif token["least"] is not None:
            raise _Untranslatable
        elif token["escaped"] == "Z":
            return r"\z"
        elif token["escaped"] == "s":
            return _SPACES if depth else f"[{_SPACES}]"
        elif token["escaped"] == "S":
            if depth:
                raise _Untranslatable
            return f"[^{_SPACES}]"
        return token[0]

    options = re2.Options()
    options.dot_nl = dot_all
    options.log_errors = False
    try:
        compiled = re2.compile(_TOKEN.sub(translated, pattern), options)
    except (_Untranslatable, re2.error):
        return None
    return LinearRegex(compiled, names_end=names_end)


class _Untranslatable(Exception):
    """RE2 would read it in another way."""
