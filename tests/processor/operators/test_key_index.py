"""The index of a join's rows, and the order of its pairs, against plain loops."""

import random

import numpy as np
import pytest

from processor.operators.key_index import KeyIndex
from processor.operators.pairing import order_by


@pytest.mark.parametrize("seed", range(20))
def test_what_is_found_is_what_is_there(seed: int) -> None:
    rng = random.Random(seed)
    index, keys, first = KeyIndex(), list[int](), 0
    for _ in range(30):
        more = [rng.randrange(-1, 5) for _ in range(rng.choice([1, 2, 40]))]
        index.append(len(keys), np.array(more, np.int64))
        keys += more
        first = rng.randrange(first, len(keys) + 1)
        index.drop(first)
        probes = sorted(rng.randrange(0, 6) for _ in range(10))
        lows = [rng.randrange(first, len(keys) + 1) for _ in probes]
        highs = [rng.randrange(low, len(keys) + 1) for low in lows]
        columns = (np.array(column, np.int64) for column in (probes, lows, highs))
        found = [
            pair
            for probe, positions in index.find(*columns)
            for pair in zip(probe.tolist(), positions.tolist(), strict=True)
        ]
        assert sorted(found) == [
            (i, position)
            for i, key in enumerate(probes)
            for position in range(lows[i], highs[i])
            if keys[position] == key
        ]


@pytest.mark.parametrize("largest", [1, 1000, 2**62], ids=["flat", "packed", "too wide to pack"])
def test_rows_come_in_the_order_of_their_columns(largest: int) -> None:
    rng = random.Random(largest)
    rows = list({tuple(rng.randint(-1, largest) for _ in range(3)) for _ in range(300)})
    columns = np.array(rows, np.int64).T
    assert [rows[i] for i in order_by(*columns).tolist()] == sorted(rows)
    assert order_by(*columns[:, :0]).tolist() == []
