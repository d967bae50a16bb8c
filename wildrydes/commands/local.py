"""`wildrydes local`: only the local AWS endpoint."""

import asyncio
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fleet.settings import DEFAULT_REGION, LOCAL_ENDPOINT, pass_clock_on
from wildrydes.options import json_option, time_scale_option

if TYPE_CHECKING:
    from fleet.clock import Clock
    from local_kinesis import LocalEndpoint
    from local_kinesis.moto_server import MotoState

PORT = int(LOCAL_ENDPOINT.rpartition(":")[2])
MEMORY_MIN_BYTES = 1 << 20

EPILOG = """\b
Examples:
  wildrydes local
  wildrydes local --kinesis-only --memory-max 512M
  wildrydes local --data ~/wildrydes-data
  wildrydes local --time-scale 60
  wildrydes local --port 0 --json
  aws --endpoint-url http://127.0.0.1:4566 kinesis list-streams

\b
Exit codes: 0 stopped as asked, 1 failure, 2 usage.
"""


class Size(click.ParamType[int]):
    """A number of bytes: 1048576, 512K, 512M, 1G; K is 1024."""

    name = "SIZE"

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"([0-9]+)([KMGT]?)", value.upper())
        if match is None:
            self.fail(f"{value!r} is not a size such as 512M or 1G", param, ctx)
        size = int(match[1]) << 10 * " KMGT".index(match[2] or " ")
        if size < MEMORY_MIN_BYTES:
            self.fail(f"{value!r} is less than 1M, in which nothing fits", param, ctx)
        return size


@click.command("local", epilog=EPILOG)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=PORT,
    show_default=True,
    help="0 takes any free one.",
)
@click.option(
    "--kinesis-only", is_flag=True, help="Without moto: no DynamoDB, no S3, a third of the memory."
)
@click.option(
    "--memory-max",
    "memory_max_bytes",
    type=Size(),
    default="1G",
    show_default=True,
    help="For the records of all streams together; beyond it the oldest go first.",
)
@click.option(
    "--data",
    metavar="DIRECTORY",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep everything there, and go on from what is there.",
)
@click.option(
    "--limits",
    type=click.Choice(["none", "aws"]),
    default="none",
    show_default=True,
    help="aws: shards take 1,000 records and 1 MiB a second and give 5 reads and 2 MiB.",
)
@click.option(
    "--transition-ms",
    type=click.IntRange(0, 3_600_000),
    default=100,
    show_default=True,
    help="How long a stream is CREATING, UPDATING or DELETING, by its own clock.",
)
@time_scale_option
@json_option("JSON lines: ready, moto, stopped.")
@click.option("--exit-with-stdin", is_flag=True, hidden=True)
def command(
    host: str,
    port: int,
    kinesis_only: bool,
    memory_max_bytes: int,
    data: Path | None,
    limits: str,
    transition_ms: int,
    clock: "Clock",
    as_json: bool,
    exit_with_stdin: bool,
) -> None:
    """Serve Kinesis, and with moto the rest of AWS, at one URL on this machine.

    No account is needed and nothing is charged. It prints the variables that make any AWS tool or
    SDK use it. Kinesis is up at once; DynamoDB, S3 and the rest a second later, and a request that
    comes earlier waits. Ctrl-C or SIGTERM ends it, and all that is in it unless there is --data.
    """
    from local_kinesis import AWS_LIMITS, LocalEndpoint
    from wildrydes.lifecycle import run
    from wildrydes.pipe_reader import ends_with_reader

    _log_to_stderr()

    async def main(stop: asyncio.Event) -> None:
        report = JsonReport(clock) if as_json else ExportReport(clock)
        endpoint = LocalEndpoint(
            host=host,
            port=port,
            kinesis_only=kinesis_only,
            memory_max_bytes=memory_max_bytes,
            data=data,
            limits=AWS_LIMITS if limits == "aws" else None,
            transition_ms=transition_ms,
            clock=clock,
            on_moto=report.moto,
        )
        async with endpoint:
            report.ready(endpoint)
            await stop.wait()
        report.stopped()

    with ends_with_reader():
        run(main, exit_with_stdin=exit_with_stdin)


def environment(url: str, clock: "Clock") -> dict[str, str]:
    """The variables that make any AWS tool use the endpoint, and our own commands have its clock.
    Keys must be there; any will do.
    """
    scaled: dict[str, str] = {}
    pass_clock_on(clock, scaled)
    return scaled | {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": DEFAULT_REGION,
        "AWS_DEFAULT_REGION": DEFAULT_REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }


class ExportReport:
    """For a person: shell exports, and nothing else that a shell would act on."""

    def __init__(self, clock: "Clock") -> None:
        self._clock = clock

    def ready(self, endpoint: "LocalEndpoint") -> None:
        """It listens."""
        _warn_beyond_loopback(endpoint)
        variables = environment(endpoint.url, self._clock)
        exports = [f"export {name}={value}" for name, value in variables.items()]
        lines = [f"# Kinesis is ready at {endpoint.url}. In another terminal:", *exports]
        end = f"; {endpoint.data} keeps all" if endpoint.data else ", and all"
        click.echo("\n".join([*lines, f"# Ctrl-C ends it{end} that is in it."]))

    def moto(self, state: "MotoState") -> None:
        """moto's state changed; that it died is in the log."""
        if state == "ready":
            click.echo("# DynamoDB, S3 and the rest are ready.")

    def stopped(self) -> None:
        """It is over."""


class JsonReport:
    """For a script: one object a line."""

    def __init__(self, clock: "Clock") -> None:
        self._clock = clock

    def ready(self, endpoint: "LocalEndpoint") -> None:
        """It listens. `moto_ready` is null when there is no moto."""
        from wildrydes.events import emit

        _warn_beyond_loopback(endpoint)
        moto_ready = None if endpoint.moto_state == "off" else endpoint.moto_state == "ready"
        emit(
            "ready",
            url=endpoint.url,
            moto_ready=moto_ready,
            environment=environment(endpoint.url, self._clock),
        )

    def moto(self, state: "MotoState") -> None:
        """moto's state changed."""
        from wildrydes.events import emit

        emit("moto", state=state, ready=state == "ready")

    def stopped(self) -> None:
        """It is over."""
        from wildrydes.events import emit

        emit("stopped")


def _warn_beyond_loopback(endpoint: "LocalEndpoint") -> None:
    from wildrydes.lifecycle import complain

    if not endpoint.is_loopback:
        complain(
            "wildrydes: warning: other machines can reach this endpoint, and it asks nobody for "
            "a password; leave --host out to keep it to this one"
        )


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("wildrydes: %(message)s"))
    logger = logging.getLogger("local_kinesis")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
