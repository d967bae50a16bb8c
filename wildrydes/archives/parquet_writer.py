"""Readings of any shards into one file of Parquet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from sinks.archive_arrivals import Arrivals
from sinks.archive_parquet import parquet_options, readings_table, require_pyarrow
from sinks.archive_reader import ArchivedRecord
from sinks.archive_settings import Column

GROUP_RECORDS = 100_000
"""In one row group of the file, which is held in memory."""


class ParquetWriter:
    """Writes chunk after chunk; the file is whole when the block ends. Raises ConfigError without
    pyarrow.
    """

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        require_pyarrow()
        self._path = path
        self._columns = columns
        self._held: list[ArchivedRecord] = []
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._flush()
        if self._writer is not None:
            self._writer.close()

    def write(self, records: Sequence[ArchivedRecord]) -> None:
        """The next readings, in order."""
        self._held += records
        if len(self._held) >= GROUP_RECORDS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow.parquet as pq

        table = readings_table(self._columns, [_run(record) for record in self._held])
        if self._writer is None:
            options = parquet_options(table.column_names)
            self._writer = pq.ParquetWriter(self._path, table.schema, **options)
        self._writer.write_table(table)
        self._held = []


def _run(record: ArchivedRecord) -> tuple[list[bytes], Arrivals]:
    """A run of one: records of several shards are mixed."""
    return [record.data], Arrivals(
        record.shard_id, [record.sequence_number], [record.arrival_ms], [record.partition_key]
    )
