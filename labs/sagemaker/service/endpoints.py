"""All endpoints: created, updated, described, deleted, invoked."""

import asyncio
import random
from collections.abc import Coroutine, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from fleet.clock import Clock
from labs.dataset import Say
from labs.sagemaker.service.arn import ACCOUNT, arn
from labs.sagemaker.service.endpoint import Endpoint
from labs.sagemaker.service.fault import Invalid
from labs.sagemaker.service.model import Answer, EndpointConfigs, Models
from labs.sagemaker.service.storage import Storage
from labs.sagemaker.service.variant import Reply, Variant


class Endpoints:
    """Changes run as tasks of `tasks`; `seed` is that of the draws between variants."""

    def __init__(
        self,
        folder: Path,
        storage: Storage,
        clock: Clock,
        say: Say,
        tasks: asyncio.TaskGroup,
        seed: int,
    ) -> None:
        self.models = Models(clock)
        self.configs = EndpointConfigs(clock, self.models)
        self._folder = folder
        self._storage = storage
        self._clock = clock
        self._say = say
        self._tasks = tasks
        self._chance = random.Random(seed)
        self._endpoints: dict[str, Endpoint] = {}
        self._changes: dict[str, asyncio.Task[None]] = {}
        self._numbers = count(1)

    async def create(self, request: Answer) -> Answer:
        name, config = request["EndpointName"], request["EndpointConfigName"]
        if name in self._endpoints:
            raise Invalid(f'Cannot create already existing endpoint "{arn("endpoint", name)}".')
        variants = self._variants(name, config)
        endpoint = Endpoint(name, config, self._storage, self._clock, self._say, self._chance)
        self._endpoints[name] = endpoint
        self._change(endpoint, endpoint.bring_up(config, variants))
        return {"EndpointArn": endpoint.arn}

    async def update(self, request: Answer) -> Answer:
        endpoint, config = self.get(request["EndpointName"]), request["EndpointConfigName"]
        variants = self._variants(endpoint.name, config)
        endpoint.update()
        self._change(endpoint, endpoint.bring_up(config, variants))
        return {"EndpointArn": endpoint.arn}

    async def weigh(self, request: Answer) -> Answer:
        endpoint = self.get(request["EndpointName"])
        endpoint.weigh(
            {
                one["VariantName"]: one["DesiredWeight"]
                for one in request["DesiredWeightsAndCapacities"]
                if "DesiredWeight" in one
            }
        )
        return {"EndpointArn": endpoint.arn}

    async def describe(self, request: Answer) -> Answer:
        return self.get(request["EndpointName"]).describe()

    async def list_all(self, request: Answer) -> Answer:
        keys = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
        described = [endpoint.describe() for endpoint in self._endpoints.values()]
        return {"Endpoints": [{key: one[key] for key in keys} for one in described]}

    async def delete(self, request: Answer) -> Answer:
        endpoint = self.get(request["EndpointName"])
        if endpoint.status in ("Creating", "Updating", "Deleting"):
            raise Invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')

        async def take_down() -> None:
            await endpoint.take_down()
            del self._endpoints[endpoint.name]

        self._change(endpoint, take_down())
        return {}

    async def invoke(
        self, name: str, body: bytes, headers: Mapping[str, str], target: str | None
    ) -> tuple[Reply, str]:
        """Raises Invalid and ModelFault."""
        if name not in self._endpoints:
            raise Invalid(f"Endpoint {name} of account {ACCOUNT} not found.")
        return await self._endpoints[name].invoke(body, headers, target)

    async def settled(self, name: str) -> None:
        """Returns when the endpoint's newest change is done, well or not."""
        await asyncio.wait((self._changes[name],))

    async def close(self) -> None:
        """Ends all that runs."""
        for change in self._changes.values():
            change.cancel()
        await asyncio.gather(*self._changes.values(), return_exceptions=True)
        for endpoint in self._endpoints.values():
            await endpoint.take_down()

    def get(self, name: str) -> Endpoint:
        """Raises Invalid, which is what SageMaker answers here."""
        if name not in self._endpoints:
            raise Invalid(f'Could not find endpoint "{arn("endpoint", name)}".')
        return self._endpoints[name]

    def _change(self, endpoint: Endpoint, work: Coroutine[Any, Any, None]) -> None:
        self._changes[endpoint.name] = self._tasks.create_task(
            work, name=f"endpoint {endpoint.name}"
        )

    def _variants(self, endpoint: str, config: str) -> list[Variant]:
        return [
            Variant(
                given,
                self.models.get(given["ModelName"]),
                self._folder / endpoint / f"{next(self._numbers)}-{given['VariantName']}",
            )
            for given in self.configs.get(config)["ProductionVariants"]
        ]
