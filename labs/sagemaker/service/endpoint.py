"""An endpoint: variants side by side, traffic between them by weight, and the states of its life
(API reference, DescribeEndpoint: EndpointStatus).
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

from fleet.clock import Clock
from fleet.errors import FleetError
from labs.dataset import Say
from labs.sagemaker.service.arn import arn
from labs.sagemaker.service.fault import Invalid, ServiceFault
from labs.sagemaker.service.storage import Storage
from labs.sagemaker.service.variant import Reply, Variant


class ModelFault(ServiceFault):
    """The container refused a request, or gave no answer: `original_status`, `original_message`."""

    code = "ModelError"
    status = 424

    def __init__(self, message: str, original_status: int, original_message: str) -> None:
        super().__init__(message)
        self.original_status = original_status
        self.original_message = original_message


class Endpoint:
    """Variants are started by `bring_up`, one change at a time; `chance` draws between them."""

    def __init__(
        self,
        name: str,
        config: str,
        storage: Storage,
        clock: Clock,
        say: Say,
        chance: random.Random,
    ) -> None:
        self.name = name
        self.config = config
        self.status = "Creating"
        self.failure = ""
        self._storage = storage
        self._clock = clock
        self._say = say
        self._chance = chance
        self._variants: dict[str, Variant] = {}
        self._passing: list[Variant] = []
        """Coming or going: they run, and get no traffic."""
        self._created_s = self._modified_s = clock.now_ms() / 1000
        self._changing = asyncio.Lock()
        say(f"endpoint {name}: {self.status}")

    @property
    def arn(self) -> str:
        return arn("endpoint", self.name)

    def describe(self) -> dict[str, Any]:
        """What DescribeEndpoint answers."""
        described: dict[str, Any] = {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointConfigName": self.config,
            "EndpointStatus": self.status,
            "CreationTime": self._created_s,
            "LastModifiedTime": self._modified_s,
            "ProductionVariants": [
                {
                    "VariantName": variant.name,
                    "CurrentWeight": variant.weight,
                    "DesiredWeight": variant.weight,
                    "CurrentInstanceCount": variant.instances,
                    "DesiredInstanceCount": variant.instances,
                }
                for variant in self._variants.values()
            ],
        }
        return described | ({"FailureReason": self.failure} if self.failure else {})

    async def bring_up(self, config: str, variants: Sequence[Variant]) -> None:
        """Starts the variants and puts them in the place of those that are there. When one does
        not start, what there was goes on, and the reason is in the description.
        """
        async with self._changing:
            self._passing = list(variants)
            self.failure = await self._start(variants)
            if self.failure:
                leaving, stays = self._passing, self._variants
            else:
                leaving, stays = list(self._variants.values()), {one.name: one for one in variants}
                self.config = config
            self._variants, self._passing = stays, leaving
            self._enter("InService" if stays else "Failed")
            await self._end_passing()

    async def _start(self, variants: Sequence[Variant]) -> str:
        """Why one of them did not start, if so."""
        failure = ""
        try:
            async with asyncio.TaskGroup() as starts:
                for variant in variants:
                    starts.create_task(variant.start(self._storage))
        except* FleetError as failures:
            failure = str(failures.exceptions[0])
        return failure

    def update(self) -> None:
        """Before a change; raises Invalid unless it is in service."""
        if self.status != "InService":
            raise Invalid(f'Cannot update in-progress endpoint "{self.arn}" ({self.status}).')
        self._enter("Updating")

    def weigh(self, weights: Mapping[str, float]) -> None:
        """Moves traffic at once. Raises Invalid for a variant that is not there, and unless the
        endpoint is in service.
        """
        if unknown := set(weights) - set(self._variants):
            raise Invalid(f"no variant {', '.join(sorted(unknown))} at endpoint {self.name}")
        self.update()
        for name, weight in weights.items():
            self._variants[name].weight = weight
        self._enter("InService")

    async def take_down(self) -> None:
        """Ends all that runs."""
        self._enter("Deleting")
        async with self._changing:
            self._passing += self._variants.values()
            self._variants = {}
            await self._end_passing()

    async def _end_passing(self) -> None:
        while self._passing:
            # Known until it has ended, in case that this is cancelled and done again.
            await self._passing[-1].stop()
            self._passing.pop()

    async def invoke(
        self, body: bytes, headers: Mapping[str, str], target: str | None
    ) -> tuple[Reply, str]:
        """The answer, and the variant that gave it: `target`, or one drawn by weight. Raises
        Invalid when there is none, ModelFault when the container does not answer well.
        """
        variant = self._choose(target)
        try:
            reply = await variant.invoke(body, headers)
        except aiohttp.ClientError as error:
            raise ModelFault(
                f"no answer from variant {variant.name}: {error}", 500, str(error)
            ) from None
        if reply.status >= 400:
            message = reply.body.decode(errors="replace").strip()
            side = "client" if reply.status < 500 else "server"
            raise ModelFault(
                f'Received {side} error ({reply.status}) from primary with message "{message}"',
                reply.status,
                message,
            )
        return reply, variant.name

    def _choose(self, target: str | None) -> Variant:
        if self.status not in ("InService", "Updating"):
            raise Invalid(f"Endpoint {self.name} is {self.status}, not InService.")
        if target is not None:
            if target not in self._variants:
                raise Invalid(f"Variant {target} not found for endpoint {self.name}.")
            return self._variants[target]
        variants = list(self._variants.values())
        weights = [variant.weight for variant in variants]
        if sum(weights) <= 0:
            raise Invalid(f"No variant of endpoint {self.name} has a weight above 0.")
        return self._chance.choices(variants, weights)[0]

    def _enter(self, status: str) -> None:
        self.status = status
        self._modified_s = self._clock.now_ms() / 1000
        self._say(
            f"endpoint {self.name}: {status}" + (f" ({self.failure})" if self.failure else "")
        )
