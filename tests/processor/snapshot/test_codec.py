"""Snapshots as bytes, and back."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from fleet.errors import SnapshotCorrupt
from processor.snapshot.codec import HEADER, decode, encode
from tests.processor.snapshot.samples import FIRST


def test_another_format_is_named() -> None:
    later = HEADER.replace(b"2", b"9") + b"anything"
    with pytest.raises(SnapshotCorrupt, match="format 9"):
        decode(later, "file")


@given(
    st.binary(max_size=200),
    st.dictionaries(st.text(max_size=5), st.text("0123456789", min_size=1), max_size=4),
    st.dictionaries(st.text(max_size=5), st.integers(-(2**62), 2**62), max_size=4),
)
def test_decode_is_the_inverse_of_encode(
    state: bytes, positions: dict[str, str], clocks_ms: dict[str, int]
) -> None:
    snapshot = replace(FIRST, state=state, positions=positions, clocks_ms=clocks_ms)
    assert decode(encode(snapshot), "memory") == snapshot
