"""`wildrydes sql run`: an application over a file of records."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from wildrydes.commands.sql.application import application_argument, load, schema_options
from wildrydes.event_time_option import event_time_options
from wildrydes.preprocess_option import preprocess_option, with_preprocessor
from wildrydes.reference_option import reference_option
from wildrydes.size_option import state_max_option
from wildrydes.time_option import Duration, Moment

if TYPE_CHECKING:
    from analytics_sql.plan import Application
    from wildrydes.trial.row_text import RowText


@click.command(
    "run",
    epilog="""\b
Examples:
  wildrydes sql run rides.sql --input rides.jsonl
  wildrydes sql run rides.sql --input rides.jsonl --output RIDES --output error_stream
  wildrydes sql run rides.sql --input rides.jsonl --event-time SENT_AT --lateness 30s
  wildrydes sql run rides.sql --input readings.csv --start "2026-01-01 00:00" --interval 100ms
  wildrydes sql run my-application --input records.jsonl --preprocess preprocess:handler
  wildrydes sql run my-application --input records.jsonl --reference ZONES=zones.csv
  head -100 readings.jsonl | wildrydes sql run rides.sql --input - --output RIDES | jq .METRES

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@application_argument
@click.option(
    "--input",
    "input_path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="File of records, one a line; - is standard input.",
)
@schema_options
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="STREAM",
    help="In-application stream to print, or error_stream; several with several --output.  "
    "[default: those that no pump reads]",
)
@click.option(
    "--format",
    "row_format",
    type=click.Choice(["json", "csv"]),
    default="json",
    show_default=True,
    help="Of the rows; csv needs one --output.",
)
@click.option(
    "--start",
    "start_ms",
    type=Moment(),
    default="2026-01-01 00:00:00",
    show_default=True,
    help="Arrival of the first record, UTC, in a file of bare records.",
)
@click.option(
    "--interval",
    "interval_ms",
    type=Duration(),
    default="1s",
    show_default=True,
    help="From one bare record's arrival to the next: 100ms, 30s, 10m.",
)
@preprocess_option
@reference_option("a file")
@event_time_options
@state_max_option
def command(
    path: Path,
    input_path: Path,
    schema: Path | None,
    source: str | None,
    outputs: tuple[str, ...],
    row_format: str,
    start_ms: int,
    interval_ms: int,
    preprocessor: str | None,
    references: tuple[tuple[str, str], ...],
    event_time: Mapping[str, str],
    state_bytes_max: int | None,
) -> None:
    """Run the application APP over a file of records and print its rows.

    No stream, no clock: the same file gives the same rows every time. A line is a record as
    GetRecords returns it, {"ApproximateArrivalTimestamp": 1767225600.123, "PartitionKey": "a",
    "Data": {...}} with Data as JSON or in base64, or bare data, timed by --start and --interval.
    At the end of the file every window closes.

    With --event-time, windows are by a column of the records. The arrival of bare records is made
    up, so say --idle off --future off. A row that is corrected is printed once, as it is at last.

    A row is one line: {"stream": ..., "rowtime": ..., "row": {...}}, or with one --output the bare
    row.
    """
    from wildrydes.pipe_reader import ends_with_reader
    from wildrydes.trial.record_file import read_records
    from wildrydes.trial.row_text import RowText
    from wildrydes.trial.trial import Trial

    loaded = load(path, schema, source, references, event_time)
    application = with_preprocessor(loaded, preprocessor)
    text = RowText(application, outputs or None, row_format)
    with _opened(input_path) as lines, ends_with_reader():
        name = "standard input" if str(input_path) == "-" else str(input_path)
        records = read_records(lines, name, start_ms=start_ms, interval_ms=interval_ms)
        for rows in Trial(application, state_bytes_max=state_bytes_max).run(records):
            sys.stdout.buffer.write(text.lines(rows))
            sys.stdout.buffer.flush()
        _say_what_failed(text, application)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    with path.open("rb") as file:
        yield file


def _say_what_failed(text: "RowText", application: "Application") -> None:
    if text.unseen_errors:
        click.echo(
            f"wildrydes: {application.name}: records or rows that went to error_stream: "
            f"{text.unseen_errors}; the first because: {text.first_error}\n"
            "  --output error_stream shows them",
            err=True,
        )
