"""Records that hold several rows: values one after another, an array, or what stands at a
RecordRowPath.

Each row is JSON text in its record, so whichever decoder is right for one row a record decodes it.
"""

from collections.abc import Sequence

import numpy as np

from analytics_sql.record_format import Path
from fleet.errors import DecodeError
from processor.columns import Ids
from processor.decode.base import Decoded, Decoder
from processor.decode.json_text import elements_of, json_values, value_at
from processor.decode.json_walk import TOO_DEEP

_REFUSED = b""
"""No decoder makes a row of it: it keeps the place of a record that has none."""


class JsonRowsDecoder:
    """See Decoder. `inner` decodes the rows.

    Without a row path nearly every record is one row: the others are those that `inner` refuses,
    so that looking for them costs nothing.
    """

    def __init__(self, inner: Decoder, row_path: Path) -> None:
        self._inner = inner
        self._row_path = row_path

    @property
    def handed_over(self) -> int:
        """See Decoder."""
        return self._inner.handed_over

    def decode(self, records: Sequence[bytes]) -> Decoded:
        """See Decoder."""
        if self._row_path:
            return self._several(records, range(len(records)))
        decoded = self._inner.decode(records)
        if not decoded.errors:
            return decoded
        refused = sorted({decoded.record(row) for row, _ in decoded.errors})
        several = [i for i in refused if _is_several(records[i])]
        return self._several(records, several) if several else decoded

    def forget(self, words_max: int) -> None:
        """See Decoder."""
        self._inner.forget(words_max)

    def _several(self, records: Sequence[bytes], several: Sequence[int]) -> Decoded:
        """The rows of all records, of which `several` may have more or fewer than one."""
        rows: list[bytes] = []
        record_of: list[int] = []
        errors: dict[int, str] = {}
        looked_at = set(several)
        for i, record in enumerate(records):
            found = [record]
            if i in looked_at:
                try:
                    found = self._rows(record)
                except (DecodeError, RecursionError) as error:
                    is_deep = isinstance(error, RecursionError)
                    errors[len(rows)] = TOO_DEEP if is_deep else str(error)
                    found = [_REFUSED]
            rows += found
            record_of += [i] * len(found)
        decoded = self._inner.decode(rows)
        outer = np.array(record_of, np.int64)
        given = outer if decoded.records is None else outer[decoded.records]
        return Decoded(
            decoded.vectors,
            [(row, errors.get(decoded.record(row), why)) for row, why in decoded.errors],
            given,
            _places(given),
        )

    def _rows(self, record: bytes) -> list[bytes]:
        """The rows of a record, as JSON text. Raises DecodeError."""
        rows: list[bytes] = []
        for value in json_values(record):
            found = value_at(value, self._row_path)
            if found is None or found == b"null":
                raise DecodeError("the record has nothing at the RecordRowPath")
            elements = elements_of(found)
            rows += [found] if elements is None else elements
        return rows


def _is_several(record: bytes) -> bool:
    """Whether a record is an array, or more than one value."""
    try:
        values = json_values(record)
    except DecodeError:
        return False
    return len(values) > 1 or values[0].startswith(b"[")


def _places(records: Ids) -> Ids:
    """For each row, how many rows of its record stand before it; the records are in order."""
    starts = np.searchsorted(records, records, "left")
    places: Ids = np.arange(len(records)) - starts
    return places
