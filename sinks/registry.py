"""Which sinks there are. A new sink is one entry in a table here."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

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
from sinks.dynamodb import DynamoDbSink
from sinks.dynamodb_table import create_table
from sinks.kinesis import KinesisSink
from sinks.output import Output, sink_names
from sinks.row_format import RowFormat

LOCAL_BUCKET: Final = "wildrydes-archive"

SUMMARY_SHARDS: Final = 1
"""A shard takes 1,000 rows a second."""

Waits = Callable[[str], OnWait]
"""Gives the `on_wait` of the sink of that name."""


@dataclass(frozen=True, slots=True)
class SinkSettings:
    """Which sinks are on and where each writes."""

    dead_letters: Path
    """The file. Dead letters are never off."""
    archive_bucket: str
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    stream: str = ""
    """The input, as dead letters name it."""
    epoch: int = 0
    """Of the processor that writes: see sinks/base.py."""
    outputs: tuple[Output, ...] = (Output("dynamodb", TABLE), Output("kinesis", SUMMARY_STREAM))
    """Where rows go."""
    records: tuple[str, ...] = ("archive",)
    """The sinks of raw records that are on, by their names below."""


@dataclass(frozen=True, slots=True)
class Given:
    """What every sink of rows is made with."""

    name: str
    """Its name in the status, in metrics and in dead letters."""
    aws: AwsClients
    epoch: int
    on_wait: OnWait


@dataclass(frozen=True, slots=True)
class RowSinkKind:
    """What a scheme of an output URL stands for."""

    make: Callable[[Output, Given], Sink]
    create: Callable[[Output, AwsClients], Awaitable[bool]]
    """Creates what it writes to unless it is there; returns whether it did."""
    what: str
    """What the place is, for people: `table`."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What may stand after `?`, with the values that it may have (none: any)."""


@dataclass(frozen=True, slots=True)
class RecordSinkKind:
    """A sink of raw records that can be chosen."""

    make: Callable[[SinkSettings, AwsClients, OnWait], RecordSink]
    create: Callable[[SinkSettings, AwsClients], Awaitable[bool]]
    """As in RowSinkKind."""
    writes_to: Callable[[SinkSettings], str]
    """What that is, for people."""


def _dynamodb(output: Output, given: Given) -> Sink:
    return DynamoDbSink(
        given.aws,
        output.place,
        name=given.name,
        epoch=given.epoch,
        writes="batched" if output.options.get("writes") == "batched" else "conditional",
        on_wait=given.on_wait,
    )


def _kinesis(output: Output, given: Given) -> Sink:
    return KinesisSink(
        given.aws,
        output.place,
        name=given.name,
        row_format=_row_format(output),
        on_wait=given.on_wait,
    )


def _row_format(output: Output) -> RowFormat:
    return "csv" if output.options.get("format") == "csv" else "json"


async def _create_output_stream(output: Output, aws: AwsClients) -> bool:
    return await create_stream(await aws.kinesis(), output.place, SUMMARY_SHARDS)


ROW_SINKS: Mapping[str, RowSinkKind] = {
    "dynamodb": RowSinkKind(
        _dynamodb,
        lambda output, aws: create_table(aws, output.place),
        "table",
        {"writes": ("conditional", "batched")},
    ),
    "kinesis": RowSinkKind(
        _kinesis,
        _create_output_stream,
        "stream",
        {"format": ("json", "csv")},
    ),
}
RECORD_SINKS: Mapping[str, RecordSinkKind] = {
    "archive": RecordSinkKind(
        lambda settings, aws, on_wait: ArchiveSink(
            aws, settings.archive_bucket, settings.archive, on_wait=on_wait
        ),
        lambda settings, aws: create_bucket(aws, settings.archive_bucket),
        lambda settings: f"bucket {settings.archive_bucket}",
    ),
}


def row_sinks(settings: SinkSettings, aws: AwsClients, waits: Waits) -> list[Sink]:
    """A sink for each output, unopened, in their order. Raises ConfigError as `check` does."""
    check(settings)
    return [
        ROW_SINKS[output.scheme].make(output, Given(name, aws, settings.epoch, waits(name)))
        for name, output in zip(sink_names(settings.outputs), settings.outputs, strict=True)
    ]


def record_sinks(settings: SinkSettings, aws: AwsClients, waits: Waits) -> list[RecordSink]:
    """The sinks of raw records that are on, unopened. Raises ConfigError as `check` does."""
    check(settings)
    return [RECORD_SINKS[name].make(settings, aws, waits(name)) for name in settings.records]


def dead_letter_sink(settings: SinkSettings) -> DeadLetterSink:
    """The sink of dead letters, unopened."""
    return DeadLetterFile(settings.dead_letters, settings.stream, epoch=settings.epoch)


async def create_resources(settings: SinkSettings, aws: AwsClients) -> list[str]:
    """Creates what the sinks that are on write to, and waits until it is ready; returns what was
    not there before, such as `table UnicornSensorData`.
    """
    check(settings)
    created = []
    for output in settings.outputs:
        kind = ROW_SINKS[output.scheme]
        if await kind.create(output, aws):
            created.append(f"{kind.what} {output.place}")
    for name in settings.records:
        if await RECORD_SINKS[name].create(settings, aws):
            created.append(RECORD_SINKS[name].writes_to(settings))
    return created


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


def check(settings: SinkSettings) -> None:
    """Raises ConfigError for what is not known here: sinks, options and their values, all of them
    at once.
    """
    faults = [fault for output in settings.outputs for fault in output_faults(output)]
    faults += [f"there is no sink {name}" for name in settings.records if name not in RECORD_SINKS]
    if faults:
        raise ConfigError(
            "; ".join(faults),
            remedy=f"rows go to {', '.join(f'{name}://' for name in ROW_SINKS)}; "
            f"raw records to {', '.join(RECORD_SINKS)}",
        )


def output_faults(output: Output) -> list[str]:
    """What is not known here of an output: its sink, its options and their values."""
    kind = ROW_SINKS.get(output.scheme)
    if kind is None:
        return [f"{output}: there is no sink {output.scheme}"]
    faults = []
    for name, value in output.options.items():
        values = kind.options.get(name)
        if values is None:
            known = ", ".join(kind.options) or "none"
            faults.append(f"{output}: {output.scheme} has no option {name} (it has: {known})")
        elif values and value not in values:
            faults.append(f"{output}: {name} is {' or '.join(values)}, not {value!r}")
    return faults
