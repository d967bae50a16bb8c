"""The land of the simulator, drawn once."""

import pytest

from simulator.land import Land


@pytest.fixture(scope="session")
def land() -> Land:
    return Land.load()
