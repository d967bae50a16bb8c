"""`wildrydes lab serve sagemaker`."""

import asyncio
import json
from pathlib import Path

import click

from fleet.settings import LOCAL_ENDPOINT, AwsSettings
from labs.catalogue import LABS, require
from wildrydes.lifecycle import complain
from wildrydes.options import aws_options, json_option, listen_options


@click.command(
    "sagemaker",
    epilog="""\b
Examples:
  wildrydes lab serve sagemaker --port 8085
  aws sagemaker list-training-jobs --endpoint-url http://127.0.0.1:8085
  wildrydes lab serve sagemaker --model labs-out/sagemaker/model.tar.gz
  curl http://127.0.0.1:8080/endpoints/digits/invocations -H 'Content-Type: text/csv' -d @digits.csv

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@click.option(
    "--model",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path),
    help="Archive of the built-in XGBoost to host as the endpoint `digits`, as `wildrydes lab run "
    "sagemaker` leaves one.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("labs-out/sagemaker/service"),
    show_default=True,
    help="Folder for what jobs and endpoints leave behind.",
)
@aws_options
@listen_options("Port of the API; 0 takes a free one.")
@json_option("Say the address as one JSON object.")
def command(
    model: Path | None, out: Path, settings: AwsSettings, host: str, port: int, as_json: bool
) -> None:
    """Answer SageMaker's API on this machine until Ctrl-C: for boto3, the AWS CLI and the lab's
    notebook, which take its address as endpoint URL.

    Training jobs, tuning jobs and endpoints are processes of this machine, and end with it. Their
    data are on S3 at --endpoint-url, by default that of `wildrydes local`.
    """
    require(LABS["sagemaker"].modules)
    from awsio.clients import AwsClients
    from labs.sagemaker.platform import host_model
    from labs.sagemaker.service.gateway import Gateway
    from labs.sagemaker.service.service import LocalSageMaker
    from wildrydes.lifecycle import run

    s3 = AwsSettings(settings.endpoint_url or LOCAL_ENDPOINT, settings.region, settings.profile)
    if not s3.is_loopback:
        raise click.UsageError(f"{s3.endpoint_url} is not on this machine")

    async def serve(stop: asyncio.Event) -> None:
        async with (
            AwsClients(s3) as aws,
            LocalSageMaker(out, aws, say=complain) as service,
            Gateway(service, host, port) as gateway,
        ):
            if model is not None:
                await host_model(service, model)
            click.echo(
                json.dumps({"event": "ready", "url": gateway.url})
                if as_json
                else f"SageMaker's API at {gateway.url}"
            )
            await stop.wait()

    run(serve)
