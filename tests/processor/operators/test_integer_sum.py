"""Sums of integers against Python's, which have no end."""

import random

import numpy as np

from analytics_sql.types import BIGINT
from processor.columns import vector_of
from processor.operators.integer_sum import IntegerSum


def test_sums_and_means_are_python_s() -> None:
    rng = random.Random(1)
    edges = [2**63 - 1, -(2**63), 2**32, -(2**32), 2**31, -1, 0, 1]
    at = np.arange(4)
    for _ in range(200):
        values = [
            rng.choice([*edges, rng.getrandbits(64) - 2**63]) for _ in range(rng.randint(1, 30))
        ]
        groups = [rng.randrange(4) for _ in values]
        total = IntegerSum()
        total.grow(4)
        half = len(values) // 2
        for part in (slice(half), slice(half, None)):
            total.add(np.array(groups[part], np.int64), vector_of(values[part], BIGINT))
            state, total = total.dump(at), IntegerSum()
            total.grow(4)
            total.load(at, state)
        sums = total.sums(at)
        counts = [max(1, groups.count(group)) for group in range(4)]
        means = total.means(at, np.array(counts), None).to_list()
        quotients = total.means(at, np.array(counts), 0).to_list()
        for group in range(4):
            exact = sum(v for v, g in zip(values, groups, strict=True) if g == group)
            if -(2**63) <= exact < 2**63:
                assert sums.values[group] == exact
                assert group not in sums.failed
            else:
                assert sums.failed[group] == "the sum overflows BIGINT"
            quotient = abs(exact) // counts[group]
            assert means[group] == (quotient if exact >= 0 else -quotient)
            assert quotients[group] == exact / counts[group]
