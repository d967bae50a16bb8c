"""Two snapshots, the second a second younger."""

import random
from dataclasses import replace

from processor.snapshot.base import Snapshot, StreamIdentity

FIRST = Snapshot(
    application="wildrydes",
    fingerprint="f" * 64,
    stream=StreamIdentity("arn:aws:kinesis:us-east-1:000000000000:stream/wildrydes", 1_767_225_600),
    epoch=1,
    saved_ms=1_767_225_660_000,
    positions={"shardId-000000000000": "49", "shardId-000000000001": "SHARD_END"},
    clocks_ms={"shardId-000000000000": 1_767_225_659_000},
    state=b"\x00state\xff" * 100,
    cursors={"archive": {"shardId-000000000000": "48"}, "dead_letter": {"bytes": 12}},
)
SECOND = replace(FIRST, saved_ms=FIRST.saved_ms + 1000, positions={"shardId-000000000000": "50"})
LARGE_BYTES = 500_000


def large(snapshot: Snapshot, size: int = LARGE_BYTES) -> Snapshot:
    """With a state that no compression makes small: beyond what an item of DynamoDB takes."""
    return replace(snapshot, state=random.Random(snapshot.saved_ms).randbytes(size))
