"""A small learnable problem, a local SageMaker, and boto3 to talk to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from botocore.config import Config

from awsio.clients import AwsClients
from fleet.settings import AwsSettings
from labs.sagemaker.service.gateway import Gateway
from labs.sagemaker.service.service import LocalSageMaker

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ROLE = "arn:aws:iam::000000000000:role/lab"

Call = Callable[..., Awaitable[dict[str, Any]]]


def table(rows: int, seed: int = 0) -> np.ndarray:
    """Label first: 1 where the first of three whole numbers is above 4, so that one cut tells."""
    features = np.random.default_rng(seed).integers(0, 10, (rows, 3))
    return np.column_stack([features[:, 0] > 4, features])


def csv(rows: np.ndarray) -> bytes:
    return "".join(",".join(map(str, row)) + "\n" for row in rows.tolist()).encode()


@pytest.fixture
def channel(tmp_path: Path) -> Path:
    """The folder of a channel with two files."""
    folder = tmp_path / "bucket/train"
    folder.mkdir(parents=True)
    rows = table(400)
    (folder / "part-0.csv").write_bytes(csv(rows[:200]))
    (folder / "part-1.csv").write_bytes(csv(rows[200:]))
    return folder


@pytest.fixture
def request_of(channel: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """A CreateTrainingJob request over the folder; members given replace those of the request."""

    def request_of(name: str = "job", **members: Any) -> dict[str, Any]:
        return {
            "TrainingJobName": name,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "HyperParameters": {
                "objective": "multi:softmax",
                "num_class": "2",
                "num_round": "3",
                "nthread": "1",
            },
            "InputDataConfig": [
                {
                    "ChannelName": "train",
                    "ContentType": "text/csv",
                    "DataSource": {
                        "S3DataSource": {
                            "S3DataType": "S3Prefix",
                            "S3Uri": channel.as_uri(),
                            "S3DataDistributionType": "ShardedByS3Key",
                        }
                    },
                }
            ],
            "OutputDataConfig": {"S3OutputPath": (tmp_path / "bucket/out").as_uri()},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 5,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 300},
        } | members

    return request_of


class Said(list[str]):
    """Lines that were said; `heard` returns when one of them holds a text."""

    def __init__(self) -> None:
        self._more = asyncio.Condition()
        self._notices: set[asyncio.Task[None]] = set()

    def append(self, line: str) -> None:
        super().append(line)
        notice = asyncio.create_task(self._notify())
        self._notices.add(notice)
        notice.add_done_callback(self._notices.discard)

    async def heard(self, text: str) -> None:
        async with self._more:
            await self._more.wait_for(lambda: any(text in line for line in self))

    async def _notify(self) -> None:
        async with self._more:
            self._more.notify_all()


@pytest.fixture
def said() -> Said:
    """What the service has said, its states among it."""
    return Said()


@pytest.fixture
async def service(tmp_path: Path, said: Said) -> AsyncIterator[LocalSageMaker]:
    # Nothing of these tests is on S3.
    async with (
        AwsClients(AwsSettings()) as aws,
        LocalSageMaker(tmp_path / "sagemaker", aws, say=said.append) as service,
    ):
        yield service


@pytest.fixture
async def client(service: LocalSageMaker) -> AsyncIterator[Call]:
    """boto3, in a thread of its own: `await client("create_model", ...)`; also the runtime's
    operation."""
    async with Gateway(service) as gateway:
        clients = {
            name: boto3.client(
                name,
                endpoint_url=gateway.url,
                region_name="us-east-1",
                aws_access_key_id="local",
                aws_secret_access_key="local",
                config=Config(retries={"total_max_attempts": 1}),
            )
            for name in ("sagemaker", "sagemaker-runtime")
        }

        async def call(operation: str, **request: Any) -> dict[str, Any]:
            name = "sagemaker-runtime" if operation == "invoke_endpoint" else "sagemaker"
            return await asyncio.to_thread(getattr(clients[name], operation), **request)

        yield call
        for one in clients.values():
            one.close()


@pytest.fixture
def train(service: LocalSageMaker, request_of: Callable[..., dict[str, Any]]) -> Call:
    """Runs a job to its end; returns its description."""

    async def train(name: str = "job", **members: Any) -> dict[str, Any]:
        job = service.training_jobs.start(request_of(name, **members))
        await service.training_jobs.ended(job)
        return job.description

    return train
