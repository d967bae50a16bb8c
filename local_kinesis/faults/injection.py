"""What happens to a request that is struck.

Faults that refuse come before the operation, the others around it: so what a client is told and
what has happened are exactly those of the service in trouble.
"""

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from local_kinesis.answer import Answer, BrokenAnswer, LaterReply, Reply
from local_kinesis.errors import (
    ExpiredIterator,
    InternalFailure,
    LimitExceeded,
    ServiceUnavailable,
    ThroughputExceeded,
)
from local_kinesis.faults.fault import Kind, Request
from local_kinesis.faults.faults import Faults, SetFault
from local_kinesis.faults.reshard import reshard_somewhere
from local_kinesis.operations.result import Records, Result
from local_kinesis.put import Entry, Put, Refusal, among
from local_kinesis.request import GetRecords, PutRecords
from local_kinesis.shard import Page, Shard, shard_id
from local_kinesis.shard_iterator import ShardIterator
from local_kinesis.store import Store
from local_kinesis.stream import Stream

Run = Callable[[Store, Any, int], Result]
"""See operations.registry."""

_METERED: Final = frozenset(
    ("GetRecords", "GetShardIterator", "PutRecord", "PutRecords", "SubscribeToShard")
)
"""Operations that know ProvisionedThroughputExceededException (their API reference)."""
_SILENT: Final[frozenset[Kind]] = frozenset(("reset_before", "reset_after"))
_BREAKING: Final[frozenset[Kind]] = _SILENT | {"truncate"}
TROUBLE: Final = "This failure was asked for: see /_local/faults."


class Injection:
    """The faults that strike one request."""

    def __init__(self, struck: Sequence[SetFault], request: Request) -> None:
        self._struck = struck
        self._operation = request.operation
        self._stream = request.stream

    @classmethod
    def of(cls, faults: Faults, operation: str, asked: Any, now_ms: int) -> "Injection | None":
        """None when the request is spared. Raises ServiceError for an iterator that is none."""
        request = Request(operation, *_target(asked, now_ms))
        struck = faults.striking(request)
        return cls(struck, request) if struck else None

    def run(self, run: Run, store: Store, asked: Any, now_ms: int) -> Result:
        """The operation's result, as far as it happens. Raises ServiceError where it is refused."""
        partly: SetFault | None = None
        stalls = False
        for one in self._struck:
            match one.fault.kind:
                case "reset_before":
                    # Nobody will see this.
                    return None
                case "reshard" if self._stream in store.streams:
                    reshard_somewhere(store, store.streams[self._stream], one.random, now_ms)
                case "partial_failure":
                    partly = one
                case "stall":
                    stalls = True
                case kind:
                    self._refuse(kind)
        if partly is not None:
            return _in_part(partly, run, store, asked, now_ms)
        result = run(store, asked, now_ms)
        return _nothing_new(result, asked, now_ms) if stalls else result

    @property
    def breaks_off(self) -> bool:
        """Whether the connection ends before the answer does."""
        return any(one.fault.kind in _BREAKING for one in self._struck)

    def deliver(self, reply: Reply) -> Reply | LaterReply:
        """How the answer gets to the client, or does not."""
        if self.breaks_off:
            silent = any(one.fault.kind in _SILENT for one in self._struck)
            kept = reply if isinstance(reply, Answer) and not silent else None
            # Half of nothing would look whole.
            reply = BrokenAnswer(kept if kept is not None and len(kept.body) > 1 else None)
        delay_ms = sum(one.fault.delay_ms for one in self._struck if one.fault.kind == "delay")
        return _later(reply, delay_ms) if delay_ms else reply

    def _refuse(self, kind: Kind) -> None:
        match kind:
            case "throttle" if self._operation in _METERED:
                raise ThroughputExceeded(f"Rate exceeded. {TROUBLE}")
            case "throttle":
                raise LimitExceeded(f"Rate exceeded. {TROUBLE}")
            case "internal_failure":
                raise InternalFailure(TROUBLE)
            case "unavailable":
                raise ServiceUnavailable(TROUBLE)
            case "expired_iterator":
                raise ExpiredIterator(f"Iterator expired. {TROUBLE}")


async def _later(reply: Reply, delay_ms: int) -> Reply:
    await asyncio.sleep(delay_ms / 1000)
    return reply


def _target(asked: Any, now_ms: int) -> tuple[str | None, str | None]:
    """(stream name, shard id) of a request, as far as it names them."""
    if isinstance(asked, GetRecords):
        place = ShardIterator.unseal(asked.ShardIterator, now_ms)
        return place.stream_name, shard_id(place.shard_index)
    name = getattr(asked, "StreamName", None)
    arn = (
        getattr(asked, "StreamARN", None)
        or getattr(asked, "ResourceARN", None)
        or getattr(asked, "ConsumerARN", None)
    )
    if name is None and arn is not None:
        name = arn.partition(":stream/")[2].partition("/")[0]
    shard = getattr(asked, "ShardId", None) or getattr(asked, "ShardToSplit", None)
    return name, shard or getattr(asked, "ShardToMerge", None)


def _in_part(one: SetFault, run: Run, store: Store, asked: PutRecords, now_ms: int) -> Put:
    """PutRecords without some of its records, at least one if any may fail."""
    refusals = {
        place: Refusal("InternalFailure", TROUBLE) for place in _chosen(one, store, asked, now_ms)
    }
    places = [place for place in range(len(asked.Records)) if place not in refusals]
    if not places:
        return among(refusals, Put({}, [], [], {}, False), len(asked.Records))
    kept = msgspec.structs.replace(asked, Records=[asked.Records[place] for place in places])
    put = run(store, kept, now_ms)
    assert isinstance(put, Put)
    throttled = {places[place]: refusal for place, refusal in put.refusals.items()}
    whole = among(refusals, put, len(asked.Records))
    return dataclasses.replace(whole, refusals={**refusals, **throttled})


def _chosen(one: SetFault, store: Store, asked: PutRecords, now_ms: int) -> list[int]:
    """The places of the records that are not put."""
    stream = store.find_serving(asked.StreamName, asked.StreamARN, now_ms)
    about = one.fault.shard
    places = [
        place
        for place, record in enumerate(asked.Records)
        if about is None or _destination(stream, record).id == about
    ]
    count = min(len(places), max(1, round(one.fault.share * len(places))))
    return sorted(one.random.sample(places, count))


def _destination(stream: Stream, record: Entry) -> Shard:
    hash_key, router = record.ExplicitHashKey, stream.router
    return router.route(record.PartitionKey)[0] if hash_key is None else router.explicit(hash_key)


def _nothing_new(result: Result, asked: GetRecords, now_ms: int) -> Result:
    """The same place again: the reader is told that there is something unread, and not what."""
    if not isinstance(result, Records) or result.page.count == 0:
        return result
    place = ShardIterator.unseal(asked.ShardIterator, now_ms)
    page = Page([], 0, place.position, 0, max(1, result.page.behind_ms))
    return Records(page, dataclasses.replace(place, issued_ms=now_ms).seal())
