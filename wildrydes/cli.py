"""The command `wildrydes`: finds the subcommand's file, and turns every error into one clear
message.

Exit codes: 0 ok, 1 failure, 2 usage, 3 a newer processor of the same application has taken over,
5 told to stop and not finished in time. 4 is that of `verify` when it has nothing to judge.
"""

import signal
import sys
from typing import Any

import click

from fleet.errors import FleetError, SqlErrors, StopCutShort, Superseded
from wildrydes import __version__
from wildrydes.command_group import CommandGroup

SUPERSEDED = 3
"""Of its own, so that a service manager can be told not to start the process again."""

CUT_SHORT = 5
"""Of its own, so that a stop that left work to the next start is not taken for a failure."""

HEAR_HANGUP = {"up", "processor"}
"""Commands that SIGHUP has read their tables again (wildrydes/lifecycle.py)."""

COMMANDS = {
    "up": "Everything on this machine: endpoint, unicorns, processor, sinks, live map.",
    "local": "Only the local AWS endpoint.",
    "simulator": "Unicorns that send one reading a second.",
    "processor": "The long-running service that runs a SQL application.",
    "map": "The live map as a service of its own, for many viewers.",
    "consumer": "Print the records of a stream as JSON lines.",
    "sql": "Check, explain, run and test SQL applications, with no stream at all.",
    "state": "Show, export, import and reset the snapshots that a processor goes on from.",
    "dead-letter": "List, show and replay the records that could not be used.",
    "verify": "Prove that nothing was lost, doubled or computed wrong.",
    "archive": "List, read, replay and compact the archived raw records.",
    "query": "Query the archive with SQL, here with DuckDB or on Athena.",
    "setup": "Make the streams, table, bucket and delivery stream; or delete them.",
    "policy": "Write S3 bucket policies.",
    "bench": "Put load on a deployment of yours.",
    "results": "Look up a unicorn's rows in DynamoDB.",
    "lab": "The batch labs: Hive, S3, Redshift, machine learning, on this machine.",
}


@click.command(
    cls=CommandGroup,
    package="wildrydes.commands",
    summaries=COMMANDS,
    context_settings={"max_content_width": 100},
    epilog="Start with `wildrydes up`. Each command has its own --help, with examples.",
)
@click.version_option(__version__, prog_name="wildrydes")
def wildrydes() -> None:
    """Unicorn readings in, per-minute rows and a live map out.

    Runs Kinesis Data Analytics SQL applications unmodified: on this machine with no account, or
    against AWS.
    """


def main(arguments: list[str] | None = None) -> None:
    """Runs `arguments`, or the process's own command line, and exits."""
    if arguments is None and HEAR_HANGUP.intersection(sys.argv[1:2]):
        # Kept until the command can hear it: a start takes a second, in which it would end of it.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        result: Any = wildrydes.main(args=arguments, prog_name="wildrydes", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except SqlErrors as error:
        click.echo(error.render(), err=True)
        sys.exit(1)
    except ExceptionGroup as group:
        # What runs side by side fails in a group: each failure is shown like one that came alone.
        known, foreign = group.split(_is_known)
        if known is None or foreign is not None:
            raise
        _show(known)
        sys.exit(_exit_code(known))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        if not _is_known(error):
            raise
        _show(error)
        sys.exit(_exit_code(error))
    sys.exit(result if isinstance(result, int) else 0)


def _is_known(error: Exception) -> bool:
    """Whether its text is for the user: ours, or what AWS or its client library said."""
    library = sys.modules.get("botocore.exceptions")
    said_by_aws = () if library is None else (library.BotoCoreError, library.ClientError)
    return isinstance(error, (FleetError, *said_by_aws))


def _exit_code(error: Exception) -> int:
    """Of an error, or of a group with one among others that has a code of its own."""
    members = ExceptionGroup("", [error])
    if members.subgroup(Superseded):
        return SUPERSEDED
    return CUT_SHORT if members.subgroup(StopCutShort) else 1


def _show(error: Exception) -> None:
    if isinstance(error, ExceptionGroup):
        for member in error.exceptions:
            _show(member)
        return
    click.echo(f"wildrydes: {error}", err=True)
    if isinstance(error, FleetError) and error.remedy:
        click.echo(f"  {error.remedy}", err=True)
