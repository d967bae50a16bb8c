"""`wildrydes lab list`."""

import json
from dataclasses import asdict

import click

from labs.catalogue import LABS
from wildrydes.options import json_option
from wildrydes.table import print_table

HEADS = ("lab", "question", "AWS service", "here")


@click.command(
    "list",
    epilog="""\b
Examples:
  wildrydes lab list
  wildrydes lab list --json | jq -r .lab
""",
)
@json_option("One lab a line, as a JSON object.")
def command(as_json: bool) -> None:
    """List the labs: what each asks, the AWS service it ran on, and what stands for it here."""
    if as_json:
        for name, entry in LABS.items():
            click.echo(json.dumps({"lab": name, **asdict(entry)}))
        return
    rows = [(name, lab.question, lab.service, lab.stand_in) for name, lab in LABS.items()]
    print_table(HEADS, rows, numbers=())
