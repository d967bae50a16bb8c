"""`wildrydes sql check`: every error of every file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wildrydes.commands.sql.application import applications_argument, load, schema_options
from wildrydes.options import json_option
from wildrydes.reference_option import reference_option

if TYPE_CHECKING:
    from analytics_sql.plan import Application


@click.command(
    "check",
    epilog="""\b
Examples:
  wildrydes sql check rides.sql
  wildrydes sql check my-application
  wildrydes sql check my-application --reference ZONES=zones.csv
  wildrydes sql check apps/*.sql --schema readings.schema.json
  wildrydes sql check rides.sql --json | jq .errors

\b
Exit codes: 0 all are right, 1 at least one error, 2 usage.
""",
)
@applications_argument
@schema_options
@reference_option("a file")
@json_option('One object a file: {"file": ..., "ok": ..., "errors": [{"line": ..., ...}], ...}.')
def command(
    applications: tuple[Path, ...],
    schema: Path | None,
    source: str | None,
    references: tuple[tuple[str, str], ...],
    as_json: bool,
) -> int:
    """Say everything that is wrong with the applications APP...

    Each error has its file, line and column, the line with a caret under the fault, what is wrong
    and what to write instead. A pump that another one replaces is noted, which is no error.
    Reference tables are read from their files; of one on S3 it is said that it was not, unless
    --reference has a copy. Nothing is run.
    """
    import msgspec

    from analytics_sql.plan import Application
    from fleet.errors import ConfigError, SqlErrors
    from processor.engine import Engine
    from wildrydes.application_parts import check_outputs

    if references and len(applications) > 1:
        raise click.UsageError("--reference goes with one APP")
    wrong = False
    for number, path in enumerate(applications):
        found: Application | SqlErrors | ConfigError
        try:
            found = load(path, schema, source, references)
            # A plan that the engine cannot run is no good plan either.
            Engine(found)
            _read_tables(found)
            check_outputs(path, found)
        except (SqlErrors, ConfigError) as error:
            found, wrong = error, True
        if as_json:
            report: dict[str, Any] = {"file": str(path), "ok": isinstance(found, Application)}
            report |= {"errors": _errors(found), "tables_not_read": _not_read(found)}
            report["notes"] = list(found.notes) if isinstance(found, Application) else []
            click.echo(msgspec.json.encode(report))
        else:
            click.echo("\n" * (number > 0 and wrong) + _text(path, found))
    return int(wrong)


def _read_tables(application: "Application") -> None:
    """Raises ConfigError for a file that is wrong."""
    from processor.reference_tables.engine import read_table

    for table in application.tables:
        if not table.is_on_s3:
            read_table(table)


def _not_read(found: Any) -> list[str]:
    from analytics_sql.plan import Application

    tables = found.tables if isinstance(found, Application) else ()
    return [table.name for table in tables if table.is_on_s3]


def _text(path: Path, found: Any) -> str:
    from analytics_sql.plan import Application
    from fleet.errors import SqlErrors

    if isinstance(found, SqlErrors):
        return found.render()
    if isinstance(found, Application):
        lines = [f"{path}: ok, puts out {', '.join(sorted(found.outputs))}"]
        lines += [f"  {note}" for note in found.notes]
        for name in _not_read(found):
            lines.append(
                f"  reference table {name} is on S3 and was not read; --reference {name}=FILE "
                "reads a copy"
            )
        return "\n".join(lines)
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
