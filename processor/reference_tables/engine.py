"""An engine with its reference tables, for commands that have neither an event loop nor AWS."""

from pathlib import Path, PurePosixPath

from analytics_sql.plan import Application, ReferenceTable
from fleet.errors import ConfigError
from processor.engine import Engine
from processor.reference_tables.content import TableContent, decode_table, named
from processor.reference_tables.file import read_file


def ready_engine(application: Application, *, state_bytes_max: int | None = None) -> Engine:
    """An engine whose reference tables are filled from their files. Raises ConfigError for one that
    cannot be, and for one on S3.
    """
    engine = Engine(application, state_bytes_max=state_bytes_max)
    for table in application.tables:
        content = read_table(table)
        engine.tables[table.name].replace(content.vectors, content.count)
    return engine


def read_table(table: ReferenceTable) -> TableContent:
    """The rows of a table from its file. Raises ConfigError."""
    if table.is_on_s3:
        copy = PurePosixPath(table.source).name
        raise ConfigError(
            f"reference table {table.name}: {table.source} is on S3, and only files are read here",
            remedy=f"copy it (aws s3 cp {table.source} {copy}) and give --reference "
            f"{table.name}={copy}; for a golden case, put it into the case's folder or its tests/",
        )
    with named(table):
        stored = read_file(Path(table.source))
    assert stored is not None, "no version was named that it could still have"
    return decode_table(table, stored.data)
