"""`wildrydes lab run banking`."""

from typing import TYPE_CHECKING

import click

from wildrydes.lab_options import delimiter_option, finish, lab_options

if TYPE_CHECKING:
    from labs.lab_run import LabRun


@click.command(
    "banking",
    epilog="""\b
Examples:
  wildrydes lab run banking
  wildrydes lab run banking --data bank-additional-full.csv --out banking
  wildrydes lab run banking --data banking.csv --delimiter , --json | jq .results.auc
  wildrydes lab serve banking

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@lab_options("banking", data_help="UCI's bank-additional-full.csv, or its columns in another file.")
@delimiter_option(";")
def command(run: "LabRun", as_json: bool, delimiter: str) -> None:
    """Learn from a bank's calls who takes the offer: gradient boosted trees, and beside them the
    logistic regression on quantile bins that Amazon ML trained.

    The report has a slider for the cut-off. Into --out go, too, the models (JSON, which can be
    loaded from a stranger without harm) and batch predictions in Amazon ML's file form.
    """
    from labs.banking.lab import run as run_lab

    finish(run_lab(run, delimiter), run, as_json)
