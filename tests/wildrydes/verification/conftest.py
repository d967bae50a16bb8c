"""Real services, which all tests here share, and one run of the system in them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from moto.server import ThreadedMotoServer

from tests.wildrydes.verification.world import Services, World

shared = pytest_asyncio.fixture(scope="session", loop_scope="session")
"""Clients take long to make: one of each for all tests here, which share one event loop."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    assert server._server is not None
    server._server.server_close()


@shared
async def services(moto_url: str) -> AsyncIterator[Services]:
    async with Services(moto_url) as services:
        yield services


@shared
async def run(services: Services, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three minutes of readings, and all that came of them."""
    world = World(services, tmp_path_factory.mktemp("run"), 1)
    await world.create()
    await world.ride()
    await world.process()
    world.remember()
    return world


@pytest.fixture
def world(run: World) -> Iterator[World]:
    """The same, which may be broken: it is mended afterwards."""
    yield run
    run.mend()
