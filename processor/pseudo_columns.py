"""The columns of a source that no record holds: what Kinesis says of each record.

Source: DG:timestamps-rowtime-concepts.md; DG:input-parallelism.md.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from fleet.batch import Batch
from processor.columns import Dictionary, Vector


class PseudoColumns:
    """Makes those that a plan reads."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._partition_keys = Dictionary()
        self._shard_ids = Dictionary()

    def vectors(self, batch: Batch) -> Mapping[str, Vector]:
        """The columns of a batch, by name."""
        return {name: self._vector(name, batch) for name in self._names}

    def forget(self, words_max: int) -> None:
        """Starts a new dictionary when the partition keys are more than this."""
        if len(self._partition_keys) > words_max:
            self._partition_keys = Dictionary()

    def _vector(self, name: str, batch: Batch) -> Vector:
        if name == "APPROXIMATE_ARRIVAL_TIME":
            return Vector(batch.arrival_ms)
        if name == "PARTITION_KEY":
            return _texts(batch.partition_keys, self._partition_keys)
        if name == "SEQUENCE_NUMBER":
            # Each is new: nothing is gained by remembering them.
            return _texts(batch.sequence_numbers, Dictionary())
        (shard,) = self._shard_ids.ids([batch.shard_id], 1).tolist()
        return Vector(np.full(len(batch), shard, np.int64), words=self._shard_ids)


def _texts(texts: Sequence[str], words: Dictionary) -> Vector:
    return Vector(words.ids(texts, len(texts)), words=words)
