"""Models and endpoint configurations: names for what an endpoint is made of."""

from collections.abc import Mapping
from typing import Any

from fleet.clock import Clock
from labs.sagemaker.service.arn import arn
from labs.sagemaker.service.fault import Invalid
from labs.sagemaker.service.image import image

Answer = Mapping[str, Any]


class Shelf:
    """Requests of one kind kept under their names; `noun` is as in `create_model`."""

    def __init__(self, noun: str, kind: str, key: str, clock: Clock) -> None:
        self._noun = noun
        self._kind = kind
        self._key = key
        self._clock = clock
        self._kept: dict[str, dict[str, Any]] = {}

    async def create(self, request: Answer) -> Answer:
        name = request[f"{self._key}Name"]
        if name in self._kept:
            raise Invalid(f'Cannot create already existing {self._noun} "{arn(self._kind, name)}".')
        made = {f"{self._key}Arn": arn(self._kind, name)}
        self._kept[name] = {**request, **made, "CreationTime": self._clock.now_ms() / 1000}
        return made

    async def describe(self, request: Answer) -> Answer:
        return self.get(request[f"{self._key}Name"])

    async def delete(self, request: Answer) -> Answer:
        self.get(request[f"{self._key}Name"])
        del self._kept[request[f"{self._key}Name"]]
        return {}

    def get(self, name: str) -> dict[str, Any]:
        """Raises Invalid, which is what SageMaker answers here."""
        if name not in self._kept:
            raise Invalid(f'Could not find {self._noun} "{arn(self._kind, name)}".')
        return self._kept[name]


class Models(Shelf):
    """What CreateModel has made: an image and an archive under a name."""

    def __init__(self, clock: Clock) -> None:
        super().__init__("model", "model", "Model", clock)

    async def create(self, request: Answer) -> Answer:
        primary = request.get("PrimaryContainer")
        if primary is None or "Image" not in primary or "ModelDataUrl" not in primary:
            raise Invalid("a model needs a PrimaryContainer with Image and ModelDataUrl")
        if primary.get("Environment") or primary.get("Mode", "SingleModel") != "SingleModel":
            raise Invalid("Environment and MultiModel are not here", remedy="leave them out")
        image(primary["Image"])
        return await super().create(request)


class EndpointConfigs(Shelf):
    """What CreateEndpointConfig has made: production variants with weights under a name."""

    def __init__(self, clock: Clock, models: Models) -> None:
        super().__init__("endpoint configuration", "endpoint-config", "EndpointConfig", clock)
        self._models = models

    async def create(self, request: Answer) -> Answer:
        variants = request["ProductionVariants"]
        names = [variant["VariantName"] for variant in variants]
        if len(set(names)) < len(names):
            raise Invalid(f"variants have the same name: {', '.join(names)}")
        for variant in variants:
            if "ModelName" not in variant:
                raise Invalid(f"variant {variant['VariantName']} has no ModelName")
            self._models.get(variant["ModelName"])
        return await super().create(request)
