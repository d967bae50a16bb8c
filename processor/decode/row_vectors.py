"""Rows, decoded one by one, to the vectors of a batch: what the decoders of the rarer formats have
in common.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analytics_sql.plan import SourceColumn
from fleet.errors import DecodeError
from processor.columns import Dictionary, vector_of
from processor.decode.base import Decoded


class RowVectors:
    """Collects the rows of a batch; keeps the dictionaries of text from batch to batch."""

    def __init__(self, columns: Sequence[SourceColumn]) -> None:
        self._columns = columns
        self._words = {c.name: Dictionary() for c in columns if c.type.has_words}
        self._rows: list[Sequence[Any]] = []
        self._errors: list[tuple[int, str]] = []
        self._records: list[int] = []
        self._places: list[int] = []

    def add(self, record: int, place: int, row: Sequence[Any] | DecodeError) -> None:
        """Takes the `place`-th row of a record, or why it is none."""
        if isinstance(row, DecodeError):
            self._errors.append((len(self._rows), str(row)))
            row = [None] * len(self._columns)
        self._rows.append(row)
        self._records.append(record)
        self._places.append(place)

    def decoded(self) -> Decoded:
        """The rows taken since the last call."""
        values = list(zip(*self._rows, strict=True)) or [()] * len(self._columns)
        vectors = {
            column.name: vector_of(list(given), column.type, self._words.get(column.name))
            for column, given in zip(self._columns, values, strict=True)
        }
        decoded = Decoded(
            vectors,
            self._errors,
            np.array(self._records, np.int64),
            np.array(self._places, np.int64),
        )
        self._rows, self._errors, self._records, self._places = [], [], [], []
        return decoded

    def forget(self, words_max: int) -> None:
        """See Decoder."""
        for name, words in self._words.items():
            if len(words) > words_max:
                self._words[name] = Dictionary()
