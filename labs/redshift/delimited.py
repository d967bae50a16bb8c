"""A file's text as records of fields.

Bytes that are no text of the encoding stay in the fields as surrogates (PEP 383): whether they are
an error is the column's business.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from labs.redshift.copy_parameters import CopyParameters
from labs.redshift.load_error import Code, Refusal

FIELD_MAX: Final = 4 * 1024 * 1024
"""Characters of a field of CSV; 4 MB is what a row of Redshift's may have."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a file; `refusal` instead of fields when it cannot be taken apart."""

    line_number: int
    raw: str
    fields: list[str]
    refusal: Refusal | None = None


def records(lines: Iterable[str], parameters: CopyParameters) -> Iterator[Record]:
    """`lines` with their ends. Header lines are skipped."""
    numbered = enumerate(lines, 1)
    for _ in range(parameters.header_lines):
        next(numbered, None)
    if parameters.quote is not None:
        return _csv(numbered, parameters)
    if parameters.escapes or parameters.removes_quotes:
        return _marked(numbered, parameters)
    return _plain(numbered, parameters)


def _bare(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


def _blank(number: int) -> Record:
    return Record(number, "", [], Refusal(Code.NO_DATA, "Input line contained no data"))


def _plain(numbered: Iterator[tuple[int, str]], parameters: CopyParameters) -> Iterator[Record]:
    delimiter = parameters.delimiter
    for number, line in numbered:
        raw = _bare(line)
        if raw:
            yield Record(number, raw, raw.split(delimiter))
        elif not parameters.ignores_blank_lines:
            yield _blank(number)


def _marked(numbered: Iterator[tuple[int, str]], parameters: CopyParameters) -> Iterator[Record]:
    """With ESCAPE, REMOVEQUOTES or both."""
    delimiter = re.escape(parameters.delimiter)
    escaped = r"\\." if parameters.escapes else r"(?!)"
    backslash = r"\\" if parameters.escapes else ""
    plain = rf"(?:{escaped}|(?!{delimiter})[^{backslash}\n]|\n)*"
    quoted = "|".join(rf"{q}(?:{escaped}|[^{q}{backslash}])*{q}" for q in "\"'")
    field = re.compile(
        rf"(?:({quoted})(?={delimiter}|\Z)|({plain}))"
        if parameters.removes_quotes
        else rf"()({plain})",
        re.DOTALL,
    )
    for number, line in numbered:
        raw = line
        while parameters.escapes and _goes_on(raw):
            more = next(numbered, None)
            if more is None:
                break
            raw += more[1]
        raw = _bare(raw)
        if raw:
            yield _split(number, raw, field, parameters)
        elif not parameters.ignores_blank_lines:
            yield _blank(number)


def _goes_on(raw: str) -> bool:
    """Whether the line's end is escaped."""
    bare = _bare(raw)
    return raw != bare and (len(bare) - len(bare.rstrip("\\"))) % 2 == 1


def _split(number: int, raw: str, field: re.Pattern[str], parameters: CopyParameters) -> Record:
    fields: list[str] = []
    at = 0
    while True:
        found = field.match(raw, at)
        assert found is not None, "a field may be empty"
        text = found[1][1:-1] if found[1] else found[2]
        # The text for NULL begins with a backslash itself.
        if parameters.escapes and text != parameters.null_text:
            text = re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
        fields.append(text)
        at = found.end()
        if at == len(raw):
            return Record(number, raw, fields)
        if not raw.startswith(parameters.delimiter, at):
            return Record(number, raw, [], Refusal(Code.LINE, "A backslash escapes nothing", at))
        at += len(parameters.delimiter)


def _csv(numbered: Iterator[tuple[int, str]], parameters: CopyParameters) -> Iterator[Record]:
    taken: list[tuple[int, str]] = []

    def feed() -> Iterator[str]:
        for number, line in numbered:
            taken.append((number, line))
            yield line

    csv.field_size_limit(FIELD_MAX)
    source = feed()
    while True:
        # A reader of its own for each record: after an error it goes on with the next line.
        reader = csv.reader(
            source, delimiter=parameters.delimiter, quotechar=parameters.quote, strict=True
        )
        taken.clear()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            refusal = Refusal(Code.LINE, f"Invalid quote formatting for CSV: {error}"[:100])
            yield Record(taken[0][0], _bare(taken[0][1]), [], refusal)
            continue
        raw = _bare("".join(line for _, line in taken))
        if fields:
            yield Record(taken[0][0], raw, fields)
        elif not parameters.ignores_blank_lines:
            yield _blank(taken[0][0])
