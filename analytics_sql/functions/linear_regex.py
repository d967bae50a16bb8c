"""Regular expressions that are looked for in a time in proportion to the text, whatever it holds:
those that RE2 can take. Lines of a stream are written by others, and an expression that goes back
and forth, such as (a|a)*b or (.*) (.*) (.*), can be made to take for ever by one line.

RE2 finds what Java and Python find; it has no lookahead, no backreference and no possessive
quantifier, and those expressions are Python's. What it writes differently is translated here, a $
only where it ends the whole expression.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_TOKEN = re.compile(
    r"\\(?P<escaped>.)|(?P<bracket>\[\^?\]?|\])|(?P<end>\$)|(?P<least>\{,)", re.DOTALL
)
_OPAQUE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]", re.DOTALL)
_SPACES = r" \t-\r"
"""What Java and Python call a space in ASCII; to RE2 the vertical tab is none."""


class LinearRegex:
    """An expression of RE2, asked as one of Python is. `ending` is there when it ends in $, which
    to RE2 is the end of the text and to Java and Python also the place before a last line feed: the
    same expression, whose last group is that line feed, or nothing.
    """

    def __init__(self, compiled: Any, ending: Any = None) -> None:
        self._compiled = compiled
        self._ending = ending

    def fields(self, text: str, *, whole: bool) -> tuple[str | None, ...] | None:
        """What its groups hold in the first match, or in that of the whole text; None: no match."""
        # Over bytes, as no places in the text are asked for: half the time.
        data = text.encode()
        if whole:
            match = self._compiled.fullmatch(data)
        elif self._ending is not None and data.endswith(b"\n"):
            match = self._ending.search(data)
        else:
            match = self._compiled.search(data)
        if match is None:
            return None
        groups = match.groups()[: self.groups]
        return tuple(None if field is None else field.decode() for field in groups)

    def search(self, text: str, at: int = 0) -> Any:
        """The first match, or None."""
        return next(self.finditer(text, at), None)

    def match(self, text: str, at: int = 0) -> Any:
        """The match that begins at a place, or None."""
        if self._ending is not None and text.endswith("\n"):
            return self._before_line_feed(self._ending.match(text, at), text)
        return self._compiled.match(text, at)

    def fullmatch(self, text: str, at: int = 0) -> Any:
        """The match of all that follows a place, or None."""
        return self._compiled.fullmatch(text, at)

    def finditer(self, text: str, at: int = 0) -> Iterator[Any]:
        """All matches, none inside of another."""
        if self._ending is not None and text.endswith("\n"):
            found = self._before_line_feed(self._ending.search(text, at), text)
            if found is None:
                return
            yield found
            # It reaches to the line feed, which may be another.
            at = found.end()
        yield from self._compiled.finditer(text, at)

    def _before_line_feed(self, match: Any, text: str) -> Any:
        """The match of `ending` as one that leaves the line feed out, unless it holds it itself."""
        if match is None:
            return None
        left_out = match.groups()[-1] == "\n"
        return self._compiled.fullmatch(text[:-1] if left_out else text, match.start())

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

    depth = 0

    def translated(token: re.Match[str]) -> str:
        nonlocal depth
        if token["bracket"] is not None:
            depth = 0 if token[0] == "]" else 1
        elif token["end"] is not None:
            if not depth:
                # Before a last line feed it holds, too, and something may have to follow it.
                raise _Untranslatable
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
        body = _without_end(pattern)
        text = _TOKEN.sub(translated, body)
        if body == pattern:
            return LinearRegex(re2.compile(text, options))
        return LinearRegex(
            re2.compile(rf"(?:{text})\z", options), re2.compile(rf"(?:{text})(\n?)\z", options)
        )
    except (_Untranslatable, re2.error):
        return None


def grammar_of(pattern: str) -> str:
    """The expression with an x for each escaped character and each class of characters, so that
    what is left of ( ) | * + $ means something.
    """
    return _OPAQUE.sub("x", pattern)


def _without_end(pattern: str) -> str:
    """The expression without the $ at its end, if it has one. Raises _Untranslatable when that
    belongs to the last of several choices.
    """
    plain = grammar_of(pattern)
    if not plain.endswith("$"):
        return pattern
    level = 0
    for character in plain:
        level += (character == "(") - (character == ")")
        if character == "|" and not level:
            raise _Untranslatable
    return pattern[:-1]


class _Untranslatable(Exception):
    """RE2 would read it in another way."""
