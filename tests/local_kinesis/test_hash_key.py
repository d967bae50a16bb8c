import hashlib
from itertools import pairwise

import pytest

from local_kinesis.hash_key import even_ranges, partition_hash_key


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 1000])
def test_ranges_cover_every_hash_key_once(count: int) -> None:
    ranges = even_ranges(count)
    assert len(ranges) == count
    assert ranges[0].start == 0
    assert ranges[-1].end == 2**128 - 1
    for left, right in pairwise(ranges):
        assert right.start == left.end + 1


def test_three_shards_are_cut_where_the_service_cuts() -> None:
    """The ends that the service gave for a stream of three shards, as others have published."""
    assert [(str(one.start), str(one.end)) for one in even_ranges(3)] == [
        ("0", "113427455640312821154458202477256070484"),
        ("113427455640312821154458202477256070485", "226854911280625642308916404954512140969"),
        ("226854911280625642308916404954512140970", "340282366920938463463374607431768211455"),
    ]


@pytest.mark.parametrize("key", ["Shadowfax", "é", "独角兽", "\N{UNICORN FACE}", " "])
def test_a_partition_key_hashes_to_its_md5(key: str) -> None:
    assert partition_hash_key(key).hex() == hashlib.md5(key.encode()).hexdigest()
