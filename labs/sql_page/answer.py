"""A query's rows as the page and a file of CSV have them."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from labs.sql_page.database import Query

ROWS_MAX: Final = 500
"""That the page shows."""
CHARACTERS_MAX: Final = 2_000
"""Of a value that the page shows."""
BATCH_ROWS: Final = 10_000
"""Of CSV that are written at once."""
NUMBER: Final = re.compile(
    r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|UINTEGER|BIGNUM|FLOAT|DOUBLE|DECIMAL\(.*\)"
)


@dataclass(frozen=True)
class Answer:
    """`rows` are texts, as numbers of JSON would lose digits; None is NULL."""

    columns: Sequence[dict[str, str | bool]]
    rows: Sequence[Sequence[str | None]]
    is_cut: bool
    """Whether there are more rows than ROWS_MAX."""
    statements: int


def answer(query: Query, text: str) -> Answer:
    """Runs it. Raises SqlErrors, or Cancelled."""
    statements = query.run(text)
    described = (query.cursor.description or ()) if statements else ()
    rows = query.fetch(text, ROWS_MAX + 1) if described else []
    columns: list[dict[str, str | bool]] = [
        {"name": str(name), "type": str(kind), "is_number": NUMBER.fullmatch(str(kind)) is not None}
        for name, kind, *_ in described
    ]
    shown = [[_cut(text_of(value)) for value in row] for row in rows[:ROWS_MAX]]
    return Answer(columns, shown, len(rows) > ROWS_MAX, statements)


def csv_of(query: Query, text: str) -> Iterator[str]:
    """Every row, a batch at a time, under a line of names; NULL is an empty field. Raises as
    `answer` does, at the first batch or at a later one.
    """
    statements = query.run(text)
    described = (query.cursor.description or ()) if statements else ()
    yield _lines([[str(name) for name, *_ in described]])
    while described and (rows := query.fetch(text, BATCH_ROWS)):
        yield _lines([[text_of(value) for value in row] for row in rows])


def text_of(value: Any) -> str | None:
    """A value as DuckDB's shell writes it."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.replace(tzinfo=None).isoformat(" ")
        case bytes():
            return "\\x" + value.hex()
        case list() | dict() | tuple():
            return json.dumps(value, ensure_ascii=False, default=text_of)
    return str(value)


def _lines(rows: Iterable[Sequence[str | None]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= CHARACTERS_MAX:
        return text
    return f"{text[:CHARACTERS_MAX]}… ({len(text):,} characters)"
