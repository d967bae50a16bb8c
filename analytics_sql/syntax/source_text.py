"""The application's text, and the errors found in it.

Everything downstream speaks in offsets (`Span`); only this file turns an offset into a line and a
column. Errors are collected rather than raised, so that one run shows all of them.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from fleet.errors import SqlError, SqlErrors

SHOWN_CHARACTERS_MAX = 40


class Span(NamedTuple):
    """A piece of the text: offsets in characters, `end` exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Advice:
    """What is wrong, and what to write instead."""

    message: str
    remedy: str | None = None


def shown(text: str) -> str:
    """Text as a message quotes it: not too long, and nothing that a terminal would act on."""
    start = text[:SHOWN_CHARACTERS_MAX]
    readable = "".join(c if c.isprintable() else repr(c)[1:-1] for c in start)
    return readable + "..." * (len(text) > SHOWN_CHARACTERS_MAX)


class SourceText:
    """A text that knows its lines. A line ends at a line feed; a carriage return before it is not
    part of the line.
    """

    def __init__(self, text: str) -> None:
        lines = text.split("\n")
        self._lines = [line.removesuffix("\r") for line in lines]
        self._starts = list(accumulate((len(line) + 1 for line in lines[:-1]), initial=0))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1; a column counts characters."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The `number`-th line, without its end."""
        return self._lines[number - 1]

    def error(self, span: Span, advice: Advice) -> SqlError:
        """The error at a span; its caret stays on the span's first line."""
        line, column = self.position(span.start)
        snippet = self.line(line)
        return SqlError(
            advice.message,
            line=line,
            column=column,
            snippet=snippet,
            length=max(1, min(span.end - span.start, len(snippet) - column + 1)),
            remedy=advice.remedy,
        )


class Faults:
    """The errors found so far in one text."""

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._found: dict[tuple[Span, str], Advice] = {}
        self._notes: list[tuple[Span, str]] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, span: Span, message: str, remedy: str | None = None) -> None:
        """Notes an error; the same words about the same span count once."""
        self.advise(span, Advice(message, remedy))

    def advise(self, span: Span, advice: Advice) -> None:
        """As `add`, for advice that was made elsewhere."""
        self._found.setdefault((span, advice.message), advice)

    def note(self, span: Span, message: str) -> None:
        """Notes what is no error, but may not be what was meant."""
        self._notes.append((span, message))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noted, each as `line:column: message`, in the order of the text."""
        places = [(*self._source.position(span.start), text) for span, text in sorted(self._notes)]
        return tuple(f"{line}:{column}: {text}" for line, column, text in places)

    def line_of(self, span: Span) -> int:
        """The line on which a span begins, from 1."""
        return self._source.position(span.start)[0]

    def raise_any(self, name: str) -> None:
        """Raises SqlErrors with every error, in the order of the text, if there is one."""
        if self._found:
            in_order = sorted(self._found.items(), key=lambda item: item[0])
            errors = [self._source.error(span, advice) for (span, _), advice in in_order]
            raise SqlErrors(errors, name)
