"""`wildrydes sql discover`: the schema of an input, from a sample of its records."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fleet.settings import AwsSettings
from fleet.timestamp import timestamp_text
from wildrydes.options import StreamName, aws_options, json_option

if TYPE_CHECKING:
    from analytics_sql.types import Kind
    from wildrydes.discovery.schema import Discovered

ROWS_SHOWN = 10
SCHEMA = "schema.json"


@click.command(
    "discover",
    epilog="""\b
Examples:
  wildrydes sql discover --stream wildrydes --endpoint-url http://127.0.0.1:4566
  wildrydes sql discover --input records.jsonl
  wildrydes sql discover --input records.jsonl --row-path '$.records'
  wildrydes sql discover --input records.csv --output my-application
  wildrydes sql discover --input records.jsonl --json | jq .RecordColumns

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@click.option("--stream", type=StreamName(), help="Kinesis stream to sample.")
@click.option(
    "--input",
    "input_path",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="File of records to sample, one a line; - is standard input.",
)
@click.option(
    "--records",
    "count",
    type=click.IntRange(1, 100_000),
    default=1000,
    show_default=True,
    help="At most so many records.",
)
@click.option("--row-path", help="RecordRowPath: where in a record its rows stand, as $.records.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Write the schema: FILE.json, or schema.json in a folder.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@aws_options
@json_option("The schema alone, as schema.json has it.")
def command(
    stream: str | None,
    input_path: Path | None,
    count: int,
    row_path: str | None,
    output: Path | None,
    force: bool,
    settings: AwsSettings,
    as_json: bool,
) -> None:
    """Find out the schema of an input from a sample of its records.

    JSON, with nested members and an array made rows, or CSV, with or without a row of names. Names
    that SQL cannot have become COL_name. Shows the columns, and the sample as an application would
    see it. Types and lengths are those of the sample: look at them before you rely on them.
    """
    import msgspec

    from wildrydes.discovery.discovery import discover
    from wildrydes.discovery.sample import sample_file, sample_stream

    if (stream is None) == (input_path is None):
        raise click.UsageError("give --stream or --input")
    if input_path is not None:
        records = sample_file(input_path, count)
    else:
        records = asyncio.run(sample_stream(str(stream), count, settings))
    _refuse_nothing(records, stream)
    found = discover(records, row_path)
    if output is not None:
        path = _write(found, output, force=force)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found.schema), indent=2))
        return
    _show(found, records)
    if output is not None:
        click.echo(f"\nwritten to {path}")


def _refuse_nothing(records: Sequence[bytes], stream: str | None) -> None:
    from fleet.errors import ConfigError

    if not records:
        where = f"stream {stream} has" if stream else "the input has"
        raise ConfigError(
            f"{where} no records to discover a schema from",
            remedy="let a producer put some, and run this again",
        )


def _write(found: "Discovered", output: Path, *, force: bool) -> Path:
    from fleet.errors import ConfigError
    from wildrydes.moving_in.folder import schema_text

    path = output if output.suffix == ".json" else output / SCHEMA
    if path.exists() and not force:
        raise ConfigError(f"{path} is there already", remedy="write over it with --force")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(schema_text(found.schema), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from None
    return path


def _show(found: "Discovered", records: Sequence[bytes]) -> None:
    from wildrydes.table import print_table, printable

    print_table(
        ["column", "type", "mapping", ""],
        [[c.name, c.sql_type, c.mapping, _about(c.name, c.given, c.note)] for c in found.columns],
        numbers=(),
    )
    click.echo()
    names, rows, wrong = _sample(found, records)
    print_table(names, rows, numbers=())
    notes = list(found.notes)
    if wrong:
        notes.append(f"{wrong} rows of the first {len(rows) + wrong} go to error_stream")
    for note in notes:
        click.echo(f"note: {printable(note)}")


def _about(name: str, given: str, note: str | None) -> str:
    renamed = f"called {given} in the records" if name != given and name.startswith("COL_") else ""
    return "; ".join(text for text in (renamed, note) if text)


def _sample(found: "Discovered", records: Sequence[bytes]) -> tuple[list[str], list[Any], int]:
    """The first rows as an application sees them, and how many rows it does not."""
    from analytics_sql.input_schema import InputSchema
    from processor.decode.choice import choose_decoder

    schema = InputSchema.from_json(found.schema, where="that was discovered")
    decoded = choose_decoder(schema.columns, schema.format).decode(records[:ROWS_SHOWN])
    columns = [
        [_text(value, column.type.kind) for value in decoded.vectors[column.name].to_list()]
        for column in schema.columns
    ]
    bad = {row for row, _ in decoded.errors}
    rows = [list(row) for i, row in enumerate(zip(*columns, strict=True)) if i not in bad]
    return [column.name for column in schema.columns], rows[:ROWS_SHOWN], len(bad)


def _text(value: Any, kind: "Kind") -> Any:
    """A value as rows have it."""
    if kind == "TIMESTAMP" and value is not None:
        return timestamp_text(value)
    return str(value).lower() if isinstance(value, bool) else value
