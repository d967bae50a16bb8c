"""`wildrydes bench viewers`: many viewers of one live map."""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fleet.settings import map_token
from wildrydes.options import json_option

if TYPE_CHECKING:
    from wildrydes.bench.load import LoadSettings
    from wildrydes.bench.outcome import Outcome

EPILOG = """\b
Examples:
  wildrydes bench viewers --viewers 1000 --unicorns 10000 --stuck 10%
  wildrydes bench viewers --viewers 200 --url http://127.0.0.1:8080
  wildrydes bench viewers --url http://127.0.0.1:8080 --token-file map-token --json

\b
Exit codes: 0 done, 1 failure, 2 usage.
"""


class _Share(click.ParamType[float]):
    """10% or 0.1, as a share."""

    name = "share"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        match = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,3})?)(%?)", str(value))
        share = float(match[1]) / (100 if match[2] else 1) if match else -1.0
        if not 0 <= share <= 1:
            self.fail(f"{value!r} is no share such as 10%", param, ctx)
        return share


@click.command("viewers", epilog=EPILOG)
@click.option(
    "--viewers",
    type=click.IntRange(1, 20_000),
    default=1_000,
    show_default=True,
    help="Connections; one process of a map takes 2,000.",
)
@click.option(
    "--unicorns",
    type=click.IntRange(1, 100_000),
    help="Of the map that is started for the run.  [default: 10000]",
)
@click.option(
    "--url", help="A map that is running on this machine.  [default: one is started for the run]"
)
@click.option(
    "--stuck",
    type=_Share(),
    default="0%",
    show_default=True,
    help="Share of the viewers that stop reading at once, like a phone in a tunnel.",
)
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(1, 86_400),
    default=20.0,
    show_default=True,
    help="Watch for SECONDS, once all have come.",
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Token of a map with --auth token; default the environment's WILDRYDES_MAP_TOKEN.",
)
@click.option("--identity-pool-id", metavar="ID", help="Of a map with --auth cognito.")
@json_option("The figures as one JSON object.")
def command(
    viewers: int,
    unicorns: int | None,
    url: str | None,
    stuck: float,
    seconds: float,
    token_file: Path | None,
    identity_pool_id: str | None,
    as_json: bool,
) -> None:
    """See how long a map takes to tell its viewers where everyone is.

    Opens websockets as the page does, and prints for each tick how long it took from the moment the
    server made it: to each viewer (latency), and to the last of them (fan-out). Viewers that are
    stuck must not delay the others, and are to be closed after three seconds. The load runs on the
    same machine and takes a core of its own: figures of a busy machine are figures of that.
    """
    from wildrydes.bench.load import LoadSettings
    from wildrydes.lifecycle import run

    if url is not None and unicorns is not None:
        raise click.UsageError("--unicorns is for the map that is started: leave out --url or it")
    token = token_file.read_text().strip() if token_file else map_token()
    settings = LoadSettings(
        url=url or "http://127.0.0.1/",
        viewers=viewers,
        stuck=round(viewers * stuck),
        seconds=seconds,
        token=token if url else None,
        identity_pool_id=identity_pool_id,
    )
    settings.check()

    async def main(stop: asyncio.Event) -> None:
        from fleet.race import done_before

        work = _loaded(settings, unicorns or 10_000) if url is None else _load(settings)
        outcome = await done_before(stop, work)
        if outcome is not None:
            _print(outcome, as_json=as_json)

    run(main)


async def _load(settings: "LoadSettings") -> "Outcome":
    from wildrydes.bench.load import run_load

    return await run_load(settings)


async def _loaded(settings: "LoadSettings", unicorns: int) -> "Outcome":
    """Against a map of our own, whose memory can be asked for."""
    from dataclasses import replace

    from wildrydes.bench.load import run_load
    from wildrydes.bench.own_map import own_map

    async with own_map(unicorns) as target:
        # Its first seconds make it as large as it is without viewers.
        await asyncio.sleep(3)
        alone_bytes = int((await target.status())["memory_bytes"])
        outcome = await run_load(replace(settings, url=target.url))
        memory_bytes = int((await target.status())["memory_bytes"])
    return replace(
        outcome,
        server_memory_bytes=memory_bytes,
        memory_bytes_per_viewer=max(0, memory_bytes - alone_bytes) // settings.viewers,
    )


def _print(outcome: "Outcome", *, as_json: bool) -> None:
    import json

    from rich.console import Console
    from rich.table import Table

    if as_json:
        click.echo(json.dumps(outcome.as_dict()))
        return
    table = Table(title=f"{outcome.viewers} viewers, {outcome.stuck} of them stuck")
    for column in ("", "p50", "p95", "max"):
        table.add_column(column, justify="left" if not column else "right")
    for name, values in (
        ("latency, ms", (outcome.latency_ms_p50, outcome.latency_ms_p95, outcome.latency_ms_max)),
        ("fan-out, ms", (outcome.fan_out_ms_p50, outcome.fan_out_ms_p95, outcome.fan_out_ms_max)),
    ):
        table.add_row(name, *(f"{value:.1f}" for value in values))
    Console().print(table)
    click.echo(
        f"{outcome.ticks} ticks of {outcome.unicorns} unicorns in {outcome.seconds:.0f} s: "
        f"{outcome.delivered} delivered, {outcome.skipped} skipped, {outcome.closed} closed; "
        f"{outcome.stuck_closed} of {outcome.stuck} stuck viewers closed; "
        f"{outcome.bytes / 1e6:.0f} MB"
    )
    if outcome.server_memory_bytes is not None:
        click.echo(
            f"the server had {outcome.server_memory_bytes / 1e6:.0f} MB at most, "
            f"{(outcome.memory_bytes_per_viewer or 0) / 1e3:.0f} kB more for each viewer"
        )
