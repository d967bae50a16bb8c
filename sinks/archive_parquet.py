"""Readings of the archive as Parquet: a typed column for each column of the input's schema.

Nothing is lost to the types. A value that is not of its column's type is NULL there, and whenever
the columns do not give a record back to the byte (another order of names, `1.50`, names outside the
schema), its own bytes stand in `kinesis_data`. So a replay reads what was sent, and
`WHERE kinesis_data IS NOT NULL` finds what does not fit.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO
from struct import error as StructError, pack, unpack
from typing import TYPE_CHECKING, Any

import msgspec

from fleet.errors import ConfigError, FleetError
from fleet.timestamp import timestamp_ms, timestamp_text
from sinks.archive_arrivals import Arrivals
from sinks.archive_settings import OWN_COLUMNS, Column

if TYPE_CHECKING:
    import pyarrow as pa

ARRIVAL, SHARD, SEQUENCE, KEY, DATA = OWN_COLUMNS

_COLUMNS_METADATA = b"wildrydes.columns"
_INTEGER_BITS = {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64}

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def require_pyarrow() -> None:
    """Raises ConfigError when the library for Parquet is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise ConfigError(
            "Parquet needs pyarrow, which is not installed",
            remedy="pip install 'wildrydes[parquet]'",
        ) from None


def parquet_file(
    columns: Sequence[Column], runs: Sequence[tuple[Sequence[bytes], Arrivals]]
) -> bytes:
    """The runs' readings, one after the other, as one file. Raises ConfigError without pyarrow."""
    return write_table(readings_table(columns, runs))


def readings_table(
    columns: Sequence[Column], runs: Sequence[tuple[Sequence[bytes], Arrivals]]
) -> "pa.Table":
    """The runs' readings as a table with the archive's schema."""
    require_pyarrow()
    import pyarrow as pa

    codecs = [_codec(column) for column in columns]
    values: list[list[Any]] = [[] for _ in codecs]
    own_bytes: list[bytes | None] = []
    for lines, _ in runs:
        for line in lines:
            record = _decode(line)
            cells = [codec.to_cell(_at(record, codec.path)) for codec in codecs]
            for column, cell in zip(values, cells, strict=True):
                column.append(cell)
            own_bytes.append(None if _rebuilt(codecs, cells) == line else line)
    arrivals = [arrivals for _, arrivals in runs]
    shards = [a.shard_id for a in arrivals for _ in range(len(a))]
    data: dict[str, Any] = {
        codec.name: pa.array(column, codec.type)
        for codec, column in zip(codecs, values, strict=True)
    }
    data[ARRIVAL] = pa.array([ms for a in arrivals for ms in a.arrivals_ms], pa.timestamp("ms"))
    data[SHARD] = pa.array(shards, pa.string())
    data[SEQUENCE] = pa.array([n for a in arrivals for n in a.sequence_numbers], pa.string())
    data[KEY] = pa.array([key for a in arrivals for key in a.partition_keys], pa.string())
    data[DATA] = pa.array(own_bytes, pa.binary())
    return pa.table(data).replace_schema_metadata({_COLUMNS_METADATA: msgspec.json.encode(columns)})


def write_table(table: "pa.Table") -> bytes:
    """The table as a file; the same bytes every time."""
    import pyarrow.parquet as pq

    file = BytesIO()
    pq.write_table(table, file, **parquet_options(table.column_names))
    return file.getvalue()


def parquet_options(names: Sequence[str]) -> dict[str, Any]:
    """How files with these columns are written: ZSTD, with statistics."""
    return {
        "compression": "zstd",
        "use_dictionary": [name for name in names if name not in (SEQUENCE, ARRIVAL)],
        # Sequence numbers are long, and each shares its beginning with the one before.
        "column_encoding": {SEQUENCE: "DELTA_BYTE_ARRAY", ARRIVAL: "DELTA_BINARY_PACKED"},
        "write_statistics": True,
    }


def read_table(body: bytes, key: str) -> "pa.Table":
    """The inverse of `write_table`. Raises FleetError for an object that cannot be read, and
    ConfigError without pyarrow.
    """
    require_pyarrow()
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(BytesIO(body))
    except (pa.ArrowException, OSError) as error:
        raise FleetError(f"{key} cannot be read: {error}") from None


def joined(tables: "Sequence[pa.Table]") -> "pa.Table":
    """The rows of several files of one archive. Raises FleetError when their columns differ."""
    import pyarrow as pa

    first = tables[0].schema
    if any(not table.schema.equals(first, check_metadata=True) for table in tables):
        raise FleetError(
            "these objects have different columns, since the schema changed between them",
            remedy="an hour in which the schema changed stays as it is",
        )
    return pa.concat_tables(tables)


