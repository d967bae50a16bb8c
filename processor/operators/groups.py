"""Group keys of any types to dense ids, and back.

Ids index the arrays of the windows. They mean nothing outside this process: what is dumped, put out
or sorted is always the key itself.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from analytics_sql.types import SqlType
from processor.columns import Dictionary, Ids, Vector, vector_of

HALF: Final = 32
"""Bits of an id: two of them make one integer, so that a pair is looked up as fast as a number."""


class Groups:
    """The groups of one operator: (key, ...) -> id. NULL is a key like any other, equal to itself.

    One key: its code is the id. More: the id so far and the next code make a pair, and the pair
    gets an id. No key at all: there is one group.
    """

    def __init__(self, types: Sequence[SqlType]) -> None:
        self._keys = [Key(type) for type in types]
        self._pairs = [Dictionary() for _ in types[1:]]

    def __len__(self) -> int:
        """All ids are below this."""
        if self._pairs:
            return len(self._pairs[-1])
        return len(self._keys[0].values) if self._keys else 1

    def ids(self, vectors: Sequence[Vector], count: int) -> Ids:
        """The group of each of `count` rows, from its keys."""
        if not self._keys:
            return np.zeros(count, np.int64)
        ids = self._keys[0].codes(vectors[0])
        for pairs, key, vector in zip(self._pairs, self._keys[1:], vectors[1:], strict=True):
            ids = pairs.ids(((ids << HALF) | key.codes(vector)).tolist(), count)
        return ids

    def vectors(self, groups: Ids) -> list[Vector]:
        """The keys of these groups."""
        codes = self._codes(groups)
        return [key.vector(part) for key, part in zip(self._keys, codes, strict=True)]

    def sorted(self, groups: Ids) -> Ids:
        """These groups in the order of their keys: first key first, NULL before everything."""
        if not self._keys:
            return groups
        codes = self._codes(groups)
        ranks = [key.ranks(part) for key, part in zip(self._keys, codes, strict=True)]
        order: Ids = groups[np.lexsort(ranks[::-1])]
        return order

    def _codes(self, groups: Ids) -> list[Ids]:
        """The code of each key: pairs are taken apart, last key first."""
        codes: list[Ids] = []
        for pairs in reversed(self._pairs):
            entries: list[Any] = pairs.entries
            both = np.array([entries[group] for group in groups.tolist()], np.int64)
            codes.append(both & ((1 << HALF) - 1))
            groups = both >> HALF
        return [groups, *reversed(codes)] if self._keys else []


class Key:
    """One key column: the values seen, each with a code."""

    def __init__(self, type: SqlType) -> None:
        self.values = Dictionary()
        self._type = type
        self._words: Dictionary | None = None
        self._others = False
        self._code_of_word: Ids = np.zeros(0, np.int64)
        self._order: list[int] = []
        self._rank_of_code: Ids = np.zeros(0, np.int64)

    def codes(self, vector: Vector) -> Ids:
        """The code of each value; a new value gets the next one."""
        if vector.words is None:
            return self.values.ids(vector.to_list(), len(vector))
        table = self._table(vector.words)
        codes: Ids = table[vector.values]
        if (codes < 0).any():
            new = np.unique(vector.values[codes < 0])
            entries = vector.words.entries
            words = [entries[word] for word in new.tolist()]
            if self._others:
                table[new] = self.values.ids(words, len(words))
            else:
                # All words came from this dictionary: one without a code was never here.
                table[new] = np.arange(len(self.values), len(self.values) + len(words))
                self.values.extend(words)
            codes = table[vector.values]
        return codes

    def _table(self, words: Dictionary) -> Ids:
        """Word id -> code, -1 where it is not known: most rows then need no look-up in Python."""
        if self._words is not words:
            self._others = self._words is not None
            self._words, self._code_of_word = words, np.zeros(1, np.int64)
        if len(self._code_of_word) < len(words):
            table = np.full(max(1024, 2 * len(words)), -1, np.int64)
            table[: len(self._code_of_word)] = self._code_of_word
            self._code_of_word = table
        return self._code_of_word

    def vector(self, codes: Ids) -> Vector:
        """The values of these codes."""
        if self._type.has_words:
            return Vector(codes, words=self.values)
        entries = self.values.entries
        return vector_of([entries[code] for code in codes.tolist()], self._type)

    def ranks(self, codes: Ids) -> Ids:
        """Numbers that are in the order in which the values are, NULL first."""
        entries: list[Any] = self.values.entries
        known = len(self._rank_of_code)
        if known < len(entries):
            # Sorting a sorted list with a few more at its end is little more than one pass.
            self._order += range(max(known, 1), len(entries))
            self._order.sort(key=entries.__getitem__)
            self._rank_of_code = np.zeros(len(entries), np.int64)
            self._rank_of_code[self._order] = np.arange(1, len(entries))
        ranks: Ids = self._rank_of_code[codes]
        return ranks
