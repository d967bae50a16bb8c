"""`wildrydes query`."""

import asyncio
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fleet.errors import FleetError
from fleet.settings import AwsSettings, process_clock
from wildrydes.archives.place import ArchivePlace, archive_place, place_options
from wildrydes.size_option import Size

if TYPE_CHECKING:
    from analytics_sql.athena.table import ArchiveTable
    from wildrydes.queries.local import LocalQuery, Result
    from wildrydes.queries.objects import Fetched

YEARS_AHEAD = 10


@click.command(
    "query",
    epilog="""\b
Examples:
  wildrydes query "SELECT name, sum(distance) AS metres FROM wildrydes GROUP BY name ORDER BY 2"
  wildrydes query --format csv "SELECT * FROM wildrydes WHERE day = 29 AND hour = 5 LIMIT 10"
  wildrydes query --output day.parquet "SELECT * FROM wildrydes WHERE day = 29"
  wildrydes query --explain "SELECT count(*) FROM wildrydes WHERE hour BETWEEN 5 AND 7"
  wildrydes query --athena --output-location s3://my-results/ "SELECT count(*) FROM wildrydes"
  wildrydes query --ddl athena

\b
Exit codes: 0 ok, 1 failure, 2 usage, 130 stopped.
""",
)
@click.argument("sql", required=False)
@click.option(
    "--dialect",
    type=click.Choice(["athena", "duckdb"]),
    default="athena",
    show_default=True,
    help="Of SQL. Athena's is translated for DuckDB; DuckDB's does not run with --athena.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    help="Of the rows; json has one object a line.  [default: table, or what FILE's name ends in]",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the rows.  [default: standard output]",
)
@click.option("--explain", is_flag=True, help="Say how it would run, and do not run it.")
@click.option(
    "--ddl",
    type=click.Choice(["athena", "athena-links", "duckdb"]),
    help="Print the statement that makes the table, instead of running a query. athena-links: over "
    "compacted hours too, by `wildrydes archive link`.",
)
@click.option(
    "--schema",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Input schema of the readings, which has the columns.  [default: the workshop's]",
)
@click.option(
    "--disk-max",
    "disk_bytes_max",
    type=Size(),
    default="4GB",
    show_default=True,
    help="Of a bucket's objects that may be fetched for one query.",
)
@click.option("--athena", "on_athena", is_flag=True, help="Run it on Athena.")
@click.option("--workgroup", default="primary", show_default=True, help="Athena's workgroup.")
@click.option(
    "--database", default="default", show_default=True, help="Database of the table on Athena."
)
@click.option(
    "--output-location",
    help="Where Athena writes results: s3://bucket/prefix/.  [default: the workgroup's]",
)
@place_options
def command(
    settings: AwsSettings,
    archive_bucket: str | None,
    folder: Path | None,
    sql: str | None,
    dialect: str,
    form: str | None,
    output: Path | None,
    explain: bool,
    ddl: str | None,
    schema: Path | None,
    disk_bytes_max: int,
    on_athena: bool,
    workgroup: str,
    database: str,
    output_location: str | None,
) -> int:
    """Query the archive with SQL: the readings are the table `wildrydes`.

    Its columns are those of the input schema, and year, month, day and hour (integers, UTC) of
    arrival: only the hours that a query can need are read. DuckDB runs it on this machine over
    the objects that count, also while they are compacted; --athena runs it on Athena, over a
    table that `--ddl athena` makes.
    """
    place = archive_place(settings, archive_bucket, folder)
    if ddl is None and sql is None:
        raise click.UsageError('give a query: wildrydes query "SELECT ..."; or --ddl')
    form = _form(form, output)
    if ddl is not None:
        click.echo(_ddl(place, schema, ddl))
        return 0
    assert sql is not None
    if on_athena:
        if dialect != "athena":
            raise click.UsageError("--athena runs Athena's SQL, not DuckDB's")
        if form == "parquet" or explain:
            raise click.UsageError("--athena gives a table, csv or json; EXPLAIN is SQL there")
        return _on_athena(settings, sql, form, output, (workgroup, database, output_location))
    return _with_duckdb(place, schema, sql, dialect, form, output, explain, disk_bytes_max)


def _form(form: str | None, output: Path | None) -> str:
    if form is None and output is not None:
        endings = {".csv": "csv", ".json": "json", ".jsonl": "json", ".parquet": "parquet"}
        form = endings.get(output.suffix)
        if form is None:
            raise click.UsageError(f"--format is needed: {output.name} does not say it")
    form = form or "table"
    if form == "parquet" and output is None:
        raise click.UsageError("--format parquet needs --output FILE")
    if form == "table" and output is not None:
        raise click.UsageError("a table goes to the terminal; write csv, json or parquet")
    return form


async def _table(place: ArchivePlace, schema: Path | None) -> "ArchiveTable":
    from analytics_sql.application_file import WORKSHOP_SCHEMA
    from analytics_sql.athena.table import ArchiveTable
    from awsio.clients import AwsClients
    from sinks.archive_settings import stored_settings
    from wildrydes.archives.columns import schema_columns

    columns = schema_columns(schema or WORKSHOP_SCHEMA)
    async with AwsClients(place.settings) as aws:
        settings = await stored_settings(place.store(aws))
    form = "json" if settings is None else settings.format
    return ArchiveTable(tuple((c.name, c.type, c.path) for c in columns), form)


def _ddl(place: ArchivePlace, schema: Path | None, ddl: str) -> str:
    from sinks.registry import archive_bucket

    table = asyncio.run(_table(place, schema))
    if ddl == "duckdb":
        root = str(place.folder or f"s3://{archive_bucket(place.settings, place.bucket)}")
        suffix = "parquet" if table.format == "parquet" else "json.gz"
        return table.duckdb_view([f"{root}/readings/**/*.{suffix}"]) + ";"
    bucket = archive_bucket(place.settings, place.bucket)
    year = datetime.fromtimestamp(process_clock().now_ms() / 1000, UTC).year
    return table.athena_ddl(f"s3://{bucket}", 2020, year + YEARS_AHEAD, links=ddl == "athena-links")


def _on_athena(
    settings: AwsSettings,
    sql: str,
    form: str,
    output: Path | None,
    where: tuple[str, str, str | None],
) -> int:
    from awsio.athena import AthenaPlace
    from wildrydes.lifecycle import run
    from wildrydes.queries.remote import run_on_athena

    result: Result | None = None

    async def main(stop: asyncio.Event) -> None:
        nonlocal result
        result = await run_on_athena(settings, sql, AthenaPlace(*where), stop)

    run(main)
    if result is None:
        return 130
    # A statement that makes a table has no rows and no columns.
    if result.names:
        _show(result, form, output)
    return 0


def _with_duckdb(
    place: ArchivePlace,
    schema: Path | None,
    sql: str,
    dialect: str,
    form: str,
    output: Path | None,
    explain: bool,
    disk_bytes_max: int,
) -> int:
    from awsio.clients import AwsClients
    from wildrydes.lifecycle import complain
    from wildrydes.queries.local import LocalQuery
    from wildrydes.queries.objects import ObjectFiles

    table = asyncio.run(_table(place, schema))
    with closing(LocalQuery(sql, dialect, table)) as query, asyncio.Runner() as runner:
        aws = AwsClients(place.settings)
        try:
            store = place.store(aws)
            with ObjectFiles(store, place.folder, disk_bytes_max) as objects:
                present = runner.run(objects.hours())
                hours = query.hours(present)
                read = (
                    f"hours read {len(hours)} of {len(present)}"
                    if present
                    else f"{store.where} has no hours"
                )
                fetched = runner.run(objects.fetch(hours))
                sizes = f"{len(fetched.files):,} objects, {fetched.size_bytes:,} bytes"
                if explain:
                    click.echo(f"{query.translated.sql}\n\n{read} ({sizes})\n")
                    click.echo(query.explain(fetched.files))
                    return 0
                _answer(query, fetched, form, output)
                complain(f"wildrydes: {read} ({sizes})")
        finally:
            with suppress(FleetError):
                runner.run(aws.__aexit__(None, None, None))
    return 0


def _answer(query: "LocalQuery", fetched: "Fetched", form: str, output: Path | None) -> None:
    if output is None:
        _show(query.run(fetched.files), form, None)
        return
    from wildrydes.archives.whole_file import whole_file

    with whole_file(output) as path:
        count = query.write(fetched.files, path, form)
    click.echo(f"{count:,} rows written to {output}")


def _show(result: "Result", form: str, output: Path | None) -> None:
    from wildrydes.pipe_reader import ends_with_reader
    from wildrydes.queries.text import TEXTS, show_table

    if form == "table":
        show_table(result)
        return
    text = TEXTS[form](result)
    if output is not None:
        from wildrydes.archives.whole_file import whole_file

        with whole_file(output) as path:
            path.write_text(text)
        click.echo(f"{len(result.rows):,} rows written to {output}")
        return
    with ends_with_reader():
        sys.stdout.write(text)
