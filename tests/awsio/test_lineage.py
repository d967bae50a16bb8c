"""Which shards may be read, over hand-drawn family trees and random histories."""

import random

from hypothesis import given, strategies as st

from awsio.lineage import Shard, children, readable


def graph(*shards: Shard) -> dict[str, Shard]:
    return {shard.id: shard for shard in shards}


def test_roots_first_then_children_of_ended_parents() -> None:
    tree = graph(Shard("a"), Shard("b"), Shard("c", ("a", "b")), Shard("d", ("c",)))
    assert readable(tree, set()) == ["a", "b"]
    assert readable(tree, {"a"}) == ["b"]
    assert readable(tree, {"a", "b"}) == ["c"]
    assert readable(tree, {"a", "b", "c"}) == ["d"]


def test_a_parent_that_outlived_its_retention_holds_nobody_back() -> None:
    assert readable(graph(Shard("c", ("gone", "gone too"))), set()) == ["c"]


def test_children_of_a_split_and_of_a_merge() -> None:
    tree = graph(Shard("a"), Shard("b"), Shard("c", ("a",)), Shard("d", ("a",)), Shard("e", ("b",)))
    assert children(tree, "a") == ("c", "d")
    assert children(tree, "b") == ("e",)
    assert children(tree, "e") == ()


@given(st.integers(0, 2**32))
def test_every_shard_is_read_once_and_after_its_ancestors(seed: int) -> None:
    """Random splits and merges, read in any permitted order."""
    rng = random.Random(seed)
    shards = {f"s{i}": Shard(f"s{i}") for i in range(rng.randint(1, 3))}
    open_shards = sorted(shards)
    for _ in range(rng.randint(0, 12)):
        parents = tuple(rng.sample(open_shards, min(len(open_shards), rng.choice([1, 1, 2]))))
        for _ in range(1 if len(parents) == 2 else 2):
            child = Shard(f"s{len(shards)}", parents)
            shards[child.id] = child
            open_shards.append(child.id)
        open_shards = [s for s in open_shards if s not in parents]
    read: list[str] = []
    while choices := readable(shards, read):
        chosen = rng.choice(choices)
        assert all(parent in read for parent in shards[chosen].parents)
        read.append(chosen)
    assert sorted(read) == sorted(shards)
