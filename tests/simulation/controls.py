"""Wrong on purpose: each breaks the promise in one place, and histories must find it."""

from collections.abc import Mapping

from chaos.wrong_pipeline import SnapshotFirst, TornSnapshot
from processor.snapshot.base import Snapshot
from processor.source.kinesis import KinesisSource
from tests.simulation.play import Parts
from tests.simulation.world import Snapshots


class ChildrenFirst(KinesisSource):
    """Reads every listed shard at once, whether its parents have been read or not."""

    async def open(self, positions: Mapping[str, str]) -> frozenset[str]:
        await super().open(positions)
        for shard_id in self._lineage._shards.keys() - self._lineage._ended - self._readers.keys():
            self._prepare(shard_id, positions.get(shard_id))
            self._follow_on(shard_id)
        return frozenset(self._readers)


class Unfenced(Snapshots):
    """Takes what a processor saves, whoever has started since."""

    async def save(self, snapshot: Snapshot) -> None:
        self._forget()
        await super().save(snapshot)

    async def claim(self, epoch: int) -> None:
        self._forget()
        await super().claim(epoch)

    def _forget(self) -> None:
        self._stored._shelf.epoch, self._stored._shelf.writer = 0, self._stored


CONTROLS: Mapping[str, Parts] = {
    "snapshot before sinks": Parts(pipeline=SnapshotFirst),
    "torn snapshot": Parts(pipeline=TornSnapshot),
    "child before parent": Parts(source=ChildrenFirst),
    "no fence": Parts(snapshots=Unfenced),
}
