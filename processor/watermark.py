"""The application's clock: how far the time of every shard has come.

A window may close only when no record of it can still come from any shard, so the watermark is the
minimum over the shards' clocks. A shard's clock is the arrival time of its last record, or, when
it is at its tip and silent, the time up to which the source says that it is complete: an idle
stream closes its last window too. A shard that ended hands its clock to its children before it
leaves, so that the minimum never runs ahead of records that are still unread.
"""

from collections.abc import Collection, Mapping

from fleet.batch import SHARD_END, Batch

BEGINNING_MS = -(1 << 62)
"""The clock of a shard of which nothing is known yet: nothing closes before it is heard of."""
END_MS = 1 << 60
"""The watermark of an input that has come to its end: nothing is held back any longer."""


class Watermark:
    """`observe` each batch; `now_ms` never decreases."""

    def __init__(self, shards: Collection[str], clocks_ms: Mapping[str, int]) -> None:
        self._clocks_ms = {shard: clocks_ms.get(shard, BEGINNING_MS) for shard in shards}
        self._now_ms = BEGINNING_MS
        self._rise()

    @property
    def now_ms(self) -> int:
        """No row with an earlier ROWTIME is still to come; BEGINNING_MS at first."""
        return self._now_ms

    @property
    def clocks_ms(self) -> Mapping[str, int]:
        """The clock of each shard that counts."""
        return dict(self._clocks_ms)

    def observe(self, batch: Batch, time_ms: int | None = None) -> None:
        """Takes the time of a batch that has been processed: `time_ms`, or what its arrivals and
        its tip say.
        """
        clock_ms = self._clocks_ms.get(batch.shard_id, BEGINNING_MS)
        if time_ms is not None:
            clock_ms = max(clock_ms, time_ms)
        else:
            if len(batch):
                clock_ms = max(clock_ms, int(batch.arrival_ms[-1]))
            if batch.tip_ms is not None:
                clock_ms = max(clock_ms, batch.tip_ms)
        self._clocks_ms[batch.shard_id] = clock_ms
        if batch.position == SHARD_END:
            for child in batch.children:
                # A merged child has its records after those of both parents: the later clock.
                known_ms = self._clocks_ms.get(child, BEGINNING_MS)
                self._clocks_ms[child] = max(known_ms, clock_ms)
            del self._clocks_ms[batch.shard_id]
        self._rise()

    def _rise(self) -> None:
        if self._clocks_ms:
            self._now_ms = max(self._now_ms, min(self._clocks_ms.values()))
