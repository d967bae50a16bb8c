"""The ways in which the same records may reach an engine: none of them may change a row."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from analytics_sql.plan import Application
from fleet.batch import Batch
from fleet.row import DeadLetter, Row
from processor.engine import Emitted
from processor.operators.rows import Rows
from processor.reference_tables.engine import ready_engine

END_MS = 1 << 60


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the stream; its number is its place in the input."""

    number: int
    arrival_ms: int
    data: bytes


@dataclass(slots=True)
class Outcome:
    """What a run put out, with the traces of the way itself taken away."""

    window_rows: list[Row] = field(default_factory=list)
    """Rows of closed windows, in the order in which they came."""
    plain_rows: list[Row] = field(default_factory=list)
    """Rows put out while records came in, by id."""
    letters: list[DeadLetter] = field(default_factory=list)

    def take(self, added: Emitted, advanced: Emitted) -> None:
        self.plain_rows += added.rows
        self.window_rows += advanced.rows
        self.letters += added.letters + advanced.letters

    def settled(self) -> "Outcome":
        """Without shard ids and without the order of what comes at once."""

        def plain(text: str) -> str:
            return re.sub(r"shard-\d", "shard", text)

        rows = [replace(row, id=plain(row.id)) for row in self.plain_rows]
        letters = [replace(letter, shard_id=plain(letter.shard_id)) for letter in self.letters]
        return Outcome(
            [replace(row, id=plain(row.id)) for row in self.window_rows],
            sorted(rows, key=lambda row: row.id),
            sorted(letters, key=repr),
        )

    def by_stream(self) -> "Outcome":
        """Stream by stream: how the rows of two mix depends on the steps of the watermark."""
        due = sorted(self.window_rows, key=lambda row: row.stream)
        return Outcome(due, self.plain_rows, self.letters)


def batch_of(records: Sequence[Record], shard: int = 0) -> Batch:
    """The records as one batch of a shard."""
    return Batch(
        shard_id=f"shard-{shard}",
        records=[record.data for record in records],
        arrival_ms=np.array([record.arrival_ms for record in records], np.int64),
        sequence_numbers=[str(record.number) for record in records],
        partition_keys=[f"key {record.number}" for record in records],
        position=str(records[-1].number) if records else None,
    )


def one_by_one(application: Application, records: Sequence[Record]) -> Outcome:
    """A batch a record."""
    return _run(application, [records], lambda _: 1)


def all_at_once(application: Application, records: Sequence[Record]) -> Outcome:
    """One batch."""
    return _run(application, [records], lambda _: len(records))


def random_batches(application: Application, records: Sequence[Record]) -> Outcome:
    """Batches of any size, empty ones too."""
    return _run(application, [records], lambda rng: rng.choice([0, 1, 2, 7, 30]))


def crash_after_every_batch(application: Application, records: Sequence[Record]) -> Outcome:
    """The state goes through dump and load into a fresh engine between any two batches."""
    return _run(application, [records], lambda rng: rng.choice([1, 3, 20]), crash=True)


def four_shards(application: Application, records: Sequence[Record]) -> Outcome:
    """The records spread over four shards that are read at random; crashes, too."""
    rng = random.Random(4)
    return _spread(application, records, lambda _: rng.randrange(4))


def four_shards_by_time(application: Application, records: Sequence[Record]) -> Outcome:
    """The same with the records of one time in one shard: among shards they would have another
    order.
    """
    return _spread(application, records, lambda record: hash(record.arrival_ms) % 4)


def shard_after_shard(
    application: Application, records: Sequence[Record], shard_of: Callable[[Record], int]
) -> Outcome:
    """The records spread over four shards, of which one is read to its end before the next one
    begins: the last one is late by all of the input. Crashes after every batch, too.
    """
    return _spread(application, records, shard_of, in_turn=True)


def _spread(
    application: Application,
    records: Sequence[Record],
    shard_of: Callable[[Record], int],
    *,
    in_turn: bool = False,
) -> Outcome:
    shards: list[list[Record]] = [[], [], [], []]
    for record in records:
        shards[shard_of(record)].append(record)
    size = (3, 30) if in_turn else (1, 2, 9)
    return _run(application, shards, lambda rng: rng.choice(size), crash=True, in_turn=in_turn)


WAYS: tuple[Callable[[Application, Sequence[Record]], Outcome], ...] = (
    all_at_once,
    one_by_one,
    random_batches,
    crash_after_every_batch,
    four_shards,
)


def in_every_way(
    application: Application, records: Sequence[Record], *, together: bool = False
) -> Outcome:
    """The outcome, which must be the same in every way. `together`: the plan depends on the order
    of rows of one time, so these stay in one shard.
    """
    first = all_at_once(application, records).settled()
    ways = (*WAYS[1:-1], four_shards_by_time) if together else WAYS[1:]
    for way in ways:
        outcome = way(application, records).settled()
        assert repr(outcome.by_stream()) == repr(first.by_stream()), way.__name__
    return first


def _run(
    application: Application,
    shards: Sequence[Sequence[Record]],
    size: Callable[[random.Random], int],
    *,
    crash: bool = False,
    in_turn: bool = False,
) -> Outcome:
    rng = random.Random(len(shards[0]))
    outcome, engine = Outcome(), ready_engine(application)
    place = [0] * len(shards)
    clocks = [END_MS if not shard else -END_MS for shard in shards]
    while open_shards := [i for i, shard in enumerate(shards) if place[i] < len(shard)]:
        shard = open_shards[0] if in_turn else rng.choice(open_shards)
        records = shards[shard][place[shard] : place[shard] + size(rng)]
        added = engine.add(batch_of(records, shard))
        place[shard] += len(records)
        if records:
            at_end = place[shard] == len(shards[shard])
            clocks[shard] = END_MS if at_end else records[-1].arrival_ms
        # The last windows close at the end of the run, together.
        watermark_ms = min(clocks)
        advanced = engine.advance(watermark_ms) if watermark_ms < END_MS else Emitted(Rows(), [])
        outcome.take(added, advanced)
        if crash:
            state, engine = engine.dump(), ready_engine(application)
            engine.load(state)
            assert engine.dump() == state, "a state that was loaded is dumped alike"
    outcome.take(Emitted(Rows(), []), engine.advance(END_MS))
    return outcome
