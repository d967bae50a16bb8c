"""`wildrydes results`: a unicorn's rows, looked up in DynamoDB."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fleet.errors import TransientError
from fleet.reading import TABLE
from fleet.settings import AwsSettings, process_clock
from fleet.timestamp import timestamp_text
from wildrydes.options import aws_options, json_option
from wildrydes.table import print_table, printable
from wildrydes.time_option import Duration, Moment

if TYPE_CHECKING:
    from wildrydes.findings.series import Series

END_OF_TIME = "9999-12-31 23:59:59.999"
"""Without --to there is no upper limit: the newest row must not hide behind a machine's clock that
is slow.
"""


@click.command(
    "results",
    epilog="""\b
Examples:
  wildrydes results Bucephalus --last 10m
  wildrydes results Bucephalus --from "2026-01-01 00:00" --to "2026-01-01 00:30"
  wildrydes results Bucephalus --last 1h --json | jq .Distance
  wildrydes results Bucephalus --all --plot ride.png
""",
)
@click.argument("name")
@click.option(
    "--last",
    "last_ms",
    type=Duration(),
    default="10m",
    show_default=True,
    help="How far back from now, by this machine's clock (or from --to): 30s, 10m, 2h, 1d.",
)
@click.option(
    "--from",
    "from_ms",
    type=Moment(),
    help="First StatusTime (a minute's end), UTC; instead of --last.",
)
@click.option("--to", "to_ms", type=Moment(), help="Last StatusTime, UTC; without it, no limit.")
@click.option("--all", "everything", is_flag=True, help="Every row there is, however old.")
@click.option(
    "--plot",
    "picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Draw the columns over time: .png, .svg or .pdf (needs the extra `plot`).",
)
@click.option("--table", default=TABLE, show_default=True, help="DynamoDB table.")
@json_option("One row a line, as a JSON object.")
@aws_options
@click.pass_context
def command(
    context: click.Context,
    name: str,
    last_ms: int,
    from_ms: int | None,
    to_ms: int | None,
    everything: bool,
    picture: Path | None,
    table: str,
    as_json: bool,
    settings: AwsSettings,
) -> None:
    """Look up the rows of the unicorn NAME in DynamoDB, the newest first.

    Rows land when their minute has ended. Times are UTC. Below the table stand the sum, the range
    and the mean of each column of numbers, and how it went, from the oldest row to the newest.
    """
    from wildrydes.findings.picture import require_matplotlib

    chosen = context.get_parameter_source("last_ms") is click.core.ParameterSource.COMMANDLINE
    if from_ms is not None and chosen:
        raise click.UsageError("give --last or --from, not both")
    if everything and (chosen or from_ms is not None or to_ms is not None):
        raise click.UsageError("--all goes without --last, --from and --to")
    if picture is not None:
        require_matplotlib()
    if everything:
        from_ms = 0
    elif from_ms is None:
        from_ms = max(0, (process_clock().now_ms() if to_ms is None else to_ms) - last_ms)
    first = timestamp_text(from_ms)
    last = END_OF_TIME if to_ms is None else timestamp_text(to_ms)
    rows = asyncio.run(_rows(settings, table, name, first, last))
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, default=str))
    elif rows:
        _print_table(rows)
        _print_summary(rows)
    if rows and picture is not None:
        _draw(name, rows, picture)
    if not rows:
        until = "" if to_ms is None else f" to {last}"
        click.echo(
            f"No rows of {printable(name)} from {first}{until} (UTC) in table {table}.\n"
            "  A minute's row lands a few seconds after the minute; is a processor running?\n"
            "  Names are matched exactly, capitals too. Look further back with --last 1d.",
            err=as_json,
        )


async def _rows(
    settings: AwsSettings, table: str, name: str, first: str, last: str
) -> list[dict[str, Any]]:
    from awsio.clients import AwsClients
    from sinks.dynamodb_table import query

    try:
        async with AwsClients(settings) as aws:
            found = query(aws, table, name, first, last, newest_first=True)
            return [row async for row in found]
    except TransientError as error:
        raise TransientError(
            str(error), remedy="is `wildrydes up` or `wildrydes local` running? See --endpoint-url"
        ) from error


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    names = list({name: None for row in rows for name in row})
    numbers = {n for n in names if all(isinstance(row.get(n, 0), int | float) for row in rows)}
    print_table(names, [[row.get(name) for name in names] for row in rows], numbers=numbers)


def _print_summary(rows: Sequence[dict[str, Any]]) -> None:
    """What can be said of all rows together, `rows` newest first."""
    from wildrydes.findings.series import series_of

    time_column = list(rows[0])[1]
    click.echo(f"\n{len(rows):,} {'row' if len(rows) == 1 else 'rows'}")
    if len(rows) == 1:
        return
    heads = ["column", "sum", "lowest", "mean", "highest", "over time"]
    lines = [
        [one.column, *(_figure(v) for v in _figures(one)), one.sparkline()]
        for one in series_of(rows[::-1], time_column)
    ]
    print_table(heads, lines, numbers=heads[1:-1])


def _figures(series: "Series") -> tuple[float, float, float, float]:
    return sum(series.values), min(series.values), series.mean, max(series.values)


def _figure(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")


def _draw(name: str, rows: Sequence[dict[str, Any]], file: Path) -> None:
    from wildrydes.findings.picture import draw
    from wildrydes.findings.series import series_of

    series = series_of(rows[::-1], list(rows[0])[1])
    if not series:
        click.echo("nothing to draw: no column has numbers alone", err=True)
        return
    draw(name, series, file)
    click.echo(f"drawn: {file}", err=True)
