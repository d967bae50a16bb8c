"""No application by chance, over records by chance, depends on how the records reach it."""

from pathlib import Path
from random import Random

import pytest

from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from processor.explain.explanation import explain
from processor.explain.tree import tree_text
from tests.sql.random_application import random_application, random_records
from wildrydes.trial.verdict import difference_between_ways

SCHEMA = InputSchema.read(Path(__file__).with_name("schema.json"))


def check(seed: int) -> int:
    """How many ways were tried."""
    rng = Random(seed)
    text, records = random_application(rng), random_records(rng)
    application = compile_application(text, name="random", schema=SCHEMA)
    assert tree_text(explain(application))
    ways, found = difference_between_ways(application, records)
    assert found is None, (seed, text, found)
    return len(ways)


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_every_way_gives_the_same_rows(start: int) -> None:
    assert sum(map(check, range(start, start + 20))) >= 60


@pytest.mark.long
def test_every_way_gives_the_same_rows_of_many() -> None:
    for seed in range(1000, 3000):
        check(seed)
