"""What the lab runs on: SageMaker on this machine, or SageMaker."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from awsio.clients import AwsClients
from fleet.errors import ConfigError
from fleet.settings import DEFAULT_REGION, AwsSettings
from labs.dataset import Say
from labs.lab_run import LabRun
from labs.sagemaker import requests
from labs.sagemaker.hosting import DeploymentFailed
from labs.sagemaker.requests import Place
from labs.sagemaker.service.gateway import Gateway
from labs.sagemaker.service.service import LocalSageMaker
from labs.sagemaker.service.storage import Storage
from sinks.archive import create_bucket

ROLE = "arn:aws:iam::000000000000:role/lab"
"""Asked for by the request, and never looked at here."""
XGBOOST = "sagemaker-xgboost:1.7-1"
ENDPOINT = "digits"
NEIGHBOURS = "wildrydes-neighbours:latest"
REGISTRIES = {
    "us-east-1": "683313688378",
    "us-east-2": "257758044811",
    "us-west-2": "246618743249",
    "eu-west-1": "141502667606",
    "eu-central-1": "492215442770",
    "ap-northeast-2": "366743142698",
}
"""Accounts with the built-in XGBoost's image (developer guide, "Docker registry paths")."""


@dataclass(frozen=True)
class Platform:
    """`images` are those of the lab's algorithms; an image of one's own is None where nobody has
    pushed it. `say` is told how states change. `log(job)` has what a job has printed; it is None
    where that is not at hand.
    """

    aws: AwsClients
    storage: Storage
    place: Place
    xgboost: str
    neighbours: str | None
    poll_s: float
    say: Say
    log: Callable[[str], Path] | None


@asynccontextmanager
async def local(run: LabRun, s3: AwsSettings, bucket: str) -> AsyncIterator[Platform]:
    """Objects in the bucket at the endpoint of `s3`, everything else on this machine, below the
    run's folder.
    """
    async with (
        AwsClients(s3) as objects,
        LocalSageMaker(run.out / "sagemaker", objects, seed=run.seed, say=run.say) as service,
        Gateway(service) as gateway,
        AwsClients(AwsSettings(gateway.url, DEFAULT_REGION)) as aws,
    ):
        await create_bucket(objects, bucket)
        yield Platform(
            aws=aws,
            storage=Storage(objects),
            place=Place(bucket, "digits", ROLE),
            xgboost=f"{REGISTRIES[DEFAULT_REGION]}.dkr.ecr.{DEFAULT_REGION}.amazonaws.com/{XGBOOST}",
            neighbours=NEIGHBOURS,
            poll_s=0.2,
            # The service itself tells more.
            say=lambda line: None,
            log=service.training_jobs.log,
        )


async def host_model(service: LocalSageMaker, archive: Path) -> None:
    """An endpoint `digits` of one archive of the built-in XGBoost, whose path is absolute. Raises
    DeploymentFailed.
    """
    address = archive.as_uri()
    place = Place("", "", ROLE)
    await service.call("CreateModel", requests.model(ENDPOINT, place, XGBOOST, address))
    config = requests.endpoint_config(ENDPOINT, {"xgboost": ENDPOINT}, {"xgboost": 1})
    await service.call("CreateEndpointConfig", config)
    named = {"EndpointName": ENDPOINT}
    await service.call("CreateEndpoint", {**named, "EndpointConfigName": ENDPOINT})
    await service.endpoints.settled(ENDPOINT)
    described = await service.call("DescribeEndpoint", named)
    if described["EndpointStatus"] != "InService":
        raise DeploymentFailed(f"{archive}: {described['FailureReason']}")


@asynccontextmanager
async def on_aws(
    run: LabRun, settings: AwsSettings, bucket: str, role: str, prefix: str
) -> AsyncIterator[Platform]:
    """SageMaker itself, which costs money. Raises ConfigError where the built-in algorithm's image
    is not known.
    """
    async with AwsClients(settings) as aws:
        region = (await aws.sagemaker()).meta.region_name
        if region not in REGISTRIES:
            raise ConfigError(
                f"the account with XGBoost's image is not known for {region}",
                remedy=f"give --region: one of {', '.join(REGISTRIES)}",
            )
        yield Platform(
            aws=aws,
            storage=Storage(aws),
            place=Place(bucket, prefix, role),
            xgboost=f"{REGISTRIES[region]}.dkr.ecr.{region}.amazonaws.com/{XGBOOST}",
            neighbours=None,
            poll_s=10,
            say=run.say,
            log=None,
        )
