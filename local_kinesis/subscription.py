"""SubscribeToShard: a shard's records pushed to a consumer as they come, for five minutes.

Source of the rules: the API reference of SubscribeToShard and its model.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from fleet.clock import Clock
from local_kinesis.consumer import Consumer
from local_kinesis.errors import ResourceInUse, ResourceNotFound
from local_kinesis.operations.shard_lookup import child_members
from local_kinesis.shard import Page, Shard
from local_kinesis.store import Store
from local_kinesis.stream import Stream

LIFETIME_MS: Final = 5 * 60_000
TAKEOVER_MS: Final = 5_000
"""So long after it began a subscription may be taken over by another call; before, that is refused.
"""
_SILENCE_MS: Final = 5_000
"""A client that hears nothing takes the connection for dead: an event without records says
otherwise. The API reference gives no interval: this one is ours.
"""
_EVENT_COUNT_MAX: Final = 10_000
_EVENT_BYTES_MAX: Final = 2 * 1024 * 1024
"""What a consumer is given of a shard in one second."""


@dataclass(frozen=True, slots=True)
class SubscriptionEvent:
    """SubscribeToShardEvent."""

    page: Page
    continuation: str | None
    """Where the next subscription goes on; None at the end of a closed shard."""
    children: Sequence[Mapping[str, object]]
    """ChildShards, only at the end of a closed shard."""


class Subscription:
    """One consumer's subscription to one shard, from a position on."""

    def __init__(
        self, store: Store, stream: Stream, consumer: Consumer, shard: Shard, position: int
    ) -> None:
        self.consumer = consumer
        self.shard = shard
        self.began_ms = 0
        self._store = store
        self._stream = stream
        self._position = position
        self._continuation = shard.starting_sequence_number
        self._woken = asyncio.Event()
        self._taken_over = False

    def take_over(self) -> None:
        """Ends it in favour of another one."""
        self._taken_over = True
        self._woken.set()

    async def events(self, clock: Clock) -> AsyncGenerator[SubscriptionEvent, None]:
        """Its events. Raises ServiceError when it ends before its time."""
        told_ms: int | None = None
        self.shard.watchers.add(self._woken.set)
        try:
            while (now_ms := clock.now_ms()) < self.began_ms + LIFETIME_MS:
                self._woken.clear()
                self._check(now_ms)
                event = self._read(now_ms)
                ended = event.continuation is None
                silent = told_ms is not None and now_ms - told_ms < _SILENCE_MS
                if event.page.count or ended or not silent:
                    told_ms = now_ms
                    yield event
                if ended:
                    return
                if self._position >= self.shard.next_ordinal:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_SILENCE_MS / 1000 / clock.scale):
                            await self._woken.wait()
        finally:
            self.shard.watchers.discard(self._woken.set)

    def _check(self, now_ms: int) -> None:
        """Raises ResourceInUse, ResourceNotFound."""
        if self._taken_over:
            raise ResourceInUse(
                f"Another active subscription exists for this consumer: {self.consumer.arn}"
            )
        stream, consumer = self._store.consumer(self.consumer.arn, now_ms)
        if consumer.status == "DELETING" or stream.shard(self.shard.index) is not self.shard:
            raise ResourceNotFound(f"Consumer {consumer.arn} or its shard is being deleted.")

    def _read(self, now_ms: int) -> SubscriptionEvent:
        shard = self.shard
        self._store.expire(self._stream, shard, now_ms)
        page = shard.read(self._position, _EVENT_COUNT_MAX, _EVENT_BYTES_MAX, now_ms)
        self._position = page.next_ordinal
        if shard.ends_at(self._position):
            children = [child_members(child) for child in shard.children]
            return SubscriptionEvent(page, None, children)
        if page.count:
            self._continuation = _last_sequence_number(page)
        return SubscriptionEvent(page, self._continuation, ())


class Subscriptions:
    """Which subscriptions are active: one at most for each consumer and shard."""

    def __init__(self) -> None:
        self._active: dict[tuple[str, str], Subscription] = {}

    async def run(
        self, subscription: Subscription, clock: Clock
    ) -> AsyncGenerator[SubscriptionEvent, None]:
        """The events of a subscription that was `begin`ed."""
        events = subscription.events(clock)
        try:
            async for event in events:
                yield event
        finally:
            await events.aclose()
            key = _key(subscription)
            if self._active.get(key) is subscription:
                del self._active[key]

    def begin(self, subscription: Subscription, now_ms: int) -> None:
        """Makes it the active one. Raises ResourceInUse when the one before is too young."""
        former = self._active.get(_key(subscription))
        if former is not None:
            if now_ms - former.began_ms < TAKEOVER_MS:
                raise ResourceInUse(
                    "Another active subscription exists for this consumer: "
                    f"{subscription.consumer.arn}"
                )
            former.take_over()
        subscription.began_ms = now_ms
        self._active[_key(subscription)] = subscription


def _key(subscription: Subscription) -> tuple[str, str]:
    return subscription.consumer.arn, subscription.shard.id


def _last_sequence_number(page: Page) -> str:
    # Within a record's JSON, quotes are escaped: the mark is that of the last record.
    mark = b'{"SequenceNumber":"'
    text = bytes(page.fragments[-1])
    start = text.rindex(mark) + len(mark)
    return text[start : text.index(b'"', start)].decode("ascii")