def readings_of(table: "pa.Table", key: str) -> tuple[list[bytes], Arrivals]:
    """Readings of one shard and their arrivals, as they went in. Raises FleetError for a table that
    is none of an archive's.
    """
    metadata = table.schema.metadata or {}
    if _COLUMNS_METADATA not in metadata or not set(OWN_COLUMNS) <= set(table.column_names):
        raise FleetError(f"{key} is not one of an archive's objects of readings")
    columns = msgspec.json.decode(metadata[_COLUMNS_METADATA], type=tuple[Column, ...])
    codecs = [_codec(column) for column in columns]
    cells = [_cells(table, codec) for codec in codecs]
    lines = [
        _rebuilt(codecs, row) if own is None else own
        for own, *row in zip(table[DATA].to_pylist(), *cells, strict=True)
    ]
    shards = table[SHARD].to_pylist()
    arrivals = Arrivals(
        shards[0] if shards else "",
        table[SEQUENCE].to_pylist(),
        table[ARRIVAL].cast("int64").to_pylist(),
        table[KEY].to_pylist(),
    )
    return lines, arrivals


@dataclass(frozen=True, slots=True)
class _Codec:
    """How the values of one column go into Parquet and come back."""

    name: str
    path: tuple[str, ...]
    type: "pa.DataType"
    to_cell: Callable[[Any], Any]
    to_json: Callable[[Any], Any] | None = None
    """From the cell; None: as it is."""


def _codec(column: Column) -> _Codec:
    import pyarrow as pa

    match = re.fullmatch(r"(\w+)(?:\((\d+)(?:,(\d+))?\))?", column.type)
    kind = match[1] if match else ""
    name, path = column.name, column.path
    if bits := _INTEGER_BITS.get(kind):
        half = 1 << (bits - 1)
        return _Codec(
            name,
            path,
            getattr(pa, f"int{bits}")(),
            lambda value: value if type(value) is int and -half <= value < half else None,
        )
    if kind == "DECIMAL":
        assert match is not None
        digits, scale = int(match[2] or 19), int(match[3] or 0)
        return _Codec(
            name, path, pa.decimal128(digits, scale), lambda value: _decimal(value, digits, scale)
        )
    simple: dict[str, tuple[Any, Callable[[Any], Any], Callable[[Any], Any] | None]] = {
        "REAL": (pa.float32(), _real, None),
        "DOUBLE": (pa.float64(), _number, None),
        "BOOLEAN": (pa.bool_(), lambda value: value if isinstance(value, bool) else None, None),
        "TIMESTAMP": (pa.timestamp("ms"), _time_ms, timestamp_text),
        "DATE": (pa.date32(), _date, date.isoformat),
    }
    return _Codec(name, path, *simple.get(kind, (pa.string(), _text, None)))


def _cells(table: "pa.Table", codec: _Codec) -> list[Any]:
    column = table[codec.name]
    # Not datetime objects: text is made from milliseconds.
    cells = column.cast("int64") if codec.to_json is timestamp_text else column
    listed: list[Any] = cells.to_pylist()
    return listed


def _at(record: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = record
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _rebuilt(codecs: Sequence[_Codec], cells: Sequence[Any]) -> bytes:
    """The record that the columns make: their names in the order of the schema, without NULLs."""
    record: dict[str, Any] = {}
    for codec, cell in zip(codecs, cells, strict=True):
        if cell is None:
            continue
        inner = record
        for name in codec.path[:-1]:
            inner = inner.setdefault(name, {})
        inner[codec.path[-1]] = cell if codec.to_json is None else codec.to_json(cell)
    return _encode(record)


def _number(value: Any) -> float | None:
    try:
        return float(value) if type(value) in (int, float) else None
    except OverflowError:
        return None


def _real(value: Any) -> float | None:
    """As four bytes hold it, so that what is read back is what was compared."""
    try:
        rounded: float = unpack("f", pack("f", value))[0]
    except (OverflowError, StructError):
        return None
    return None if isinstance(value, bool) else rounded


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _time_ms(value: Any) -> int | None:
    try:
        return timestamp_ms(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _date(value: Any) -> date | None:
    try:
        return datetime.fromisoformat(value).date() if isinstance(value, str) else None
    except ValueError:
        return None


def _decimal(value: Any, digits: int, scale: int) -> Decimal | None:
    if type(value) not in (int, float):
        return None
    try:
        number = Decimal(repr(value))
        rounded = number.quantize(Decimal(1).scaleb(-scale))
    except InvalidOperation:
        return None
    return rounded if rounded == number and len(rounded.as_tuple().digits) <= digits else None
