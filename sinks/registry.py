"""Which sinks are on, and where each writes. The kinds of sinks of rows are in sinks/row_kinds.py,
those of raw records in a table here.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from awsio.clients import AwsClients
from awsio.retry import OnWait
from fleet.errors import ConfigError
from fleet.reading import SUMMARY_STREAM, TABLE
from fleet.settings import AwsSettings
from sinks.archive import ArchiveSink, create_bucket
from sinks.archive_settings import ArchiveSettings
from sinks.base import DeadLetterSink, RecordSink, RowSink
from sinks.dead_letter import DeadLetterFile
from sinks.firehose import FirehoseRecords
from sinks.output import Output, sink_names
from sinks.output_kinds import EXAMPLES, OUTPUT_KINDS, output_faults
from sinks.row_columns import StreamColumns
from sinks.row_kinds import ROW_SINKS, Given

LOCAL_BUCKET: Final = "wildrydes-archive"

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
    archive_through: str = ""
    """The delivery stream of the sink `firehose_archive`."""
    application: str = ""
    """Its name."""
    streams: StreamColumns = field(default_factory=dict)
    """The columns of each in-application stream."""
    output_streams: Collection[str] = ()
    """The streams whose rows go to an output that names none."""

    def taken(self, output: Output) -> StreamColumns:
        """The streams whose rows an output takes."""
        names = self.output_streams if output.stream is None else [output.stream]
        return {name: self.streams[name] for name in sorted(names) if name in self.streams}


@dataclass(frozen=True, slots=True)
class RecordSinkKind:
    """A sink of raw records that can be chosen."""

    make: Callable[[SinkSettings, AwsClients, OnWait], RecordSink]
    create: Callable[[SinkSettings, AwsClients], Awaitable[bool]]
    """As in RowSinkKind."""
    writes_to: Callable[[SinkSettings], str]
    """What that is, for people."""


async def _nothing(_settings: SinkSettings, _aws: AwsClients) -> bool:
    """A delivery stream needs a role and a place, which are not ours to make."""
    return False


RECORD_SINKS: Mapping[str, RecordSinkKind] = {
    "archive": RecordSinkKind(
        lambda settings, aws, on_wait: ArchiveSink(
            aws, settings.archive_bucket, settings.archive, on_wait=on_wait
        ),
        lambda settings, aws: create_bucket(aws, settings.archive_bucket),
        lambda settings: f"bucket {settings.archive_bucket}",
    ),
    "firehose_archive": RecordSinkKind(
        lambda settings, aws, on_wait: FirehoseRecords(
            aws, settings.archive_through, on_wait=on_wait
        ),
        _nothing,
        lambda settings: f"delivery stream {settings.archive_through}",
    ),
}


def row_sinks(settings: SinkSettings, aws: AwsClients, waits: Waits) -> list[RowSink]:
    """A sink for each output, unopened, in their order. Raises ConfigError as `check` does."""
    check(settings)
    return [
        ROW_SINKS[output.scheme].make(
            output,
            Given(
                name,
                aws,
                settings.epoch,
                waits(name),
                settings.taken(output),
                settings.application,
            ),
        )
        for name, output in zip(sink_names(settings.outputs), settings.outputs, strict=True)
    ]


def record_sinks(settings: SinkSettings, aws: AwsClients, waits: Waits) -> list[RecordSink]:
    """The sinks of raw records that are on, unopened. Raises ConfigError as `check` does."""
    check(settings)
    return [RECORD_SINKS[name].make(settings, aws, waits(name)) for name in settings.records]


def dead_letter_sink(settings: SinkSettings, waits: Waits) -> DeadLetterSink:
    """The sink of dead letters, unopened."""
    return DeadLetterFile(
        settings.dead_letters,
        settings.stream,
        epoch=settings.epoch,
        on_wait=waits(DeadLetterFile.name),
    )


async def create_resources(settings: SinkSettings, aws: AwsClients) -> list[str]:
    """Creates what the sinks that are on write to, and waits until it is ready; returns what was
    not there before, such as `table UnicornSensorData`.
    """
    check(settings)
    created = []
    for output in settings.outputs:
        if await ROW_SINKS[output.scheme].create(output, aws, settings.taken(output)):
            created.append(f"{OUTPUT_KINDS[output.scheme].what} {output.where}")
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
    """Raises ConfigError for what is not known here (sinks, options and their values, all of them
    at once), and for outputs that cannot take the columns of their streams.
    """
    faults = [fault for output in settings.outputs for fault in output_faults(output)]
    faults += _clashes(settings.outputs)
    faults += [f"there is no sink {name}" for name in settings.records if name not in RECORD_SINKS]
    if faults:
        raise ConfigError(
            "; ".join(faults),
            remedy=f"rows go to {EXAMPLES}; raw records to {', '.join(RECORD_SINKS)}",
        )
    for output in settings.outputs:
        ROW_SINKS[output.scheme].check(output, settings.taken(output))


def _clashes(outputs: Sequence[Output]) -> list[str]:
    """Files that two outputs would write to: each cuts its file back to its own rows."""
    places = Counter(Path(o.place).absolute() for o in outputs if o.scheme == "file")
    return [
        f"file:{place}: {count} outputs have one file"
        for place, count in places.items()
        if count > 1
    ]
