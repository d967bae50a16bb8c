"""Which sinks there are. A new sink is one entry in a table here."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from awsio.clients import AwsClients
from awsio.retry import OnWait
from awsio.streams import create_stream
from fleet.errors import ConfigError
from fleet.reading import SUMMARY_STREAM, TABLE
from fleet.settings import AwsSettings
from sinks.archive import ArchiveSink, create_bucket
from sinks.archive_settings import ArchiveSettings
from sinks.base import DeadLetterSink, RecordSink, Sink
from sinks.dead_letter import DeadLetterFile
from sinks.dynamodb import DynamoDbSink, TableWrites
from sinks.dynamodb_table import create_table
from sinks.kinesis import KinesisSink

LOCAL_BUCKET: Final = "wildrydes-archive"

Kind = TypeVar("Kind")
Waits = Callable[[str], OnWait]
"""Gives the `on_wait` of the sink of that name."""


@dataclass(frozen=True, slots=True)
class SinkSettings:
    """Which sinks are on and where each writes."""

    dead_letters: Path
    """The file."""
    archive_bucket: str
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    stream: str = ""
    """The input, as dead letters name it."""
    epoch: int = 0
    """Of the processor that writes: see sinks/base.py."""
    table: str = TABLE
    table_writes: TableWrites = "conditional"
    summary_stream: str = SUMMARY_STREAM
    names: tuple[str, ...] = ("dynamodb", "kinesis", "archive")
    """The sinks that are on, by their names below. Dead letters are never off."""


@dataclass(frozen=True, slots=True)
class Registered(Generic[Kind]):
    """A sink that can be chosen."""

    make: Callable[[SinkSettings, AwsClients, OnWait], Kind]
    create: Callable[[SinkSettings, AwsClients], Awaitable[bool]]
    """Creates what it writes to unless it is there; returns whether it did."""
    writes_to: Callable[[SinkSettings], str]
    """What that is, for people."""


SUMMARY_SHARDS = 1
"""A shard takes 1,000 rows a second."""


async def _create_summary_stream(settings: SinkSettings, aws: AwsClients) -> bool:
    return await create_stream(await aws.kinesis(), settings.summary_stream, SUMMARY_SHARDS)


ROW_SINKS: Mapping[str, Registered[Sink]] = {
    "dynamodb": Registered(
        lambda settings, aws, on_wait: DynamoDbSink(
            aws,
            settings.table,
            epoch=settings.epoch,
            writes=settings.table_writes,
            on_wait=on_wait,
        ),
        lambda settings, aws: create_table(aws, settings.table),
        lambda settings: f"table {settings.table}",
    ),
    "kinesis": Registered(
        lambda settings, aws, on_wait: KinesisSink(aws, settings.summary_stream, on_wait=on_wait),
        _create_summary_stream,
        lambda settings: f"stream {settings.summary_stream}",
    ),
}
RECORD_SINKS: Mapping[str, Registered[RecordSink]] = {
    "archive": Registered(
        lambda settings, aws, on_wait: ArchiveSink(
            aws, settings.archive_bucket, settings.archive, on_wait=on_wait
        ),
        lambda settings, aws: create_bucket(aws, settings.archive_bucket),
        lambda settings: f"bucket {settings.archive_bucket}",
    ),
}


def row_sinks(settings: SinkSettings, aws: AwsClients, waits: Waits) -> list[Sink]:
    """The sinks of rows that are on, unopened. Raises ConfigError for a name that is no sink."""
    _check(settings)
    return [
        sink.make(settings, aws, waits(name))
        for name, sink in ROW_SINKS.items()
        if name in settings.names
    ]


def record_sinks(settings: SinkSettings, aws: AwsClients, waits: Waits) -> list[RecordSink]:
    """The sinks of raw records that are on, unopened. Raises ConfigError as `row_sinks` does."""
    _check(settings)
    return [
        sink.make(settings, aws, waits(name))
        for name, sink in RECORD_SINKS.items()
        if name in settings.names
    ]


def dead_letter_sink(settings: SinkSettings) -> DeadLetterSink:
    """The sink of dead letters, unopened."""
    return DeadLetterFile(settings.dead_letters, settings.stream)


async def create_resources(settings: SinkSettings, aws: AwsClients) -> list[str]:
    """Creates what the sinks that are on write to, and waits until it is ready; returns what was
    not there before, such as `table UnicornSensorData`.
    """
    _check(settings)
    known: list[tuple[str, Registered[Any]]] = [*ROW_SINKS.items(), *RECORD_SINKS.items()]
    return [
        sink.writes_to(settings)
        for name, sink in known
        if name in settings.names and await sink.create(settings, aws)
    ]


def archive_bucket(aws: AwsSettings, given: str | None) -> str:
    """The bucket that was given, or the default of a local endpoint.

    On AWS there is no default: a bucket of that name may be a stranger's. Raises ConfigError.
    """
    if given:
        return given
    if aws.is_loopback:
        return LOCAL_BUCKET
    raise ConfigError(
        "no bucket for the raw archive",
        remedy="give --archive-bucket NAME; bucket names are shared by all AWS accounts, "
        "so there is no default",
    )


def _check(settings: SinkSettings) -> None:
    known = [*ROW_SINKS, *RECORD_SINKS]
    if unknown := [name for name in settings.names if name not in known]:
        raise ConfigError(
            f"there is no sink {', '.join(unknown)}", remedy=f"the sinks are {', '.join(known)}"
        )
