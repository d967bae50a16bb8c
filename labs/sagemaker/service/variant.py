"""A production variant: one model's `serve`, running."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from fleet.errors import ConfigError
from labs.sagemaker.model_archive import unpack
from labs.sagemaker.opt_ml import OptMl
from labs.sagemaker.service.container import Container
from labs.sagemaker.service.fault import Invalid
from labs.sagemaker.service.free_port import LOOPBACK, free_port
from labs.sagemaker.service.image import image
from labs.sagemaker.service.storage import Storage

PING_TIMEOUT_S = 120
"""From the start to the first good answer to /ping; SageMaker gives minutes too."""
PING_EVERY_S = 0.1
GRACE_S = 5
CONTENT_TYPE = "text/csv"


@dataclass(frozen=True)
class Reply:
    """What the container answered."""

    status: int
    body: bytes
    content_type: str


class Variant:
    """`given` is a ProductionVariant of a checked endpoint configuration, `model` its model."""

    def __init__(self, given: Mapping[str, Any], model: Mapping[str, Any], folder: Path) -> None:
        self.name: str = given["VariantName"]
        self.weight: float = given.get("InitialVariantWeight", 1.0)
        self.instances: int = given.get("InitialInstanceCount", 1)
        self._container_given = model["PrimaryContainer"]
        self._folder = folder
        self._url = ""
        self._stack = AsyncExitStack()
        self._session: aiohttp.ClientSession

    async def start(self, storage: Storage) -> None:
        """Returns when /ping answers. Raises ConfigError when it does not, or without an archive;
        nothing runs then.
        """
        root = OptMl(self._folder / "opt-ml")
        address = self._container_given["ModelDataUrl"]
        await asyncio.to_thread(unpack, await storage.read(address), root.model, address)
        port = free_port()
        self._url = f"http://{LOOPBACK}:{port}"
        log = self._folder / "serve.log"
        where = ["--root", str(root.root), "--host", LOOPBACK, "--port", str(port)]
        program = [*image(self._container_given["Image"]).serve, *where]
        self._session = await self._stack.enter_async_context(aiohttp.ClientSession())
        container = await self._stack.enter_async_context(Container(program, log, GRACE_S))
        try:
            async with asyncio.timeout(PING_TIMEOUT_S):
                while not await self._pings():
                    if not container.is_running:
                        raise ConfigError(await asyncio.to_thread(_end_of, log))
                    await asyncio.sleep(PING_EVERY_S)
        except (TimeoutError, ConfigError) as error:
            await self.stop()
            raise Invalid(
                f"The primary container for production variant {self.name} did not pass the ping "
                f"health check: {str(error) or f'no answer in {PING_TIMEOUT_S} s'}"
            ) from None

    async def stop(self) -> None:
        """Returns when it has ended."""
        await self._stack.aclose()

    async def invoke(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Hands the body to the container. Raises aiohttp.ClientError when it does not answer."""
        async with self._session.post(
            f"{self._url}/invocations", data=body, headers=dict(headers)
        ) as answer:
            content_type = answer.headers.get("Content-Type", CONTENT_TYPE)
            return Reply(answer.status, await answer.read(), content_type)

    async def _pings(self) -> bool:
        try:
            async with self._session.get(f"{self._url}/ping") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


def _end_of(log: Path) -> str:
    """What it said last."""
    lines = log.read_text(errors="replace").splitlines()
    return lines[-1] if lines else "it ended without a word"
