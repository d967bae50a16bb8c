"""`wildrydes lab serve`: what a lab trained, behind HTTP."""

import click

from wildrydes.command_group import CommandGroup

COMMANDS = {
    "banking": "Answer who takes the bank's offer, as Amazon ML's Predict did.",
    "sagemaker": "Answer SageMaker's API: training, tuning, hosting.",
}


@click.command(
    "serve",
    cls=CommandGroup,
    package="wildrydes.commands.lab.serve",
    summaries=COMMANDS,
    epilog="""\b
Examples:
  wildrydes lab run banking
  wildrydes lab serve banking
  wildrydes lab serve sagemaker --port 8085
""",
)
def command() -> None:
    """Serve what a lab trained, or the service that it ran on, on this machine."""
