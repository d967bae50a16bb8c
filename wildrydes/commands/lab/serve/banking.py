"""`wildrydes lab serve banking`."""

import asyncio
import json
from pathlib import Path

import click

from labs.catalogue import LABS, require
from wildrydes.options import json_option, listen_options


@click.command(
    "banking",
    epilog="""\b
Examples:
  wildrydes lab serve banking
  wildrydes lab serve banking --model banking/model-without-duration.json --port 9000

\b
  curl http://127.0.0.1:8080/ -H 'Content-Type: text/csv' --data \\
    '32,services,divorced,basic.9y,no,unknown,yes,cellular,dec,mon,110,1,11,0,nonexistent,\\
-1.8,94.465,-36.1,0.883,5228.1'
  curl http://127.0.0.1:8080/

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@click.option(
    "--model",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("labs-out/banking/model.json"),
    show_default=True,
    help="What `wildrydes lab run banking` wrote.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="A score at or above it is a yes.",
)
@listen_options("Port for predictions; 0 takes a free one.")
@json_option("Say the address as one JSON object.")
def command(model: Path, threshold: float, host: str, port: int, as_json: bool) -> None:
    """Answer predictions over HTTP until Ctrl-C.

    POST / takes Amazon ML's Predict request (MLModelId is "banking"), so that its clients work when
    PredictEndpoint names this address; or, as text/csv, lines of the attributes' values in the
    order of the file. GET / lists attributes and categories.
    """
    require(LABS["banking"].modules)
    from aiohttp import web

    from labs.banking.boosted import load_model
    from labs.banking.endpoint import Endpoint
    from wildrydes.lifecycle import run
    from wildrydes.map.server import listener, url_of

    application = Endpoint(load_model(model), threshold).application()

    async def serve(stop: asyncio.Event) -> None:
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            bound = listener(host, port, shared=False)
            await web.SockSite(runner, bound).start()
            click.echo(
                json.dumps({"event": "ready", "url": url_of(bound)})
                if as_json
                else f"predictions at {url_of(bound)}"
            )
            await stop.wait()
        finally:
            await runner.cleanup()

    run(serve)
