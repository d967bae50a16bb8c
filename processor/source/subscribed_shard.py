"""One shard of a Kinesis stream, pushed by SubscribeToShard as its records come.

Source of the rules: the API reference of SubscribeToShard. A subscription lasts five minutes and
is then made anew after the last event's ContinuationSequenceNumber; at the end of a shard that one
is missing, and the event names the shard's children.
"""

from collections.abc import Mapping
from typing import Any

from awsio.answer import answered_ms
from awsio.retry import Backoff, error_code, reason_to_wait
from fleet.batch import SHARD_END, Batch
from processor.source.shard import Access, Place, batch_of, place_members


class SubscribedShard:
    """As ShardReader, for a consumer that is registered. It reads on where it was when a
    subscription ends; gaps are not looked for."""

    def __init__(
        self,
        access: Access,
        consumer_arn: str,
        shard_id: str,
        place: Place,
    ) -> None:
        self._access = access
        self._consumer_arn = consumer_arn
        self._shard_id = shard_id
        self._place = place
        self._position = place.position
        self._stream: Any = None
        """The subscription's events, while there is one."""
        self._events: Any = None
        self._has_heard = False
        """Whether the subscription has had an event."""
        self._backoff = Backoff()
        self.complete_ms: int | None = None
        """It is not told: see KinesisSource."""
        self.is_failing = False
        self.described_children: list[dict[str, Any]] = []

    async def begin(self) -> None:
        """Takes its place in the shard; `read` does it otherwise."""
        while self._events is None:
            try:
                await self._subscribe()
            except Exception as error:
                await self._recover(error)

    async def read(self) -> Batch:
        """The next records, or an empty batch at the tip; the last batch has position SHARD_END.

        The batch is held in the ReadAhead. Raises ResourceMissing when the shard is gone.
        """
        while True:
            # Waited for, and not kept: an event comes when it comes, and others need the room.
            async with self._access.ahead.room():
                pass
            await self.begin()
            try:
                answer = await anext(self._events, None)
            except Exception as error:
                self.close()
                await self._recover(error)
                continue
            if answer is None:
                self.close()
                if not self._has_heard:
                    # One that ends as soon as it begins must not be made anew in a hurry.
                    what = f"stream {self._access.stream}, {self._shard_id}"
                    reason = f"{what}: a subscription ended at once"
                    await self._backoff.wait(reason, self._access.on_wait)
                continue
            self._has_heard = True
            batch = self._batch(answer["SubscribeToShardEvent"])
            self._access.ahead.hold(batch)
            self._backoff.reset()
            self.is_failing = False
            return batch

    def close(self) -> None:
        """Ends the subscription."""
        if self._stream is not None:
            self._stream.close()
        self._stream = self._events = None

    async def _subscribe(self) -> None:
        answer = await self._access.client.subscribe_to_shard(
            ConsumerARN=self._consumer_arn,
            ShardId=self._shard_id,
            StartingPosition=place_members(self._place, "Type", "SequenceNumber"),  # type: ignore[arg-type]
        )
        self._stream = answer["EventStream"]
        self._events = aiter(self._stream)
        self._has_heard = False
        now_ms = answered_ms(answer)
        if self._place.latest and now_ms is not None:
            # Should it end before its first event, LATEST would be another place.
            self._place = Place(since_ms=now_ms)

    async def _recover(self, error: Exception) -> None:
        """Waits until another attempt makes sense; raises what waiting does not mend."""
        what = f"stream {self._access.stream}, {self._shard_id}"
        if error_code(error) == "ResourceInUseException":
            # Five seconds after it was lost an old subscription still counts; or it is another's.
            reason = f"{what}: the consumer has another subscription to it"
        else:
            reason = reason_to_wait(error, what)
        self.is_failing = True
        await self._backoff.wait(reason, self._access.on_wait)

    def _batch(self, event: Mapping[str, Any]) -> Batch:
        continuation = event.get("ContinuationSequenceNumber")
        records = event["Records"]
        if records:
            self._position = records[-1]["SequenceNumber"]
        if continuation is None:
            self.described_children = list(event.get("ChildShards", []))
            return batch_of(self._shard_id, records, SHARD_END, None)
        # Of a shard without records, too: the next subscription begins there.
        self._place = Place(continuation)
        return batch_of(self._shard_id, records, self._position, None)
