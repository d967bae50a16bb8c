"""Rows in a folder of Parquet files: one file for each stream and minute of ROWTIME, such as
`DESTINATION_SQL_STREAM/day=2026-01-01/00-01.parquet`.

A file is read, has rows added or replaced by their marks, and is put in place whole: readers never
see half of one, and what is written twice counts once, however long ago it was first written.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from awsio.retry import OnWait, retry_blocking
from fleet.errors import FleetError, RowRefused
from fleet.row import Row
from fleet.row_mark import row_mark
from fleet.timestamp import LAST_MS, timestamp_ms, timestamp_text
from sinks.archive_parquet import require_pyarrow
from sinks.epoch_file import EpochFile, sync_folder
from sinks.row_columns import RowColumn, StreamColumns, columns_together

if TYPE_CHECKING:
    import pyarrow as pa

ROW_ID: Final = "row_id"
"""The column of the row's mark (fleet/row_mark.py)."""

_REMEDY: Final = (
    "free some space, or name a folder that may be written; nothing is lost, the records are read "
    "again"
)
_INTEGERS: Final = {"TINYINT": "int8", "SMALLINT": "int16", "INTEGER": "int32", "BIGINT": "int64"}


class ParquetFolder:
    """Needs pyarrow. Of several writers the one of the newest epoch; the others get Superseded."""

    def __init__(
        self,
        folder: Path,
        streams: StreamColumns,
        *,
        application: str = "",
        name: str = "file",
        epoch: int = 0,
        on_wait: OnWait | None = None,
    ) -> None:
        """Raises ConfigError without pyarrow, and for a column that cannot be."""
        require_pyarrow()
        for stream, columns in streams.items():
            columns_together({stream: columns}, [ROW_ID])
        self.name = name
        self._on_wait = on_wait
        self._folder = folder
        self._streams = streams
        self._what = f"rows: {folder}"
        self._holder = EpochFile(
            folder / "writer.epoch", epoch, self._what, _REMEDY, owner=application
        )

    async def open(self) -> None:
        """Makes the folder."""
        await retry_blocking(self._open, self._what, on_wait=self._on_wait)

    async def write(self, rows: Sequence[Row]) -> None:
        refused: dict[str, str] = {}
        await retry_blocking(lambda: self._write(rows, refused), self._what, on_wait=self._on_wait)
        if refused:
            first = next(iter(refused.values()))
            raise RowRefused(
                f"folder {self._folder} refuses {len(refused)} of {len(rows)} rows, "
                f"the first because {first}",
                list(refused.items()),
            )

    async def close(self) -> None:
        """Holds nothing."""

    def _open(self) -> None:
        with self._holder.held():
            pass

    def _write(self, rows: Sequence[Row], refused: dict[str, str]) -> None:
        by_file: dict[Path, list[Row]] = {}
        for row in rows:
            by_file.setdefault(self._path(row), []).append(row)
        with self._holder.held():
            for path, group in by_file.items():
                table = rows_table(self._streams[group[0].stream], group, refused)
                if table.num_rows:
                    _replace(path, _merged(path, table))

    def _path(self, row: Row) -> Path:
        time = timestamp_text(min(row.rowtime_ms, LAST_MS))
        return (
            self._folder / row.stream / f"day={time[:10]}" / f"{time[11:13]}-{time[14:16]}.parquet"
        )


def rows_table(
    columns: Sequence[RowColumn], rows: Sequence[Row], refused: dict[str, str]
) -> "pa.Table":
    """The rows with their marks; those with a value that is not of its column's type are entered in
    `refused` instead, by row id. Of several rows with one id the last.
    """
    import pyarrow as pa

    chosen = {row.id: row for row in rows}
    cells = {column.name: _cells(column, list(chosen.values()), refused) for column in columns}
    taken = [row_id not in refused for row_id in chosen]
    data = {
        name: pa.array([cell for cell, keep in zip(cell_list, taken, strict=True) if keep], type)
        for name, (type, cell_list) in cells.items()
    }
    data[ROW_ID] = pa.array([row_mark(row_id) for row_id in chosen if row_id not in refused])
    return pa.table(data)


def _cells(
    column: RowColumn, rows: Sequence[Row], refused: dict[str, str]
) -> "tuple[pa.DataType, list[Any]]":
    import pyarrow as pa

    arrow_type, convert = _type(column)
    cells = []
    for row in rows:
        value = row.values.get(column.name)
        cell = None
        if value is not None:
            try:
                cell = convert(value)
                pa.scalar(cell, arrow_type)
            except (pa.ArrowException, ValueError, TypeError, OverflowError, ArithmeticError):
                refused[row.id] = f"{column.name}: {value!r} is no {column.type}"
        cells.append(cell)
    return arrow_type, cells


def _type(column: RowColumn) -> "tuple[pa.DataType, Callable[[Any], Any]]":
    """The Arrow type of a column, and what makes a row's value one of it."""
    import pyarrow as pa

    if name := _INTEGERS.get(column.kind):
        return getattr(pa, name)(), int
    if column.kind == "DECIMAL":
        digits, scale = (*column.sizes, 19, 0)[:2] if len(column.sizes) != 1 else (*column.sizes, 0)
        return pa.decimal128(digits, scale), lambda value: Decimal(str(value))
    simple: Mapping[str, tuple[pa.DataType, Callable[[Any], Any]]] = {
        "REAL": (pa.float32(), float),
        "DOUBLE": (pa.float64(), float),
        "BOOLEAN": (pa.bool_(), _same),
        "TIMESTAMP": (pa.timestamp("ms"), timestamp_ms),
        "DATE": (pa.date32(), date.fromisoformat),
    }
    return simple.get(column.kind, (pa.string(), _same))


def _same(value: Any) -> Any:
    return value


def _merged(path: Path, fresh: "pa.Table") -> "pa.Table":
    """What the file holds, with the rows of `fresh` added or put in place of those of one mark.
    Raises FleetError when the file has another type for a column.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if not path.exists():
        return fresh
    try:
        before = pq.ParquetFile(path).read()
        kept = before.filter(pc.invert(pc.is_in(before[ROW_ID], fresh[ROW_ID])))
        return pa.concat_tables([kept, fresh], promote_options="default")
    except (pa.ArrowException, KeyError) as error:
        raise FleetError(
            f"{path}: rows cannot be added: {error}",
            remedy="the file is of another application or version of it: name another folder",
        ) from error


def _replace(path: Path, table: "pa.Table") -> None:
    """Puts the file in place whole, durably."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    with open(unfinished, "wb") as file:
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        sync_folder(folder)
