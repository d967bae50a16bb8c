"""JSON as Python's own parser takes it, with the place of each value in its text.

It is what the Reference means by JSON: it takes half a surrogate pair, which msgspec refuses, and
numbers of any length, which no integer is made of.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from processor.decode.conversion import Number

TOO_DEEP: Final = "the record is nested too deeply"
"""Said of a RecursionError: at about a thousand levels, less what the stack holds already."""

Span = tuple[int, int]
"""Where a value starts and ends in its text."""


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_decoder = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=_refuse)

parse = _decoder.decode
"""One JSON value. Raises ValueError and RecursionError."""

_space = re.compile(r"[ \t\n\r]*")


def value_from(text: str, start: int) -> tuple[Any, int]:
    """The value that starts exactly there, and its end. Raises ValueError and RecursionError."""
    return _decoder.raw_decode(text, start)


def skip_space(text: str, start: int) -> int:
    """The next place that is not white space."""
    match = _space.match(text, start)
    assert match is not None
    return match.end()


def members(text: str, start: int) -> Iterator[tuple[str, Span]]:
    """The members of the object that starts there, in a text that is known to be JSON."""
    i = skip_space(text, start + 1)
    while text[i] != "}":
        name, i = value_from(text, i)
        i = skip_space(text, skip_space(text, i) + 1)
        _, end = value_from(text, i)
        yield name, (i, end)
        i = skip_space(text, end)
        if text[i] == ",":
            i = skip_space(text, i + 1)


def elements(text: str, start: int) -> Iterator[Span]:
    """The elements of the array that starts there, in a text that is known to be JSON."""
    i = skip_space(text, start + 1)
    while text[i] != "]":
        _, end = value_from(text, i)
        yield i, end
        i = skip_space(text, end)
        if text[i] == ",":
            i = skip_space(text, i + 1)
