"""`wildrydes sql explain`: the plan in words."""

from collections.abc import Mapping
from pathlib import Path

import click

from wildrydes.commands.sql.application import application_argument, load, schema_options
from wildrydes.event_time_option import event_time_options
from wildrydes.options import json_option


@click.command(
    "explain",
    epilog="""\b
Examples:
  wildrydes sql explain rides.sql
  wildrydes sql explain rides.sql --json | jq .sharing
  wildrydes sql explain rides.sql --dot | dot -Tsvg > rides.svg

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@application_argument
@schema_options
@event_time_options
@json_option("The same as one JSON object.")
@click.option("--dot", "as_dot", is_flag=True, help="The graph of streams and pumps, for Graphviz.")
def command(
    path: Path,
    schema: Path | None,
    source: str | None,
    event_time: Mapping[str, str],
    as_json: bool,
    as_dot: bool,
) -> None:
    """Show how the application APP runs.

    Streams with their columns and types; pumps step by step: windows, with their size, alignment
    and what closes them, keys, state in bytes, and which rows can reach error_stream; whether the
    work can be shared out by shard, and why not.
    """
    import msgspec

    from processor.explain.explanation import explain
    from processor.explain.tree import graph_text, tree_text

    if as_json and as_dot:
        raise click.UsageError("--json or --dot, not both")
    explanation = explain(load(path, schema, source, event_time=event_time))
    if as_json:
        click.echo(msgspec.json.encode(explanation))
    else:
        click.echo(graph_text(explanation) if as_dot else tree_text(explanation))
