"""What an application's folder says beside its text, as the commands that run it need it."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import ConfigError

if TYPE_CHECKING:
    from analytics_sql.manifest import Manifest
    from analytics_sql.plan import Application
    from sinks.output import Output


def stream_of(application: Path | None) -> str | None:
    """The Kinesis stream that application.toml names. Raises ConfigError for one that is wrong."""
    from analytics_sql.application_file import read_manifest

    manifest = None if application is None else read_manifest(application)
    return None if manifest is None else manifest.stream


def outputs_of(application: Path | None) -> "tuple[Output, ...]":
    """Where application.toml sends rows. Raises ConfigError with all that is wrong with it."""
    from analytics_sql.application_file import read_manifest

    manifest = None if application is None else read_manifest(application)
    return () if manifest is None else manifest_outputs(manifest)


def check_outputs(path: Path, application: "Application") -> None:
    """Raises ConfigError with all that is wrong with the outputs that application.toml names."""
    from analytics_sql.application_file import read_manifest
    from processor.error_stream import NAME

    manifest = read_manifest(path)
    if manifest is not None and manifest.outputs:
        names = sorted(stream.name for stream in application.streams)
        manifest_outputs(manifest, [*names, NAME])


def manifest_outputs(
    manifest: "Manifest", streams: Collection[str] | None = None
) -> "tuple[Output, ...]":
    """The outputs of an application.toml. With `streams`, the in-application streams of its text,
    and error_stream, those of other streams are wrong. Raises ConfigError with all that is.
    """
    from sinks.output import check_streams, parse_output
    from sinks.output_kinds import EXAMPLES, output_faults

    read, problems = [], []
    for number, text in enumerate(manifest.outputs, start=1):
        where = f"outputs {number}.url"
        try:
            output = parse_output(text)
        except ConfigError as error:
            problems.append(f"{where}: {error}; {error.remedy}")
            continue
        read.append(output)
        problems += [f"{where}: {fault}" for fault in output_faults(output)]
        if streams is not None:
            try:
                check_streams([output], streams)
            except ConfigError as error:
                problems.append(f"outputs {number}.stream: {error}; {error.remedy}")
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise ConfigError(
            f"{manifest.path} is not usable:\n{lines}",
            remedy=f"rows go to {EXAMPLES}",
        )
    return tuple(read)
