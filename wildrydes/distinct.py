"""Leaves out of a stream of rows what was written twice.

A processor that died between writing rows and saving its snapshot writes those rows again, and a
Kinesis stream keeps both. A repeat has the row mark and the data of the record before it; a row
that was corrected has the mark of the first one and other data, and is news.
"""

import hashlib
from typing import Final

from fleet.row_mark import mark_of
from wildrydes.stream_record import StreamRecord

REMEMBERED_MAX: Final = 1_000_000
"""Rows: about 100 MB. A repeat comes within a snapshot's interval of a crash, so far fewer would do
even for 100,000 rows a minute.
"""


class Distinct:
    """Knows the records it has seen, the newest `remembered_max` of them."""

    def __init__(self, remembered_max: int = REMEMBERED_MAX) -> None:
        self._remembered_max = remembered_max
        self._seen: dict[bytes, None] = {}
        self.repeats = 0
        """Records that were left out."""

    def is_fresh(self, record: StreamRecord) -> bool:
        """Whether nothing like it was seen before. A record without a row mark always is: two equal
        ones may well be meant.
        """
        mark = mark_of(record.partition_key)
        if mark is None:
            return True
        seen = hashlib.blake2b(record.data, key=mark.encode(), digest_size=16).digest()
        if seen in self._seen:
            self.repeats += 1
            return False
        self._seen[seen] = None
        if len(self._seen) > self._remembered_max:
            del self._seen[next(iter(self._seen))]
        return True
