"""PutRecords done right: only what failed is sent again, and records of one key stay in order.

PutRecords is not atomic: each record succeeds or fails alone, and a later record can land where an
earlier one was throttled (API reference, PutRecords). So one call carries at most one record of
each partition key; what failed goes first into the next call. A fleet sends one reading of each
unicorn a second, so this costs nothing there; a run of records of a single key goes one by one.

A connection lost after the call took effect makes the retry a duplicate: producers of Kinesis are
at least once, here as with any client.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from awsio.retry import OUTAGES, THROTTLES, Backoff, OnWait, retry
from fleet.errors import FleetError

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

RECORDS_MAX = 500
BYTES_MAX = 5 * 1024 * 1024
"""Of data and keys together; the service's long-standing limits of one call."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record to put."""

    partition_key: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Ack:
    """Where a record landed."""

    shard_id: str
    sequence_number: str


async def put_records(
    client: "KinesisClient",
    stream: str,
    entries: Sequence[Entry],
    *,
    on_wait: OnWait | None = None,
) -> list[Ack]:
    """Puts all entries and returns their acks, in the order given.

    Throttling and outages are waited out, told through `on_wait`. Raises ResourceMissing when there
    is no such stream, FleetError when the service refuses a record for good.
    """
    acks: dict[int, Ack] = {}
    pending = deque(range(len(entries)))
    backoff = Backoff()
    while pending:
        chosen = _next_call(entries, pending)
        records = [
            {"Data": entries[i].data, "PartitionKey": entries[i].partition_key} for i in chosen
        ]

        answer = await retry(
            lambda records=records: client.put_records(  # type: ignore[misc]
                StreamName=stream, Records=records
            ),
            f"stream {stream}",
            on_wait=on_wait,
        )
        failed = []
        reason = ""
        for i, result in zip(chosen, answer["Records"], strict=True):
            code = result.get("ErrorCode")
            if code is None:
                acks[i] = Ack(result["ShardId"], result["SequenceNumber"])
            elif code in THROTTLES | OUTAGES:
                failed.append(i)
                reason = f"stream {stream}: {code}: {result.get('ErrorMessage', '')}"
            else:
                raise FleetError(f"stream {stream}: {code}: {result.get('ErrorMessage', '')}")
        pending.extendleft(reversed(failed))
        if failed:
            await backoff.wait(reason, on_wait)
        else:
            backoff.reset()
    return [acks[i] for i in range(len(entries))]


def _next_call(entries: Sequence[Entry], pending: deque[int]) -> list[int]:
    """Takes from the left of `pending` what goes into one call; records whose key is already in it
    stay in `pending`, in order. Looks no further than a call's worth of those, so that a run of one
    key costs no more than its calls.
    """
    chosen: list[int] = []
    held: list[int] = []
    keys: set[str] = set()
    size = 0
    while pending and len(chosen) < RECORDS_MAX and len(held) < RECORDS_MAX:
        i = pending.popleft()
        entry = entries[i]
        if entry.partition_key in keys:
            held.append(i)
            continue
        size += len(entry.data) + len(entry.partition_key.encode())
        if chosen and size > BYTES_MAX:
            pending.appendleft(i)
            break
        keys.add(entry.partition_key)
        chosen.append(i)
    pending.extendleft(reversed(held))
    return chosen
