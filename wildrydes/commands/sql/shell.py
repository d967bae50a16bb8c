"""`wildrydes sql shell`: ad-hoc queries against a live stream or a file."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fleet.settings import AwsSettings
from wildrydes.application_option import ApplicationPath
from wildrydes.commands.sql.application import FILE
from wildrydes.event_time_option import event_time_options
from wildrydes.options import StreamName, aws_options, data_option
from wildrydes.reference_option import reference_option
from wildrydes.time_option import StartPoint

if TYPE_CHECKING:
    from analytics_sql.input_schema import InputSchema
    from processor.source.start import Start
    from wildrydes.shell.input import QueryInput
    from wildrydes.shell.shell import Source

HISTORY = "shell_history"


@click.command(
    "shell",
    epilog="""\b
Examples:
  wildrydes sql shell --stream wildrydes --endpoint-url http://127.0.0.1:4566
  wildrydes sql shell --app wildrydes --start 10m
  wildrydes sql shell --input records.jsonl
  wildrydes sql shell --stream readings --event-time SENT_AT --lateness 30s
  echo 'SELECT STREAM * FROM "SOURCE_SQL_STREAM_001";' | wildrydes sql shell --input records.jsonl

\b
Exit codes: 0 left, 1 failure, 2 usage.
""",
)
@click.option("--stream", type=StreamName(), help="Kinesis stream that queries read.")
@click.option("--input", "input_path", type=FILE, help="File of records that queries read instead.")
@click.option(
    "--app",
    "application",
    type=ApplicationPath(),
    help="Application whose schema and stream these are, and whose own streams queries may read.",
)
@click.option(
    "--schema", type=FILE, help="Input schema.  [default: the application's, or discovered]"
)
@click.option(
    "--start",
    type=StartPoint(),
    default="latest",
    show_default=True,
    metavar="trim-horizon|latest|AGO|TIME",
    help="Where each query begins in a stream.",
)
@reference_option("a file or s3://bucket/key")
@event_time_options
@data_option
@aws_options
def command(
    stream: str | None,
    input_path: Path | None,
    application: Path | None,
    schema: Path | None,
    start: "Start",
    references: tuple[tuple[str, str], ...],
    event_time: Mapping[str, str],
    data: Path,
    settings: AwsSettings,
) -> None:
    """Type a SELECT STREAM, and its rows scroll by.

    A query reads the input, called SOURCE_SQL_STREAM_001 unless the schema has a prefix, or a
    stream of --app. It ends with a semicolon and may take several lines. Ctrl-C ends the query that
    runs, Ctrl-D the shell. Nothing is written anywhere but the history of what was typed.
    """
    from analytics_sql.input_schema import InputSchema
    from wildrydes.application_parts import stream_of
    from wildrydes.shell.shell import Shell, piped_prompt, terminal_prompt

    stream = stream or (stream_of(application) if input_path is None else None)
    if (stream is None) == (input_path is None):
        raise click.UsageError("give --stream or --input")
    if references and application is None:
        raise click.UsageError("--reference goes with --app")
    rows = _input(stream, input_path, start, settings)
    if application is not None:
        source = _of_application(application, schema, rows, dict(references), event_time)
    else:
        found = None if schema is None else InputSchema.read(schema)
        source = _of_schema(found or _discovered(stream, input_path, settings), rows, event_time)
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if is_terminal:
        click.echo(f'wildrydes sql shell on {stream or input_path}: FROM "{source.name}"; .help')
    prompt = terminal_prompt(data / HISTORY) if is_terminal else piped_prompt
    Shell(source, prompt, click.echo).run()


def _of_application(
    path: Path,
    schema_path: Path | None,
    rows: "QueryInput",
    references: Mapping[str, str],
    event_time: Mapping[str, str],
) -> "Source":
    from analytics_sql.application_file import (
        TEXT,
        folder_of,
        load_application,
        read_manifest,
        read_text,
        reference_tables,
    )
    from analytics_sql.input_schema import InputSchema
    from wildrydes.shell.shell import Source

    plan = load_application(
        path, schema_path=schema_path, references=references, event_time=event_time
    )
    folder = folder_of(path)
    source = plan.sources[0]
    return Source(
        InputSchema(source.columns, source.format),
        source.name,
        rows,
        read_text(path if folder is None else folder / TEXT),
        reference_tables(read_manifest(path), references),
        plan.event_time,
    )


def _of_schema(
    schema: "InputSchema", rows: "QueryInput", event_time: Mapping[str, str]
) -> "Source":
    from analytics_sql.compiler import SOURCE_NAME
    from analytics_sql.event_time import check_column
    from analytics_sql.event_time_settings import event_time_of
    from wildrydes.shell.shell import Source

    time = event_time_of({}, event_time)
    if time is not None:
        check_column(schema.columns, time.column)
    name = f"{schema.name_prefix}_001" if schema.name_prefix else SOURCE_NAME
    return Source(schema, name, rows, event_time=time)


def _input(
    stream: str | None, input_path: Path | None, start: "Start", settings: AwsSettings
) -> "QueryInput":
    from wildrydes.lifecycle import complain, wait_line
    from wildrydes.shell.input import FileInput, StreamInput

    if input_path is not None:
        return FileInput(input_path)
    return StreamInput(
        str(stream), start, settings, lambda reason, _: complain(wait_line("the stream", reason))
    )


def _discovered(
    stream: str | None, input_path: Path | None, settings: AwsSettings
) -> "InputSchema":
    import asyncio

    from analytics_sql.input_schema import InputSchema
    from fleet.errors import ConfigError
    from wildrydes.discovery.discovery import discover
    from wildrydes.discovery.sample import sample_file, sample_stream

    if input_path is not None:
        records = sample_file(input_path, 1000)
    else:
        records = asyncio.run(sample_stream(str(stream), 1000, settings))
    if not records:
        raise ConfigError(
            f"{stream or input_path} has no records to discover a schema from",
            remedy="name the schema with --schema or --app, or wait until it has some",
        )
    return InputSchema.from_json(discover(records).schema, where="that was discovered")
