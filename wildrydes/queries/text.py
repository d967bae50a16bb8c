"""A query's rows as a table, CSV or JSON lines on standard output."""

import csv
import io
import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from wildrydes.queries.local import Result
from wildrydes.table import print_table


def show_table(result: Result) -> None:
    """Prints them for people."""
    rows = [[_cell(value) for value in row] for row in result.rows]
    print_table(result.names, rows, numbers=result.numeric)


def csv_text(result: Result) -> str:
    """With a line of names; NULL is an empty field."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(result.names)
    writer.writerows([_cell(value) for value in row] for row in result.rows)
    return out.getvalue()


def json_text(result: Result) -> str:
    """An object a row."""
    return "".join(
        json.dumps(dict(zip(result.names, map(_plain, row), strict=True)), ensure_ascii=False)
        + "\n"
        for row in result.rows
    )


TEXTS: Final[dict[str, Callable[[Result], str]]] = {"csv": csv_text, "json": json_text}


def _cell(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, list | dict):
        return json.dumps(_plain(value), ensure_ascii=False)
    return str(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
