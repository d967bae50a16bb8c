"""What DuckDB says of a text, with its place in it."""

import json
from typing import Final

import duckdb

from analytics_sql.syntax.source_text import Advice, SourceText, Span
from fleet.errors import SqlErrors

NAME: Final = "query"


def sql_error(text: str, error: duckdb.Error) -> SqlErrors:
    """Of an error as `errors_as_json` has it: places are counted in bytes of the whole text. One
    without a place stands at the beginning.
    """
    said = str(error)
    try:
        told = json.loads(said[said.index("{") :])
        message = str(told["exception_message"])
        start, length = json.loads(told.get("location", "[0,0]"))
    except (ValueError, KeyError):
        message, start, length = said, 0, 0
    encoded = text.encode()
    first = len(encoded[:start].decode(errors="ignore"))
    last = len(encoded[: start + length].decode(errors="ignore"))
    return SqlErrors([SourceText(text).error(Span(first, last), Advice(message))], NAME)
