"""`wildrydes results`: a unicorn's rows, looked up in DynamoDB."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import click

from fleet.errors import TransientError
from fleet.reading import TABLE
from fleet.settings import AwsSettings, process_clock
from fleet.timestamp import timestamp_text
from wildrydes.options import aws_options, json_option
from wildrydes.table import print_table, printable
from wildrydes.time_option import Duration, Moment

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
@click.option("--from", "from_ms", type=Moment(), help="First StatusTime, UTC; instead of --last.")
@click.option("--to", "to_ms", type=Moment(), help="Last StatusTime, UTC; without it, no limit.")
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
    table: str,
    as_json: bool,
    settings: AwsSettings,
) -> None:
    """Look up the rows of the unicorn NAME in DynamoDB.

    Rows land when their minute has ended. Times are UTC.
    """
    chosen = context.get_parameter_source("last_ms")
    if from_ms is not None and chosen is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("give --last or --from, not both")
    if from_ms is None:
        from_ms = max(0, (process_clock().now_ms() if to_ms is None else to_ms) - last_ms)
    first = timestamp_text(from_ms)
    last = END_OF_TIME if to_ms is None else timestamp_text(to_ms)
    rows = asyncio.run(_rows(settings, table, name, first, last))
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, default=str))
    elif rows:
        _print_table(rows)
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
            return [row async for row in query(aws, table, name, first, last)]
    except TransientError as error:
        raise TransientError(
            str(error), remedy="is `wildrydes up` or `wildrydes local` running? See --endpoint-url"
        ) from error


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    names = list({name: None for row in rows for name in row})
    numbers = {n for n in names if all(isinstance(row.get(n, 0), int | float) for row in rows)}
    print_table(names, [[row.get(name) for name in names] for row in rows], numbers=numbers)
