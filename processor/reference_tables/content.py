"""What a reference table's file says: bytes in, columns out, or the place of the first fault.

A file is read like one record of the input: CSV or JSON, by the table's own schema; of JSON, a line
is a record, unless the schema has a row path or the first line is no whole value. Every row has to
be sound: a table with a hole in it would give wrong answers without anybody being told
(DG:app-add-reference-data.md).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from analytics_sql.plan import ReferenceTable
from analytics_sql.record_format import JSON
from fleet.errors import ConfigError, FleetError
from processor.columns import Vector
from processor.decode.choice import choose_decoder
from processor.reference_tables.fault import line_and_column

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PLACE_IN_RECORD = re.compile(r": line \d+ column \d+ \(char \d+\)$")
"""How Python's parser of JSON ends its messages."""


@dataclass(frozen=True, slots=True)
class TableContent:
    """The rows of a table."""

    vectors: Mapping[str, Vector]
    count: int
    digest: str
    """SHA-256 of the bytes that they were read from."""


def decode_table(table: ReferenceTable, data: bytes) -> TableContent:
    """The rows in these bytes. Raises ConfigError that has line and column of the first fault."""
    digest = hashlib.sha256(data).hexdigest()
    text = data.removeprefix(_BYTE_ORDER_MARK)
    records = _records(table, text)
    decoded = choose_decoder(table.columns, table.format).decode(records)
    if decoded.errors:
        row, reason = decoded.errors[0]
        ordinal = 0 if decoded.places is None else int(decoded.places[row])
        line, column = line_and_column(table, text, records, decoded.record(row), ordinal)
        reason = _PLACE_IN_RECORD.sub("", reason)
        more = f" (and {len(decoded.errors) - 1} more)" if len(decoded.errors) > 1 else ""
        raise ConfigError(
            f"reference table {table.name}: {table.source}:{line}:{column}: {reason}{more}",
            remedy="mend the row, or the table's schema"
            + ("; a line with the columns' names is no row" if line == 1 else ""),
        )
    counts = {len(vector) for vector in decoded.vectors.values()}
    return TableContent(decoded.vectors, counts.pop() if counts else 0, digest)


@contextmanager
def named(table: ReferenceTable) -> Iterator[None]:
    """Errors raised in the block say which table they are about."""
    try:
        yield
    except FleetError as error:
        message = f"reference table {table.name}: {error}"
        raise type(error)(message, remedy=error.remedy) from error


def _records(table: ReferenceTable, data: bytes) -> Sequence[bytes]:
    lines = [line for line in data.splitlines() if line.strip()]
    if not lines:
        return []
    is_lines = table.format == JSON and _is_json(lines[0])
    return lines if is_lines else [data]


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True
