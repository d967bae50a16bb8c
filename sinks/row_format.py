"""A row as text: the two formats that the service wrote (JSON and CSV, its `RecordFormatType`).

What the service's documentation leaves open about CSV is decided so that its own input reader
(docs/sql/input.md) gives the same row back: fields in the order of the columns with a comma between
them, quoted where they must be; NULL is an empty field and an empty text is `""`; the row ends with
a line feed.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec

from fleet.row import Value

RowFormat = Literal["json", "csv"]
Values = Mapping[str, Value]

_encode = msgspec.json.Encoder(decimal_format="number").encode
_SPECIAL = re.compile(r'[",\r\n]|^\s|\s$')


def json_object(values: Values) -> bytes:
    """One flat object: columns in their order, NULL is `null`, a Decimal has all its digits."""
    return _encode(dict(values))


def json_line(values: Values) -> bytes:
    """The JSON object with a line feed at its end."""
    return json_object(values) + b"\n"


def csv_line(values: Values) -> bytes:
    """The row as CSV, with its line feed."""
    return (",".join(map(_field, values.values())) + "\n").encode()


LINES: Final[Mapping[str, Callable[[Values], bytes]]] = {"json": json_line, "csv": csv_line}
"""By format, what makes a row a line, for places where rows stand one after the other."""

RECORDS: Final[Mapping[str, Callable[[Values], bytes]]] = {"json": json_object, "csv": csv_line}
"""By format, what makes a row a record of a Kinesis stream, as the service wrote it."""


def _field(value: Value) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else _encode(value).decode()
    if text and not _SPECIAL.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'
