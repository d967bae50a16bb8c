"""`wildrydes sql check`: every error of every file."""

from pathlib import Path
from typing import Any

import click

from wildrydes.commands.sql.application import applications_argument, load, schema_options
from wildrydes.options import json_option


@click.command(
    "check",
    epilog="""\b
Examples:
  wildrydes sql check rides.sql
  wildrydes sql check my-application
  wildrydes sql check apps/*.sql --schema readings.schema.json
  wildrydes sql check rides.sql --json | jq .errors

\b
Exit codes: 0 all are right, 1 at least one error, 2 usage.
""",
)
@applications_argument
@schema_options
@json_option('One object a file: {"file": ..., "ok": ..., "errors": [{"line": ..., ...}]}.')
def command(
    applications: tuple[Path, ...], schema: Path | None, source: str | None, as_json: bool
) -> int:
    """Say everything that is wrong with the applications APP...

    Each error has its file, line and column, the line with a caret under the fault, what is wrong
    and what to write instead. Nothing is run.
    """
    import msgspec

    from analytics_sql.plan import Application
    from fleet.errors import ConfigError, SqlErrors
    from processor.reference_tables import ready_engine
    from wildrydes.application_parts import check_outputs

    wrong = False
    for number, path in enumerate(applications):
        found: Application | SqlErrors | ConfigError
        try:
            found = load(path, schema, source)
            # A plan that the engine cannot run is no good plan either.
            ready_engine(found)
            check_outputs(path, found)
        except (SqlErrors, ConfigError) as error:
            found, wrong = error, True
        if as_json:
            report: dict[str, Any] = {"file": str(path), "ok": isinstance(found, Application)}
            click.echo(msgspec.json.encode({**report, "errors": _errors(found)}))
        else:
            click.echo("\n" * (number > 0 and wrong) + _text(path, found))
    return int(wrong)


def _text(path: Path, found: Any) -> str:
    from analytics_sql.plan import Application
    from fleet.errors import SqlErrors

    if isinstance(found, SqlErrors):
        return found.render()
    if isinstance(found, Application):
        return f"{path}: ok, puts out {', '.join(sorted(found.outputs))}"
    return f"{path}: {found}" + (f"\n  {found.remedy}" if found.remedy else "")


def _errors(found: Any) -> list[dict[str, Any]]:
    from analytics_sql.plan import Application
    from fleet.errors import SqlErrors

    if isinstance(found, Application):
        return []
    if not isinstance(found, SqlErrors):
        return [{"message": str(found), "remedy": found.remedy}]
    return [
        {
            "line": error.line,
            "column": error.column,
            "length": error.length,
            "snippet": error.snippet,
            "message": str(error),
            "remedy": error.remedy,
        }
        for error in found.errors
    ]
