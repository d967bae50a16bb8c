"""A row's identity in few characters, for streams, which cannot overwrite: who reads such a stream
knows a row that was written again by its mark, and leaves it out.

The mark stands at the end of the record's partition key, after the last `#`:
`Bucephalus#yDJ9...`. The data is left as the service wrote it. Which shard a row goes to does not
depend on its mark (sinks/kinesis.py).
"""

import base64
import hashlib
import re
from typing import Final

MARK_BYTES: Final = 15
"""120 bits: of 2^40 rows, two have the same mark with a probability below 10^-12."""
MARK_CHARACTERS: Final = MARK_BYTES * 4 // 3

_MARKED = re.compile(rf"#([A-Za-z0-9_-]{{{MARK_CHARACTERS}}})\Z")


def row_mark(row_id: str) -> str:
    """The mark of the row of that id: 20 characters of A-Z, a-z, 0-9, `-` and `_`."""
    digest = hashlib.blake2b(row_id.encode(), digest_size=MARK_BYTES).digest()
    return base64.urlsafe_b64encode(digest).decode()


def marked(text: str, row_id: str, characters_max: int) -> str:
    """`text`, cut so that all has at most so many characters, and the mark."""
    return f"{text[: characters_max - MARK_CHARACTERS - 1]}#{row_mark(row_id)}"


def mark_of(partition_key: str) -> str | None:
    """The mark in a record's partition key, or None where there is none."""
    found = _MARKED.search(partition_key)
    return None if found is None else found[1]
