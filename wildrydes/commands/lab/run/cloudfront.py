"""`wildrydes lab run cloudfront`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wildrydes.lab_options import finish, lab_options

if TYPE_CHECKING:
    from labs.cloudfront.lab import EngineName
    from labs.lab_run import LabRun


@click.command(
    "cloudfront",
    epilog="""\b
Examples:
  wildrydes lab run cloudfront
  wildrydes lab run cloudfront --data logs/ --out report --json
  wildrydes lab run cloudfront --data access.log.gz --engine spark
  wildrydes lab run cloudfront --data logs/ --hql mine.hql --define SINCE=2014-07-05

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@lab_options(
    "cloudfront", data_help="Access logs: a file, or a folder of them; .gz is read as gzip."
)
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark", "hive"]),
    default="duckdb",
    show_default=True,
    help="spark and hive need the extra [spark] and Java; hive is PySpark with Hive's own "
    "RegexSerDe, for small logs.",
)
@click.option(
    "--hql",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Your Hive script.  [default: the lab's]",
)
@click.option(
    "--define",
    "-d",
    "definitions",
    metavar="NAME=VALUE",
    multiple=True,
    help="What ${NAME} stands for in the script; INPUT is --data, OUTPUT is --out.",
)
def command(
    run: "LabRun",
    as_json: bool,
    engine: "EngineName",
    hql: Path | None,
    definitions: tuple[str, ...],
) -> None:
    """Run a Hive script, its CREATE TABLE with RegexSerDe and its queries as they are, over access
    logs of CloudFront: requests by operating system, by method, and bytes by day.

    Every line is accounted for: those that do not match input.regex, or have a text that is not of
    its column's type, are in malformed.tsv with file and line number.
    """
    from labs.cloudfront.lab import run as run_lab

    variables = {}
    for definition in definitions:
        name, equals, value = definition.partition("=")
        if not name or not equals:
            raise click.UsageError(f"--define {definition}: write NAME=VALUE")
        variables[name] = value
    finish(run_lab(run, engine=engine, hql=hql, variables=variables), run, as_json)
