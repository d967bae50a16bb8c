"""Hosting, as a user of SageMaker does it: models, a configuration, an endpoint, and questions."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from awsio.clients import AwsClients
from fleet.errors import ConfigError, FleetError
from labs.dataset import Say
from labs.sagemaker import requests
from labs.sagemaker.ab_test import Score
from labs.sagemaker.mnist import Digits
from labs.sagemaker.requests import CSV, Place
from labs.sagemaker.training import csv

IMAGES_A_REQUEST = 500
"""At most 3 characters and a comma a pixel: 1.5 of the 6 MB that a request may have."""
IMAGES_A_VISITOR = 20
"""In the A/B test; a visitor meets one variant."""
CHANGING = ("Creating", "Updating", "RollingBack", "SystemUpdating")


class DeploymentFailed(FleetError):
    """The endpoint has not come into service."""


class Hosting:
    """One endpoint, `name`: `add` says what a variant is made of, `deploy` brings variants up."""

    def __init__(self, aws: AwsClients, place: Place, name: str, say: Say, poll_s: float) -> None:
        self._aws = aws
        self._place = place
        self.name = name
        self._say = say
        self._poll_s = poll_s
        self._models: dict[str, str] = {}
        self._configs: list[str] = []
        self._is_there = False

    async def add(self, variant: str, image: str, archive: str) -> None:
        """Makes the model that a variant of this name is of."""
        client = await self._aws.sagemaker()
        model = f"{self.name}-{variant}"
        await client.create_model(**requests.model(model, self._place, image, archive))
        self._models[variant] = model

    async def deploy(self, weights: Mapping[str, float]) -> None:
        """Variants of these weights, in the place of those before. Raises DeploymentFailed."""
        client = await self._aws.sagemaker()
        config = f"{self.name}-{len(self._configs) + 1}"
        await client.create_endpoint_config(
            **requests.endpoint_config(config, self._models, weights)
        )
        self._configs.append(config)
        change = client.update_endpoint if self._is_there else client.create_endpoint
        await change(EndpointName=self.name, EndpointConfigName=config)
        self._is_there = True
        described = await self._settled()
        if described["EndpointStatus"] != "InService" or described["EndpointConfigName"] != config:
            reason = described.get("FailureReason", "no reason given")
            raise DeploymentFailed(f"endpoint {self.name}: {reason}")

    async def _settled(self) -> dict[str, Any]:
        """Its description, once nothing changes any more."""
        client = await self._aws.sagemaker()
        seen = ""
        while True:
            described: dict[str, Any] = await client.describe_endpoint(EndpointName=self.name)
            if described["EndpointStatus"] != seen:
                seen = described["EndpointStatus"]
                self._say(f"endpoint {self.name}: {seen}")
            if seen not in CHANGING:
                return described
            await asyncio.sleep(self._poll_s)

    async def predict(self, digits: Digits, variant: str) -> NDArray[np.int64]:
        """What the variant says of each."""
        runtime = await self._aws.sagemaker_runtime()
        said = []
        for start in range(0, len(digits), IMAGES_A_REQUEST):
            answer = await runtime.invoke_endpoint(
                EndpointName=self.name,
                ContentType=CSV,
                Accept=CSV,
                TargetVariant=variant,
                Body=csv(digits, slice(start, start + IMAGES_A_REQUEST), has_labels=False),
            )
            said.append(_labels(await answer["Body"].read()))
        return np.concatenate(said)

    async def compare(self, digits: Digits, variants: Sequence[str]) -> list[Score]:
        """Each of the digits is shown once, by visitors whom the endpoint sends to a variant."""
        runtime = await self._aws.sagemaker_runtime()
        answers, errors = Counter[str](), Counter[str]()
        # One after the other: who meets which variant then depends on nothing but the seed.
        for start in range(0, len(digits), IMAGES_A_VISITOR):
            rows = slice(start, start + IMAGES_A_VISITOR)
            answer = await runtime.invoke_endpoint(
                EndpointName=self.name,
                ContentType=CSV,
                Accept=CSV,
                Body=csv(digits, rows, has_labels=False),
            )
            said = _labels(await answer["Body"].read())
            variant = answer["InvokedProductionVariant"]
            answers[variant] += len(said)
            errors[variant] += int((said != digits.labels[rows]).sum())
        return [Score(name, errors[name], answers[name]) for name in variants]

    async def delete(self) -> None:
        """All that was made, so that it costs nothing any more."""
        client = await self._aws.sagemaker()
        if self._is_there:
            # What changes cannot be deleted.
            await self._settled()
            await client.delete_endpoint(EndpointName=self.name)
            self._say(f"endpoint {self.name}: Deleting")
        for config in self._configs:
            await client.delete_endpoint_config(EndpointConfigName=config)
        for model in self._models.values():
            await client.delete_model(ModelName=model)


@asynccontextmanager
async def hosting(
    aws: AwsClients, place: Place, name: str, say: Say, *, poll_s: float
) -> AsyncIterator[Hosting]:
    """Whatever happens in the block, nothing of it is left at the end."""
    hosted = Hosting(aws, place, name, say, poll_s)
    try:
        yield hosted
    finally:
        await hosted.delete()


def _labels(body: bytes) -> NDArray[np.int64]:
    try:
        return np.array([float(line) for line in body.split()], np.float64).astype(np.int64)
    except ValueError:
        raise ConfigError(
            f"the endpoint answers {body[:60]!r}, not one label a line",
            remedy="objective multi:softmax gives labels",
        ) from None
