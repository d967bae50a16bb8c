"""Which shards may be read, over hand-drawn family trees and random histories."""

import random
from collections.abc import Iterable

from hypothesis import given, strategies as st

from awsio.lineage import Lineage, Shard


def lineage(*shards: Shard, ended: Iterable[str] = ()) -> Lineage:
    tree = Lineage(ended)
    tree.learn(shards)
    return tree


def test_roots_first_then_children_of_ended_parents() -> None:
    tree = lineage(Shard("a"), Shard("b"), Shard("c", ("a", "b")), Shard("d", ("c",)))
    assert tree.readable() == ["a", "b"]
    tree.end("a")
    assert tree.readable() == ["b"]
    tree.end("b")
    assert tree.readable() == ["c"]
    tree.end("c")
    assert tree.readable() == ["d"]


def test_a_parent_that_outlived_its_retention_holds_nobody_back() -> None:
    assert lineage(Shard("c", ("gone", "gone too"))).readable() == ["c"]


def test_children_of_a_split_and_of_a_merge() -> None:
    tree = lineage(
        Shard("a"), Shard("b"), Shard("c", ("a",)), Shard("d", ("a",)), Shard("e", ("b",))
    )
    assert tree.children("a") == ("c", "d")
    assert tree.children("b") == ("e",)
    assert tree.children("e") == ()


def test_an_older_listing_that_comes_last_hides_no_child() -> None:
    tree = lineage(Shard("a"), Shard("b", ("a",)))
    tree.learn([Shard("a")])
    tree.end("a")
    assert tree.readable() == ["b"]


def test_a_shard_is_over_when_it_has_ended_and_is_no_longer_listed() -> None:
    tree = lineage(Shard("b", ("a",)), Shard("c", ("b",)), ended=["a", "b"])
    assert [tree.is_over(shard) for shard in "abc"] == [True, False, False]
    assert tree.readable() == ["c"]
    tree.learn([Shard("c", ("b",))])
    assert tree.is_over("b")
    # What is over is not needed: without it the same shards are readable.
    assert lineage(Shard("c", ("b",))).readable() == tree.readable()


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
    tree = lineage(*shards.values())
    read: list[str] = []
    while choices := tree.readable():
        chosen = rng.choice(choices)
        assert all(parent in read for parent in shards[chosen].parents)
        read.append(chosen)
        tree.end(chosen)
    assert sorted(read) == sorted(shards)
