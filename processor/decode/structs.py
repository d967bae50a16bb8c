"""The default decoder: a msgspec Struct of the needed fields alone, then one list and one array a
column.

What msgspec takes it takes as the Reference would; what it refuses, or what it is known to be lax
about, goes through the Reference. Invariants: msgspec does not look at the UTF-8 of what it skips
(hence `isascii`), and gives -0.0 (hence `+ 0.0`).
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import numpy as np

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import names_of
from analytics_sql.types import BYTES, Kind, SqlType
from fleet.errors import DecodeError
from processor.columns import Dictionary, Vector, vector_of
from processor.decode.base import Decoded
from processor.decode.conversion import Number, convert
from processor.decode.record import record_type
from processor.decode.reference import Reference
from processor.decode.timestamps import NEUTRAL, parse_timestamps
from processor.expressions.cast import as_real

_CONVERTED = (Kind.DECIMAL, Kind.DATE, Kind.TIME, *BYTES)
_NEUTRALS = {
    Kind.VARCHAR: "",
    Kind.CHAR: "",
    Kind.BINARY: "",
    Kind.VARBINARY: "",
    Kind.BOOLEAN: False,
    Kind.TIMESTAMP: NEUTRAL,
    Kind.DATE: "1970-01-01",
    Kind.TIME: "00:00:00",
}

Odd = dict[int, list[Any] | None]
"""Records that the Reference decoded, by position: the row, or None when it refused it."""


class StructDecoder:
    """See Decoder. Raises ValueError when no Struct can hold the columns (see record_type)."""

    def __init__(self, columns: Sequence[SourceColumn]) -> None:
        self._columns = columns
        self._reference = Reference(columns)
        record, self._pickers = record_type(tuple(columns))
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(record).decode
        # Stands in the rows for a record that has to go the slow way: a None instead would send
        # every column of the batch down the path for NULLs.
        self._neutral = self._decode(msgspec.json.encode(_neutral_record(columns)))
        self._words = {c.name: Dictionary() for c in columns if c.type.has_words}
        self.handed_over = 0

    def decode(self, records: Sequence[bytes]) -> Decoded:
        """See Decoder."""
        odd: Odd = {}
        errors: list[tuple[int, str]] = []
        source = iter(records)
        rows: list[Any] = []
        while len(rows) < len(records):
            try:
                # extend keeps what it had when a record raises: one odd record costs one exception.
                rows.extend(map(self._decode, source))
            except (msgspec.MsgspecError, ValueError, RecursionError):
                self._slowly(len(rows), records, odd, errors)
                rows.append(self._neutral)
        if not all(map(bytes.isascii, records)):
            for i, record in enumerate(records):
                if i not in odd and not record.isascii() and not _is_utf8(record):
                    self._slowly(i, records, odd, errors)
        vectors: dict[str, Vector] = {}
        for column, pick in zip(self._columns, self._pickers, strict=True):
            values = pick(rows)
            if column.type.kind is Kind.TIMESTAMP:
                vectors[column.name] = self._timestamps(values, records, odd, errors)
            elif column.type.kind in _CONVERTED:
                vectors[column.name] = self._converted(column, values, records, odd, errors)
            elif column.type.kind is Kind.REAL:
                vector = as_real(self._vector(column, values))
                self._hand_over(vector.failed, records, odd, errors)
                vectors[column.name] = Vector(vector.values, vector.null)
            else:
                vectors[column.name] = self._vector(column, values)
        if odd:
            for j, column in enumerate(self._columns):
                vectors[column.name] = _patched(vectors[column.name], column, j, odd)
        self.handed_over += len(odd)
        return Decoded(vectors, sorted(errors))

    def forget(self, words_max: int) -> None:
        """See Decoder."""
        for name, words in self._words.items():
            if len(words) > words_max:
                self._words[name] = Dictionary()

    def _slowly(
        self, i: int, records: Sequence[bytes], odd: Odd, errors: list[tuple[int, str]]
    ) -> None:
        try:
            odd[i] = self._reference.row(records[i])
        except DecodeError as error:
            odd[i] = None
            errors.append((i, str(error)))

    def _vector(self, column: SourceColumn, values: list[Any]) -> Vector:
        """struct.pack is the fastest way from a list to an array, and it refuses None (bytes() for
        BOOLEAN does, too), so that columns without NULLs need not be searched for them.
        """
        if column.type.is_text:
            words = self._words[column.name]
            if column.type.kind is Kind.CHAR:
                width = column.type.length or 0
                values = [None if value is None else value.ljust(width) for value in values]
            return Vector(words.ids(values, len(values)), words=words)
        try:
            if column.type.kind is Kind.BOOLEAN:
                return Vector(np.frombuffer(bytes(values), np.bool_))
            if column.type.is_integer:
                packed = struct.pack(f"{len(values)}q", *values)
                return Vector(np.frombuffer(packed, np.int64))
            packed = struct.pack(f"{len(values)}d", *values)
            return Vector(np.frombuffer(packed, np.float64) + 0.0)
        except (struct.error, TypeError):
            vector = vector_of(values, column.type)
            if column.type.is_approximate:
                vector = Vector(vector.values + 0.0, vector.null)
            return vector

    def _timestamps(
        self,
        values: list[Any],
        records: Sequence[bytes],
        odd: Odd,
        errors: list[tuple[int, str]],
    ) -> Vector:
        null = None
        if None in values:
            null = np.fromiter((v is None for v in values), np.bool_, len(values))
            values = [NEUTRAL if v is None else v for v in values]
        milliseconds, good = parse_timestamps(values)
        self._hand_over(np.flatnonzero(~good).tolist(), records, odd, errors)
        return Vector(milliseconds, null)

    def _converted(
        self,
        column: SourceColumn,
        values: list[Any],
        records: Sequence[bytes],
        odd: Odd,
        errors: list[tuple[int, str]],
    ) -> Vector:
        """Each distinct value once, as the Reference converts it; a value that it has to look at
        for itself is a None here, which is then overwritten.
        """
        if column.type.kind is Kind.DECIMAL:
            values = [None if value is None else bytes(value) for value in values]
        known = {value: _converted(value, column.type) for value in dict.fromkeys(values)}
        doubtful = {value for value, given in known.items() if given is None} - {None, b"null"}
        if doubtful:
            rows = [i for i, value in enumerate(values) if value in doubtful]
            self._hand_over(rows, records, odd, errors)
        return vector_of([known[value] for value in values], column.type)

    def _hand_over(
        self,
        rows: Iterable[int],
        records: Sequence[bytes],
        odd: Odd,
        errors: list[tuple[int, str]],
    ) -> None:
        for i in rows:
            if i not in odd:
                self._slowly(i, records, odd, errors)


def _converted(value: str | bytes | None, type: SqlType) -> Any:
    """The value of a column of _CONVERTED; None: NULL, or a value to hand over."""
    try:
        if isinstance(value, bytes):
            is_number = value[:1] in b"-0123456789"
            return convert(Number(value.decode()), type) if is_number else None
        return None if value is None else convert(value, type)
    except DecodeError:
        return None


def _patched(vector: Vector, column: SourceColumn, j: int, odd: Odd) -> Vector:
    """The vector with the values of the rows that the Reference decoded. A row that it refused
    keeps its neutral values: nobody reads them, and no NULL slows the column down.
    """
    decoded = {i: row[j] for i, row in odd.items() if row is not None}
    if not decoded:
        return vector
    given = vector_of(list(decoded.values()), column.type, vector.words)
    at = np.fromiter(decoded, np.int64, len(decoded))
    values, null = vector.values.copy(), vector.null
    values[at] = given.values
    if null is not None or given.null is not None:
        null = np.zeros(len(values), np.bool_) if null is None else null.copy()
        null[at] = False if given.null is None else given.null
    return Vector(values, null, vector.words)


def _neutral_record(columns: Sequence[SourceColumn]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for column in columns:
        at = root
        *outer, last = names_of(column.path)
        for step in outer:
            at = at.setdefault(step, {})
        at[last] = _NEUTRALS.get(column.type.kind, 0)
    return root


def _is_utf8(record: bytes) -> bool:
    try:
        record.decode()
    except UnicodeDecodeError:
        return False
    return True
