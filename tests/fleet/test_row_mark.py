"""Row marks: short, alike for one id, found again in a partition key."""

import base64
import hashlib

import pytest

from fleet.row_mark import mark_of, marked, row_mark


def test_a_mark_is_the_beginning_of_a_well_known_digest() -> None:
    # b2sum -l 120 of the same bytes gives this in hexadecimal.
    digest = hashlib.blake2b(b"app/OUT/1/Bucephalus", digest_size=15).hexdigest()
    assert base64.urlsafe_b64decode(row_mark("app/OUT/1/Bucephalus")).hex() == digest
    assert len(row_mark("")) == 20


@pytest.mark.parametrize("text", ["Bucephalus", "", "#", "a#b", "🦄" * 400, "#" * 300])
def test_a_mark_is_found_again(text: str) -> None:
    key = marked(text, "row 1", 256)
    assert len(key) <= 256
    assert mark_of(key) == row_mark("row 1")
    assert key.startswith(text[:200])


@pytest.mark.parametrize("key", ["Bucephalus", "", "#", "a#b", "a#" + "x" * 19, "a#" + "x" * 21])
def test_other_keys_have_none(key: str) -> None:
    assert mark_of(key) is None
