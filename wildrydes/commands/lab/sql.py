"""`wildrydes lab sql`."""

import asyncio
import json
from pathlib import Path

import click

from wildrydes.options import json_option

DATABASE = Path("labs-out/redshift/redshift.duckdb")


@click.command(
    "sql",
    epilog="""\b
Examples:
  wildrydes lab run redshift && wildrydes lab sql
  wildrydes lab sql --database mine.duckdb --port 0
  wildrydes lab sql --database mine.duckdb --writable

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    default=DATABASE,
    show_default=True,
    help="File of DuckDB's.",
)
@click.option("--writable", is_flag=True, help="Let statements change the file.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8090,
    show_default=True,
    help="0 takes any free one.",
)
@json_option("One line when the page is there: its address and the database.")
def command(database: Path, writable: bool, port: int, as_json: bool) -> None:
    """Ask a DuckDB file in the browser: the one that `lab run redshift` leaves, or any other.

    The page lists the tables, runs statements (Ctrl-Enter), shows the first rows, marks an error
    in the text, cancels what takes too long, and downloads CSV. It is on this machine alone
    (127.0.0.1), read-only unless told otherwise, and SQL reaches nothing but the file. Whoever
    has an account on this machine can open it too. SIGTERM or Ctrl-C ends it.
    """
    from labs.sql_page.serving import SqlServer
    from wildrydes.lifecycle import complain, run
    from wildrydes.map.server import listener

    # Nowhere else: whoever reaches the page reads the whole database.
    bound = listener("127.0.0.1", port, shared=False)

    async def main(stop: asyncio.Event) -> None:
        async with SqlServer(database, bound, is_writable=writable) as server:
            if as_json:
                click.echo(json.dumps({"url": server.url, "database": str(database)}))
            else:
                mode = "writable" if writable else "read-only"
                click.echo(f"{server.url}  {database}, {mode}; Ctrl-C ends it")
            await stop.wait()
        complain("wildrydes: stopped")

    with bound:
        run(main)
