"""`wildrydes lab run restaurants`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wildrydes.lab_options import delimiter_option, finish, lab_options

if TYPE_CHECKING:
    from labs.lab_run import LabRun


@click.command(
    "restaurants",
    epilog="""\b
Examples:
  wildrydes lab run restaurants
  wildrydes lab run restaurants --seed 7 --out ratings --json | jq .results.models
  wildrydes lab run restaurants --data ratings.csv --schema ratings.csv.schema --recipe recipe.json

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@lab_options("restaurants", data_help="A file of ratings with a header; its columns: --schema.")
@click.option(
    "--schema",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Amazon ML's schema of the file, as JSON.  [default: the lab's own]",
)
@click.option(
    "--recipe",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Amazon ML's recipe, as JSON.  [default: the lab's own]",
)
@delimiter_option(",")
def command(
    run: "LabRun", as_json: bool, schema: Path | None, recipe: Path | None, delimiter: str
) -> None:
    """Foresee how guests rate restaurants: Amazon ML's recipe (groups, quantile bins, cartesian
    products) is parsed and run, and its products are left out once to see what they are worth.

    There is no public source: without --data the ratings are generated.
    """
    from labs.restaurants.dataset import RECIPE, SCHEMA
    from labs.restaurants.lab import run as run_lab

    finish(run_lab(run, schema or SCHEMA, recipe or RECIPE, delimiter), run, as_json)
