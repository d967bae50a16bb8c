"""The rows of one side of a join that can still meet a row of the other side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analytics_sql.plan import Column
from processor.columns import Columns, Dictionary, Ids, Mask, Origin, Vector, vector_of
from processor.operators.hold import joined
from processor.operators.lineage import KeptLineage
from processor.operators.pairing import empty_vectors

ROW_BYTES: Final = 350
"""About what a row takes: its name, its record's place, its times and marks."""
NO_KEY: Final = -1
"""The key of a row one of whose keys is NULL."""
WORDS_MIN: Final = 16_384

Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the rows of a side come from."""

    times: Ids
    names: Objects
    """What `identities` of their lineage says without a prefix."""
    origins: Objects


class JoinSide:
    """Rows in the order in which they came, which is that of their times."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self.times: Ids = np.zeros(0, np.int64)
        self.keys: Ids = np.zeros(0, np.int64)
        self.matched: Mask = np.zeros(0, np.bool_)
        self.names: Objects = np.zeros(0, object)
        self.origins: Objects = np.zeros(0, object)
        self.vectors = empty_vectors(columns)

    def __len__(self) -> int:
        return len(self.times)

    def append(self, columns: Columns, keys: Ids) -> None:
        """Takes rows in, none of which is earlier than one that is there."""
        count = len(columns)
        self.times = np.concatenate([self.times, columns.rowtime_ms])
        self.keys = np.concatenate([self.keys, keys])
        self.matched = np.concatenate([self.matched, np.zeros(count, np.bool_)])
        self.names = np.concatenate([self.names, _objects(columns.lineage.identities(""))])
        origins = [columns.lineage.origin(row) for row in range(count)]
        self.origins = np.concatenate([self.origins, _objects(origins)])
        for column in self._columns:
            mine, new = self.vectors[column.name], columns.vectors[column.name]
            self.vectors[column.name] = joined([mine, _with_words_of(mine, new)])

    def drop(self, count: int) -> None:
        """Forgets that many rows, the first ones."""
        if not count:
            return
        self.times, self.keys = self.times[count:], self.keys[count:]
        self.matched = self.matched[count:]
        self.names, self.origins = self.names[count:], self.origins[count:]
        rest = np.arange(count, count + len(self.times))
        for column in self._columns:
            vector = self.vectors[column.name].take(rest)
            if vector.words is not None and len(vector.words) > WORDS_MIN + 2 * len(vector):
                vector = vector_of(vector.to_list(), column.type)
            self.vectors[column.name] = vector

    def rows(self) -> Columns:
        """All of them."""
        lineage = KeptLineage(self.names.tolist(), self.origins.tolist(), ())
        return Columns(self.vectors, self.times, lineage)

    @property
    def places(self) -> Places:
        """Where its rows come from; it stays as it is when rows come and go."""
        return Places(self.times, self.names, self.origins)

    @property
    def state_bytes(self) -> int:
        """See Operator."""
        return (ROW_BYTES + 16 * len(self._columns)) * len(self)

    def dump(self) -> Any:
        """The rows, as msgpack can hold them."""
        return (
            self.times.tolist(),
            self.matched.tolist(),
            self.names.tolist(),
            [
                (o.shard_id, o.sequence_number, o.partition_key, o.arrival_ms)
                for o in self.origins.tolist()
            ],
            [self.vectors[column.name].to_list() for column in self._columns],
        )

    def load(self, state: Any) -> Columns:
        """The rows of a dump, to append with their keys; `matched` is set by the caller after."""
        times, _, names, origins, lists = state
        vectors = {
            column.name: vector_of(values, column.type)
            for column, values in zip(self._columns, lists, strict=True)
        }
        lineage = KeptLineage(names, [Origin(*origin) for origin in origins], ())
        return Columns(vectors, np.array(times, np.int64), lineage)


@dataclass(frozen=True, slots=True)
class PairLineage:
    """Pairs of rows: what tells each of the two apart, tells the pair apart. -1 is no row."""

    left: Places
    right: Places
    lefts: Ids
    rights: Ids

    @property
    def strand(self) -> tuple[str, ...]:
        """See Lineage: a join puts its rows in order."""
        return ()

    def take(self, rows: Ids) -> "PairLineage":
        """See Lineage."""
        return PairLineage(self.left, self.right, self.lefts[rows], self.rights[rows])

    def identities(self, prefix: str) -> list[str]:
        """See Lineage."""
        left, right = self.left.names, self.right.names
        return [
            f"{prefix}{f'[{left[i]}]' if i >= 0 else 'null'},"
            f"{f'[{right[j]}]' if j >= 0 else 'null'}"
            for i, j in zip(self.lefts.tolist(), self.rights.tolist(), strict=True)
        ]

    def origin(self, row: int) -> Origin:
        """That of the later row, the left one of two of one time."""
        i, j = int(self.lefts[row]), int(self.rights[row])
        is_right = j >= 0 and (i < 0 or self.right.times[j] > self.left.times[i])
        origin: Origin = self.right.origins[j] if is_right else self.left.origins[i]
        return origin


def _with_words_of(mine: Vector, new: Vector) -> Vector:
    """The same column with the ids of the words that are kept: they stay when a batch's are gone.

    A dictionary only grows, so that it can be shared: this one belongs to the side alone.
    """
    if new.words is None or new.words is mine.words:
        return new
    words = mine.words
    assert isinstance(words, Dictionary)
    used, inverse = np.unique(new.values, return_inverse=True)
    texts = [new.words.entries[i] for i in used.tolist()]
    return Vector(words.ids(texts, len(texts))[inverse], words=words)


def _objects(values: Sequence[Any]) -> Objects:
    array = np.empty(len(values), object)
    array[:] = values
    return array
