"""A real endpoint whose clock stands still, and a stream on it."""

from collections.abc import AsyncIterator

import pytest

from awsio.clients import AwsClients
from fleet.clock import ManualClock
from fleet.settings import AwsSettings
from local_kinesis.endpoint import LocalEndpoint
from processor.source import gap, shard
from tests.processor.source.live_stream import LiveStream


@pytest.fixture
async def live(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LiveStream]:
    """Read as fast as it goes, in small batches: how often a shard may be read is another test's
    affair.
    """
    monkeypatch.setattr(shard, "RECORDS_MAX", 5)
    monkeypatch.setattr(shard, "BEHIND_GAP_S", 0.0)
    monkeypatch.setattr(shard, "TIP_GAP_S", 0.001)
    monkeypatch.setattr(gap, "LOOK_GAP_S", 0.0)
    clock = ManualClock()
    async with (
        LocalEndpoint(kinesis_only=True, clock=clock) as endpoint,
        AwsClients(AwsSettings(endpoint.url, "us-east-1")) as aws,
    ):
        yield LiveStream(aws, await aws.kinesis(), clock)
