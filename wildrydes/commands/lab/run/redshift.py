"""`wildrydes lab run redshift`."""

import asyncio
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fleet.settings import DEFAULT_REGION, AwsSettings, process_clock
from wildrydes.lab_options import finish, lab_options
from wildrydes.options import aws_options

if TYPE_CHECKING:
    from labs.lab_run import LabRun
    from labs.redshift.warehouse import Warehouse
    from labs.report import Report


@click.command(
    "redshift",
    epilog="""\b
Examples:
  wildrydes lab run redshift
  wildrydes lab run redshift --data allusers_pipe.txt
  wildrydes lab run redshift --dsn postgresql://me@localhost/dev --replace
  wildrydes lab run redshift --script mine.sql --data files/
  wildrydes lab run redshift --script mine.sql --endpoint-url http://127.0.0.1:4566
  wildrydes lab run redshift && wildrydes lab sql

\b
Exit codes: 0 ok, 1 failure (also a COPY with too many errors), 2 usage.
""",
)
@lab_options(
    "redshift",
    data_help="allusers_pipe.txt of TICKIT; with --script a file or a folder, each of whose files "
    "is uploaded to where COPY looks for one of that name.",
)
@click.option(
    "--script",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Statements to run instead of the lab's: CREATE TABLE, COPY, queries.",
)
@click.option(
    "--dsn",
    help="PostgreSQL to run on, as a URL or keywords of libpq.  [default: DuckDB, in "
    "redshift.duckdb in --out]",
)
@click.option("--replace", is_flag=True, help="With --dsn: drop tables that are there already.")
@aws_options
def command(
    run: "LabRun",
    as_json: bool,
    settings: AwsSettings,
    script: Path | None,
    dsn: str | None,
    replace: bool,
) -> int:
    """Load TICKIT's users with Redshift's COPY from S3, and ask who likes Vegas and sports.

    Statements are Redshift's. COPY takes what loads text and CSV, plain or compressed; lines that
    are no rows stand in stl_load_errors, and when there are as many as MAXERROR nothing is loaded.
    S3 is a local endpoint that ends with the lab, or the one of --endpoint-url; to an endpoint
    that is not on this machine nothing is written.
    """
    if replace and dsn is None:
        raise click.UsageError("--replace goes with --dsn: the file of DuckDB is made anew anyway")
    with closing(_warehouse(run, dsn, replace)) as warehouse:
        report = asyncio.run(_lab(run, settings, warehouse, script))
    finish(report, run, as_json)
    return int(report.results["failed"])


def _warehouse(run: "LabRun", dsn: str | None, replaces: bool) -> "Warehouse":
    if dsn is not None:
        from labs.redshift.postgresql_warehouse import PostgresWarehouse

        return PostgresWarehouse(dsn, replaces=replaces)
    from labs.redshift.duckdb_warehouse import DuckDbWarehouse
    from labs.redshift.lab import DATABASE

    return DuckDbWarehouse(run.out / DATABASE)


async def _lab(
    run: "LabRun", settings: AwsSettings, warehouse: "Warehouse", script: Path | None
) -> "Report":
    from labs.redshift.lab import run as run_lab
    from local_kinesis.endpoint import LocalEndpoint

    started = datetime.fromtimestamp(process_clock().now_ms() / 1000, UTC).replace(tzinfo=None)
    if settings.endpoint_url is not None:
        return await run_lab(run, settings, warehouse, started, script)
    async with LocalEndpoint() as endpoint:
        own = AwsSettings(endpoint.url, DEFAULT_REGION)
        return await run_lab(run, own, warehouse, started, script)
