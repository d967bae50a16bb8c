"""Reference tables: an engine with the rows of the files that its application names.

A file is read like one record of the input: CSV or JSON, by the table's own schema; of JSON, a line
is a record unless the schema has a row path. Every row has to be sound: a table with a hole in it
would give wrong answers without anybody being told (DG:app-add-reference-data.md).
"""

from pathlib import Path
from typing import Final

from analytics_sql.plan import Application, ReferenceTable
from analytics_sql.record_format import JSON
from fleet.errors import ConfigError
from processor.columns import Vector
from processor.decode.choice import choose_decoder
from processor.engine import Engine

BYTES_MAX: Final = 1 << 30
"""Of one table. Source: DG:limits.md."""


def ready_engine(application: Application, *, state_bytes_max: int | None = None) -> Engine:
    """An engine whose reference tables are filled. Raises ConfigError for one that cannot be."""
    engine = Engine(application, state_bytes_max=state_bytes_max)
    for table in application.tables:
        engine.tables[table.name].replace(*read_table(table))
    return engine


def read_table(table: ReferenceTable) -> tuple[dict[str, Vector], int]:
    """The rows of a table from its file: its columns, and how many rows. Raises ConfigError that
    names the line of the first row that is none.
    """
    return decode_table(table, _bytes_of(table))


def decode_table(table: ReferenceTable, data: bytes) -> tuple[dict[str, Vector], int]:
    """As `read_table`, of what is in the file."""
    is_lines = table.format == JSON
    records = [line for line in data.splitlines() if line.strip()] if is_lines else [data]
    if not data.strip():
        records = []
    decoded = choose_decoder(table.columns, table.format).decode(records)
    if decoded.errors:
        row, reason = decoded.errors[0]
        more = f" (and {len(decoded.errors) - 1} more)" if len(decoded.errors) > 1 else ""
        raise ConfigError(
            f"reference table {table.name}: row {row + 1} of {table.source}: {reason}{more}",
            remedy="mend the row, or the table's schema",
        )
    counts = {len(vector) for vector in decoded.vectors.values()}
    return dict(decoded.vectors), counts.pop() if counts else 0


def _bytes_of(table: ReferenceTable) -> bytes:
    if table.source.startswith("s3://"):
        raise ConfigError(
            f"reference table {table.name}: {table.source} cannot be read yet",
            remedy="copy the object to a file beside application.toml and name that",
        )
    path = Path(table.source)
    try:
        size = path.stat().st_size
        if size > BYTES_MAX:
            raise ConfigError(
                f"reference table {table.name}: {path} has {size:,} bytes",
                remedy=f"a reference table has at most {BYTES_MAX:,}",
            )
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"reference table {table.name}: {path} cannot be read: {error.strerror}",
            remedy="name an existing file as its source in application.toml",
        ) from None
