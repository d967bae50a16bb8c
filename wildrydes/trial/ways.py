"""The ways in which the same records may reach an application. None of them may change a row.

What a processor sees depends on the service, the network and on its own restarts: how many records
a read returns, where it was killed, over how many shards the records are spread.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from analytics_sql.combination import Join, Sort, TimeSort
from analytics_sql.plan import Application, Node, Slide, Tumble, inputs_of, scans_of
from fleet.row import Row
from processor.engine import Engine
from processor.reference_tables.engine import ready_engine
from wildrydes.trial.record_file import FileRecord
from wildrydes.trial.trial import Trial, batches

SHARDS = 4
_ORDERED = frozenset({"FIRST_VALUE", "LAST_VALUE", "EXP_AVG"})

Records = Sequence[FileRecord]
Way = Callable[[Application, Records], list[Row]]


def all_at_once(application: Application, records: Records) -> list[Row]:
    """As few batches as the shards allow: the way whose rows and order are expected."""
    return _run(application, records, lambda: len(records))


def one_by_one(application: Application, records: Records) -> list[Row]:
    """A batch a record."""
    return _run(application, records, lambda: 1)


def random_batches(application: Application, records: Records) -> list[Row]:
    """Batches of any size."""
    rng = random.Random(len(records))
    return _run(application, records, lambda: rng.choice((1, 2, 3, 5, 8)))


def restarts(application: Application, records: Records) -> list[Row]:
    """After every batch the state goes into a fresh engine, as after a crash."""
    rng = random.Random(len(records))

    def renew(engine: Engine) -> Engine:
        fresh = ready_engine(application)
        fresh.load(engine.dump())
        return fresh

    return _run(application, records, lambda: rng.choice((1, 2, 3)), renew)


def four_shards(application: Application, records: Records) -> list[Row]:
    """Over four shards, read in turn by chance."""
    rng = random.Random(len(records))
    spread = [replace(r, shard_id=f"shard-{rng.randrange(SHARDS)}") for r in records]
    waiting: dict[str, list[FileRecord]] = {}
    for record in spread:
        waiting.setdefault(record.shard_id, []).append(record)
    read: list[FileRecord] = []
    while waiting:
        shard = rng.choice(sorted(waiting))
        count = rng.choice((1, 2, 3))
        read += waiting[shard][:count]
        waiting[shard] = waiting[shard][count:]
        if not waiting[shard]:
            del waiting[shard]
    return _run(application, read, lambda: rng.choice((1, 2, 3)))


def ways_for(application: Application, records: Records) -> dict[str, Way]:
    """The ways, by name, that must give the same rows as all_at_once.

    Not over four shards: records that name their shards, applications that read it, event time, as
    its shard decides whether a record is late, and rows whose place among those of the same time
    counts, since the shard is what decides there.
    """
    ways: dict[str, Way] = {
        "one record a batch": one_by_one,
        "random batches": random_batches,
        "restart after every batch": restarts,
    }
    names_shard = any(record.names_shard for record in records)
    times = {record.arrival_ms for record in records}
    has_ties = len(times) < len(records)
    shard_counts = names_shard or _reads_shard(application) or application.event_time is not None
    if not shard_counts and not (has_ties and _heeds_order(application)):
        ways["four shards"] = four_shards
    return ways


def _run(
    application: Application,
    records: Iterable[FileRecord],
    size: Callable[[], int],
    renew: Callable[[Engine], Engine] | None = None,
) -> list[Row]:
    held = list(records)
    counts = Counter(record.shard_id for record in held)
    trial = Trial(application, renew)
    return [row for rows in trial.run_batches(batches(held, counts, size), counts) for row in rows]


def _reads_shard(application: Application) -> bool:
    scans = [scan for pump in application.pumps for scan in scans_of(pump.query)]
    return any(column.name == "SHARD_ID" for scan in scans for column in scan.columns)


def _heeds_order(application: Application) -> bool:
    return any(_node_heeds_order(pump.query) for pump in application.pumps)


def _node_heeds_order(node: Node) -> bool:
    if isinstance(node, Slide | Join | Sort | TimeSort):
        return True
    if isinstance(node, Tumble):
        ordered = any(aggregate.function in _ORDERED for aggregate in node.aggregates)
        if ordered or node.time is not None:
            return True
    return any(_node_heeds_order(input) for input in inputs_of(node))
