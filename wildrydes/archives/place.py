"""Which archive a command is about, and which part of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fleet.errors import ConfigError
from fleet.settings import AwsSettings, process_clock
from wildrydes.options import aws_options
from wildrydes.time_option import Duration, Moment

if TYPE_CHECKING:
    from awsio.clients import AwsClients
    from sinks.archive_store import ArchiveStore

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ArchivePlace:
    """A bucket or a folder."""

    settings: AwsSettings
    bucket: str | None
    folder: Path | None

    def store(self, aws: "AwsClients") -> "ArchiveStore":
        """The store. Raises ConfigError without a bucket or folder."""
        from sinks.archive_store import FolderStore, S3Store
        from sinks.registry import archive_bucket
        from wildrydes.lifecycle import complain, wait_line

        if self.folder is not None:
            return FolderStore(self.folder)
        bucket = archive_bucket(self.settings, self.bucket)
        return S3Store(aws, bucket, on_wait=lambda why, _: complain(wait_line("the archive", why)))


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From `from_ms` to before `to_ms`; None: no end on that side."""

    from_ms: int | None
    to_ms: int | None


def place_options(command: Command) -> Command:
    """--archive-bucket and --folder, as `archive_bucket` and `folder`, and the AWS options."""
    command = click.option(
        "--folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Folder with the archive's objects, instead of a bucket.",
    )(command)
    command = click.option(
        "--archive-bucket",
        help="Bucket of the archive.  [default: wildrydes-archive on a local endpoint]",
    )(command)
    return aws_options(command)


def archive_place(
    settings: AwsSettings, archive_bucket: str | None, folder: Path | None
) -> ArchivePlace:
    """What the options name. Raises UsageError for both."""
    if archive_bucket is not None and folder is not None:
        raise click.UsageError("give --archive-bucket or --folder, not both")
    return ArchivePlace(settings, archive_bucket, folder)


def range_options(command: Command) -> Command:
    """--from, --to and --last, as `from_ms`, `to_ms` and `last_ms`."""
    for flags, kind, text in (
        (("--last", "last_ms"), Duration(), "How far back from now, or from --to: 10m, 2h, 1d."),
        (("--to", "to_ms"), Moment(), "Records that arrived before this time, UTC."),
        (("--from", "from_ms"), Moment(), "Records that arrived at this time or later, UTC."),
    ):
        command = click.option(*flags, type=kind, help=text)(command)
    return command


def time_range(from_ms: int | None, to_ms: int | None, last_ms: int | None) -> TimeRange:
    """What the options say. Raises UsageError for what makes no range."""
    if last_ms is not None:
        if from_ms is not None:
            raise click.UsageError("give --last or --from, not both")
        from_ms = max(0, (process_clock().now_ms() if to_ms is None else to_ms) - last_ms)
    if from_ms is not None and to_ms is not None and from_ms >= to_ms:
        raise click.UsageError("--from has to be before --to")
    return TimeRange(from_ms, to_ms)


def nothing_there(where: str, times: TimeRange) -> ConfigError:
    """What to say of an archive that has nothing in a range of time."""
    part = "" if times == TimeRange(None, None) else " in this range of time"
    return ConfigError(
        f"there are no archived records in {where}{part}",
        remedy="records are archived when their minute is over; "
        "`wildrydes archive ls` lists all hours",
    )


def untimed_text(count: int) -> str:
    """What to say of records whose arrival the archive does not know."""
    return (
        f"wildrydes: {count:,} records are of a time when the archive did not keep arrivals: "
        "their minute is a guess, and they have no sequence number and no partition key"
    )
