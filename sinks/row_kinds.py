"""The sink that the scheme of an output URL stands for: a new one is an entry in the table here and
one in sinks/output_kinds.py.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from awsio.clients import AwsClients
from awsio.retry import OnWait
from awsio.streams import create_stream
from sinks.base import RowSink
from sinks.dynamodb import DynamoDbSink
from sinks.dynamodb_expiry import Expiry, parse_expiry, turn_on
from sinks.dynamodb_table import create_table
from sinks.firehose import FirehoseSink
from sinks.kinesis import KinesisSink
from sinks.lambda_function import LambdaSink
from sinks.output import Output
from sinks.parquet_folder import ParquetFolder
from sinks.postgresql import PostgresSink
from sinks.postgresql_table import EPOCH, ROW_ID, check_conninfo, create_rows_table
from sinks.row_columns import StreamColumns, columns_together
from sinks.row_file import RowFile
from sinks.row_format import RowFormat

SUMMARY_SHARDS: Final = 1
"""A shard takes 1,000 rows a second."""

POSTGRESQL_OWN: Final = (ROW_ID, EPOCH)
"""The columns that a table of rows has for itself."""


@dataclass(frozen=True, slots=True)
class Given:
    """What every sink of rows is made with."""

    name: str
    """Its name in the status, in metrics and in dead letters."""
    aws: AwsClients
    epoch: int
    on_wait: OnWait
    streams: StreamColumns
    """The in-application streams whose rows it takes, with their columns."""
    application: str
    """The name of the application."""


def _anything(_output: Output, _streams: StreamColumns) -> None:
    """Takes rows of any columns."""


async def _nothing(_output: Output, _aws: AwsClients, _streams: StreamColumns) -> bool:
    """Needs nothing to be there."""
    return False


@dataclass(frozen=True, slots=True)
class RowSinkKind:
    """What a scheme of an output URL stands for."""

    make: Callable[[Output, Given], RowSink]
    create: Callable[[Output, AwsClients, StreamColumns], Awaitable[bool]] = _nothing
    """Creates what it writes to unless it is there; returns whether it did."""
    check: Callable[[Output, StreamColumns], None] = _anything
    """Raises ConfigError when it cannot take such rows, or lacks a library."""


def _dynamodb(output: Output, given: Given) -> RowSink:
    return DynamoDbSink(
        given.aws,
        output.place,
        name=given.name,
        epoch=given.epoch,
        writes="batched" if output.options.get("writes") == "batched" else "conditional",
        expiry=_expiry(output),
        on_wait=given.on_wait,
    )


async def _create_table(output: Output, aws: AwsClients, _streams: StreamColumns) -> bool:
    made = await create_table(aws, output.place)
    if (expiry := _expiry(output)) is not None:
        await turn_on(aws, output.place, expiry)
    return made


def _expiry(output: Output) -> Expiry | None:
    text = output.options.get("ttl")
    return None if text is None else parse_expiry(text)


def _check_dynamodb(output: Output, streams: StreamColumns) -> None:
    expiry = _expiry(output)
    columns_together(streams if expiry else {}, [expiry.attribute] if expiry else [])


def _kinesis(output: Output, given: Given) -> RowSink:
    return KinesisSink(
        given.aws,
        output.place,
        name=given.name,
        row_format=_row_format(output),
        on_wait=given.on_wait,
    )


def _firehose(output: Output, given: Given) -> RowSink:
    return FirehoseSink(
        given.aws,
        output.place,
        name=given.name,
        row_format=_row_format(output),
        on_wait=given.on_wait,
    )


async def _create_stream(output: Output, aws: AwsClients, _streams: StreamColumns) -> bool:
    return await create_stream(await aws.kinesis(), output.place, SUMMARY_SHARDS)


def _row_format(output: Output, default: RowFormat = "json") -> RowFormat:
    formats: Mapping[str, RowFormat] = {"json": "json", "csv": "csv"}
    return formats.get(output.options.get("format", ""), default)


def _lambda(output: Output, given: Given) -> RowSink:
    return LambdaSink(
        given.aws,
        output.place,
        application=given.application,
        name=given.name,
        row_format=_row_format(output),
        on_wait=given.on_wait,
    )


def _file(output: Output, given: Given) -> RowSink:
    path = Path(output.place)
    if _is_parquet(output):
        return ParquetFolder(
            path,
            given.streams,
            application=given.application,
            name=given.name,
            epoch=given.epoch,
            on_wait=given.on_wait,
        )
    return RowFile(
        path,
        application=given.application,
        name=given.name,
        epoch=given.epoch,
        row_format=_row_format(output, "csv" if path.suffix == ".csv" else "json"),
        on_wait=given.on_wait,
    )


def _check_file(output: Output, streams: StreamColumns) -> None:
    if _is_parquet(output):
        ParquetFolder(Path(output.place), streams)


def _is_parquet(output: Output) -> bool:
    return output.options.get("format") == "parquet"


def _postgresql(output: Output, given: Given) -> RowSink:
    return PostgresSink(
        _conninfo(output),
        output.options["table"],
        columns_together(given.streams, POSTGRESQL_OWN),
        where=output.place.rpartition("@")[2],
        name=given.name,
        epoch=given.epoch,
        on_wait=given.on_wait,
    )


async def _create_rows_table(output: Output, _aws: AwsClients, streams: StreamColumns) -> bool:
    return await create_rows_table(
        _conninfo(output),
        output.options["table"],
        columns_together(streams, POSTGRESQL_OWN),
        output.place.rpartition("@")[2],
    )


def _check_postgresql(output: Output, streams: StreamColumns) -> None:
    check_conninfo(_conninfo(output), str(output))
    columns_together(streams, POSTGRESQL_OWN)


def _conninfo(output: Output) -> str:
    """The URL as PostgreSQL's own programs take it, without the table."""
    options = urlencode({k: v for k, v in output.options.items() if k != "table"})
    return f"postgresql://{output.place}" + (f"?{options}" if options else "")


ROW_SINKS: Final[Mapping[str, RowSinkKind]] = {
    "dynamodb": RowSinkKind(_dynamodb, create=_create_table, check=_check_dynamodb),
    "kinesis": RowSinkKind(_kinesis, create=_create_stream),
    "firehose": RowSinkKind(_firehose),
    "lambda": RowSinkKind(_lambda),
    "file": RowSinkKind(_file, check=_check_file),
    "postgresql": RowSinkKind(_postgresql, create=_create_rows_table, check=_check_postgresql),
}
