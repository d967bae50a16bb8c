"""`wildrydes lab run sagemaker`."""

import asyncio
import time
from typing import TYPE_CHECKING

import click

from fleet.settings import DEFAULT_REGION, AwsSettings
from wildrydes.lab_options import finish, lab_options
from wildrydes.options import aws_options

if TYPE_CHECKING:
    from labs.lab_run import LabRun
    from labs.report import Report
    from labs.sagemaker.lab import Choices

BUCKET = "wildrydes-lab-sagemaker"


@click.command(
    "sagemaker",
    epilog="""\b
Examples:
  wildrydes lab run sagemaker
  wildrydes lab run sagemaker --data mnist --instances 2
  wildrydes lab run sagemaker -H max_depth=6 -H gamma=0 -H num_round=100
  wildrydes lab run sagemaker --generated --tune 8
  wildrydes lab run sagemaker --endpoint-url http://127.0.0.1:4566 --json
  wildrydes lab run sagemaker --aws --role arn:aws:iam::123456789012:role/lab --bucket my-lab

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@lab_options("sagemaker", data_help="Folder with MNIST's four files.", has_public=True)
@click.option(
    "--hyperparameter",
    "-H",
    "hyperparameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="One of XGBoost's in the place of the course's; may be repeated.",
)
@click.option(
    "--instances",
    type=click.IntRange(1, 8),
    default=1,
    show_default=True,
    help="Training processes that work as one.",
)
@click.option(
    "--training-images",
    type=click.IntRange(min=1),
    default=19_690,
    show_default=True,
    help="At most so many, the first of them.",
)
@click.option(
    "--tune",
    "tuning_jobs",
    type=click.IntRange(0, 500),
    default=0,
    show_default=True,
    help="Training jobs of a tuning job that looks for better hyperparameters.",
)
@click.option(
    "--max-runtime",
    "runtime_s_max",
    type=click.IntRange(1, 86_400),
    default=3600,
    show_default=True,
    help="Seconds after which a training job is stopped, with the model that it has by then.",
)
@click.option(
    "--bucket", help=f"Bucket for data and model.  [default: {BUCKET}; on AWS there is none]"
)
@click.option(
    "--aws",
    "on_aws",
    is_flag=True,
    help="Run it on SageMaker itself. It costs money: instances by the second, for as long as job "
    "and endpoint live; the endpoint is deleted at the end.",
)
@click.option("--role", help="With --aws: the role that SageMaker works as (its ARN).")
@aws_options
def command(
    run: "LabRun",
    as_json: bool,
    settings: AwsSettings,
    hyperparameters: tuple[str, ...],
    instances: int,
    training_images: int,
    tuning_jobs: int,
    runtime_s_max: int,
    bucket: str | None,
    on_aws: bool,
    role: str | None,
) -> None:
    """Train XGBoost on handwritten digits, host it, test it, and hold it against another algorithm
    in an A/B test: with the requests that SageMaker takes, answered on this machine.

    S3 is a local endpoint of its own that ends with it, or the one of --endpoint-url. MNIST is
    fetched; where it cannot be, scikit-learn's smaller digits take its place.
    """
    from labs.sagemaker.lab import Choices
    from labs.sagemaker.requests import HYPERPARAMETERS

    if on_aws and not (bucket and role):
        raise click.UsageError("--aws costs money in an account of yours: give --bucket and --role")
    if role and not on_aws:
        raise click.UsageError("--role goes with --aws")
    if settings.endpoint_url is not None and (on_aws or not settings.is_loopback):
        raise click.UsageError(
            f"{settings.endpoint_url} is not SageMaker: leave --endpoint-url out"
            if on_aws
            else f"{settings.endpoint_url} is not on this machine: add --aws"
        )
    choices = Choices(
        hyperparameters={**HYPERPARAMETERS, **dict(map(_pair, hyperparameters))},
        instances=instances,
        training_images=training_images,
        tuning_jobs=tuning_jobs,
        runtime_s_max=runtime_s_max,
    )
    report = asyncio.run(_lab(run, settings, choices, bucket or BUCKET, role if on_aws else None))
    finish(report, run, as_json)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise click.UsageError(f"{text!r} is not NAME=VALUE")
    return name, value


async def _lab(
    run: "LabRun", settings: AwsSettings, choices: "Choices", bucket: str, role: str | None
) -> "Report":
    from dataclasses import replace

    from labs.sagemaker.lab import run as run_lab
    from labs.sagemaker.platform import local, on_aws
    from local_kinesis.endpoint import LocalEndpoint

    if role is not None:
        # A name that no earlier run of the account has.
        choices = replace(choices, name=f"{choices.name}-{int(time.time())}")
        async with on_aws(run, settings, bucket, role, choices.name) as platform:
            return await run_lab(run, platform, choices)
    if settings.endpoint_url is not None:
        async with local(run, settings, bucket) as platform:
            return await run_lab(run, platform, choices)
    async with LocalEndpoint() as endpoint:
        run.say(f"local endpoint {endpoint.url}")
        async with local(run, AwsSettings(endpoint.url, DEFAULT_REGION), bucket) as platform:
            return await run_lab(run, platform, choices)
