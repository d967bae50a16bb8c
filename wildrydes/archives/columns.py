"""The typed columns that an input schema gives an archive."""

from pathlib import Path

from analytics_sql.flat_columns import flat_columns
from analytics_sql.input_schema import InputSchema
from fleet.errors import ConfigError
from sinks.archive_settings import Column


def schema_columns(path: Path) -> tuple[Column, ...]:
    """The columns of an input schema's file. Raises ConfigError for records that have none."""
    schema = InputSchema.read(path)
    columns = tuple(Column(*column) for column in flat_columns(schema.format, schema.columns))
    if not columns:
        raise ConfigError(
            f"the schema {path} is not one of flat JSON records, so its readings have no columns",
            remedy="take --format json: its lines are the readings themselves",
        )
    return columns
