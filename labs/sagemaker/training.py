"""Training, as a user of SageMaker does it: data up to S3, a job, and its end awaited."""

import asyncio
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from awsio.clients import AwsClients
from fleet.errors import FleetError
from labs.dataset import Say
from labs.sagemaker.mnist import Digits
from labs.sagemaker.requests import Place
from labs.sagemaker.service.storage import Storage


class TrainingFailed(FleetError):
    """The job has ended without a model, or before its time."""


async def upload(
    storage: Storage, place: Place, channels: Mapping[str, Digits], parts: int = 1
) -> None:
    """Under train/ and so on, each in as many objects; a digit a line, its label first, then its
    pixels.
    """
    for name, digits in channels.items():
        for part in range(parts):
            content = await asyncio.to_thread(csv, digits, slice(part, None, parts))
            await storage.write(place.address(f"{name}/part-{part}.csv"), content)


def csv(digits: Digits, rows: slice, *, has_labels: bool = True) -> bytes:
    """Lines of text/csv."""
    table = digits.features[rows]
    if has_labels:
        table = np.column_stack((digits.labels[rows], table))
    out = io.BytesIO()
    pl.DataFrame(table).write_csv(out, include_header=False)
    return out.getvalue()


async def train(
    aws: AwsClients, request: Mapping[str, Any], say: Say, *, poll_s: float
) -> dict[str, Any]:
    """Creates the job and waits for its end; returns DescribeTrainingJob's answer. Raises
    TrainingFailed unless it has a model.
    """
    client = await aws.sagemaker()
    await client.create_training_job(**request)
    name, seen = request["TrainingJobName"], ""
    while True:
        job: dict[str, Any] = await client.describe_training_job(TrainingJobName=name)
        if job["SecondaryStatus"] != seen:
            seen = job["SecondaryStatus"]
            say(f"training job {name}: {seen}")
        if job["TrainingJobStatus"] in ("Completed", "Failed", "Stopped"):
            break
        await asyncio.sleep(poll_s)
    if job["TrainingJobStatus"] == "Failed":
        raise TrainingFailed(f"training job {name}: {job.get('FailureReason', 'no reason given')}")
    if "ModelArtifacts" not in job:
        raise TrainingFailed(f"training job {name} was stopped before it had a model ({seen})")
    return job
