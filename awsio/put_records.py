"""PutRecords done right: only what failed is sent again, and records of one key stay in order.

PutRecords is not atomic: each record succeeds or fails alone, and a later record can land where an
earlier one was throttled (API reference, PutRecords). So one call carries at most one record of
each partition key, or of each hash key where entries have one; what failed goes first into the next
call. A fleet sends one reading of each unicorn a second, so this costs nothing there; a run of
records of a single key goes one by one.

A connection lost after the call took effect makes the retry a duplicate: producers of Kinesis are
at least once, here as with any client.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ParamValidationError

from awsio.retry import OUTAGES, THROTTLES, Backoff, OnWait, retry
from fleet.errors import FleetError

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient
    from types_aiobotocore_kinesis.type_defs import (
        PutRecordsRequestEntryTypeDef,
        PutRecordsResultEntryTypeDef,
    )

RECORDS_MAX = 500
BYTES_MAX = 5 * 1024 * 1024
"""Of data and keys together; the service's long-standing limits of one call."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record to put."""

    partition_key: str
    data: bytes
    hash_key: int | None = None
    """Decides the shard in place of the partition key's MD5 (ExplicitHashKey): 0 to 2**128 - 1.
    Records with one hash key stay in order.
    """

    @property
    def order_key(self) -> str | int:
        """Records with the same one land in the order given."""
        return self.partition_key if self.hash_key is None else self.hash_key


@dataclass(frozen=True, slots=True)
class Ack:
    """Where a record landed."""

    shard_id: str
    sequence_number: str


OnAck = Callable[[Entry, Ack], None]
"""Told of each record as soon as its call is answered."""


async def put_records(
    client: "KinesisClient",
    stream: str,
    entries: Sequence[Entry],
    *,
    on_wait: OnWait | None = None,
    on_ack: OnAck | None = None,
) -> list[Ack]:
    """Puts all entries and returns their acks, in the order given.

    Throttling and outages are waited out, told through `on_wait`; `on_ack` knows what landed even
    when the caller gives up. Raises ResourceMissing when there is no such stream, FleetError when
    the service refuses a record for good.
    """
    acks: dict[int, Ack] = {}
    pending = deque(range(len(entries)))
    backoff = Backoff()
    while pending:
        chosen = _next_call(entries, pending)
        results = await _call(client, stream, [entries[i] for i in chosen], on_wait)
        failed: list[int] = []
        for i, result in zip(chosen, results, strict=True):
            if result.get("ErrorCode"):
                failed.append(i)
            else:
                acks[i] = Ack(result["ShardId"], result["SequenceNumber"])
                if on_ack is not None:
                    on_ack(entries[i], acks[i])
        pending.extendleft(reversed(failed))
        if len(failed) < len(chosen):
            # A shard that takes some records works at its limit: waiting longer each time would
            # leave it idle.
            backoff.reset()
        if failed:
            await backoff.wait(_reason(stream, results), on_wait)
    return [acks[i] for i in range(len(entries))]


async def _call(
    client: "KinesisClient", stream: str, entries: Sequence[Entry], on_wait: OnWait | None
) -> "Sequence[PutRecordsResultEntryTypeDef]":
    """One PutRecords that was answered; each record has a result of its own."""
    records = [_request(entry) for entry in entries]
    try:
        answer = await retry(
            lambda: client.put_records(StreamName=stream, Records=records),
            f"stream {stream}",
            on_wait=on_wait,
        )
    except (ClientError, ParamValidationError) as error:
        raise FleetError(f"stream {stream}: {error}") from error
    return answer["Records"]


def _request(entry: Entry) -> "PutRecordsRequestEntryTypeDef":
    request: PutRecordsRequestEntryTypeDef = {
        "Data": entry.data,
        "PartitionKey": entry.partition_key,
    }
    if entry.hash_key is not None:
        request["ExplicitHashKey"] = str(entry.hash_key)
    return request


def _reason(stream: str, results: "Sequence[PutRecordsResultEntryTypeDef]") -> str:
    """Why records failed, for one of them. Raises FleetError when one failed for good."""
    reason = ""
    for result in results:
        if code := result.get("ErrorCode"):
            reason = f"stream {stream}: {code}: {result.get('ErrorMessage', '')}"
            if code not in THROTTLES | OUTAGES:
                raise FleetError(reason)
    return reason


def _next_call(entries: Sequence[Entry], pending: deque[int]) -> list[int]:
    """Takes from the left of `pending` what goes into one call; records whose key is already in it
    stay in `pending`, in order. Looks no further than a call's worth of those, so that a run of one
    key costs no more than its calls.
    """
    chosen: list[int] = []
    held: list[int] = []
    keys: set[str | int] = set()
    size = 0
    while pending and len(chosen) < RECORDS_MAX and len(held) < RECORDS_MAX:
        i = pending.popleft()
        entry = entries[i]
        if entry.order_key in keys:
            held.append(i)
            continue
        size += len(entry.data) + len(entry.partition_key.encode())
        if chosen and size > BYTES_MAX:
            pending.appendleft(i)
            break
        keys.add(entry.order_key)
        chosen.append(i)
    pending.extendleft(reversed(held))
    return chosen
