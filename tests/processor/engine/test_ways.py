"""One plan in every way in which its records may reach an engine; and wrong engines, which the same
check must catch, or it would prove nothing.
"""

import json
import random
from typing import Any

import numpy as np
import pytest

from analytics_sql.expression import ColumnRef, RowTime
from analytics_sql.plan import Aggregate, Stream
from analytics_sql.types import BIGINT, DOUBLE, TIMESTAMP
from processor.columns import Ids, Vector
from processor.operators import measure
from processor.operators.groups import Groups
from processor.operators.lineage import RecordLineage
from processor.operators.measure import Measure
from tests.processor.engine.plans import (
    SOURCE,
    application,
    columns_of,
    project,
    pump,
    scan,
    source,
    tumbling,
    varchar,
)
from tests.processor.engine.runs import Record, in_every_way

COLUMNS = {"word": varchar(8), "real": DOUBLE}
WORD, REAL = (ColumnRef(name, type) for name, type in COLUMNS.items())
TOTALS = Stream(
    "TOTALS", columns_of({"word": varchar(8), "end": TIMESTAMP, "total": DOUBLE, "values": BIGINT})
)
COPY = Stream("COPY", columns_of({"word": varchar(8)}))
_SUMS = (Aggregate("SUM", REAL, DOUBLE, "total"), Aggregate("COUNT", REAL, BIGINT, "values"))
_WINDOW = tumbling(scan(SOURCE, COLUMNS), (WORD,), _SUMS, 10_000)
_OUTPUTS = (WORD, RowTime(), ColumnRef("total", DOUBLE), ColumnRef("values", BIGINT))
PLAN = application(
    source(COLUMNS),
    [TOTALS, COPY],
    [
        pump(project(_WINDOW, *_OUTPUTS), TOTALS, "SUMS"),
        pump(project(scan(SOURCE, COLUMNS), WORD), COPY, "COPIES"),
    ],
)


def readings() -> list[Record]:
    """200 readings of five unicorns over a minute."""
    rng = random.Random(7)
    made = []
    for number, arrival_ms in enumerate(sorted(rng.randrange(60_000) for _ in range(200))):
        real = rng.choice([rng.uniform(29, 31), rng.uniform(29, 31), None])
        word = rng.choice(["Balios", "Arion", "Xanthos", "Pegasus", None])
        made.append(Record(number, arrival_ms, json.dumps({"word": word, "real": real}).encode()))
    return made


def test_every_way_gives_the_same_rows() -> None:
    outcome = in_every_way(PLAN, readings())
    assert len(outcome.plain_rows) == 200
    assert len(outcome.window_rows) == 30


class PlainSum:
    """A sum of DOUBLEs as it is usually made: in the order in which they come."""

    def __init__(self) -> None:
        self.values = np.zeros(0)

    def grow(self, size: int) -> None:
        self.values = np.concatenate([self.values, np.zeros(size - len(self.values))])

    def add(self, groups: Ids, vector: Vector) -> None:
        np.add.at(self.values, groups, vector.values)

    def sums(self, groups: Ids) -> Vector:
        return Vector(self.values[groups])

    def dump(self, groups: Ids) -> list[float]:
        values: list[float] = self.values[groups].tolist()
        return values

    def load(self, groups: Ids, state: list[float]) -> None:
        self.values[groups] = state


class PartialSum(PlainSum):
    """A sum of sums of batches."""

    def add(self, groups: Ids, vector: Vector) -> None:
        self.values += np.bincount(groups, vector.values, len(self.values))


def rows_as_they_came(groups: Groups, ids: Ids) -> Ids:
    """No order of keys."""
    return ids


def load_without_nulls(measure: Measure, groups: Ids, state: list[Any]) -> None:
    """A restart that forgets how many NULLs there were."""
    LOAD(measure, groups, [bytes(len(state[0])), state[1]])


LOAD = Measure.load


def identities_by_place(lineage: RecordLineage, prefix: str) -> list[str]:
    """Ids made of the place in the batch."""
    return [f'{prefix}"{i}"' for i in range(len(lineage.batch))]


@pytest.mark.parametrize(
    ("where", "name", "wrong", "caught_by"),
    [
        (measure, "DoubleSum", PartialSum, "random_batches"),
        (measure, "DoubleSum", PlainSum, "four_shards"),
        (Groups, "sorted", rows_as_they_came, "crash_after_every_batch|four_shards"),
        (Measure, "load", load_without_nulls, "dumped alike"),
        (RecordLineage, "identities", identities_by_place, "one_by_one"),
    ],
)
def test_a_wrong_engine_is_caught(
    where: object, name: str, wrong: object, caught_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, wrong)
    with pytest.raises(AssertionError, match=caught_by):
        in_every_way(PLAN, readings())
