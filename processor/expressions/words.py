"""Texts that an expression makes: their ids, and tables over the dictionary of its argument."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from analytics_sql.types import SqlType
from processor.columns import Dictionary, Ids, Mask, Vector, array_type

WORDS_MAX = 100_000
"""Of the texts made by one expression, before it starts a new dictionary."""

Answer = Callable[[Any], Any]
"""The result for one value, None for NULL both ways; raises ValueError when there is none."""


def strictly(answer: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, with NULL for NULL."""
    return lambda *values: None if None in values else answer(*values)


class MadeWords:
    """The dictionary of the texts that one expression makes."""

    def __init__(self, type: SqlType) -> None:
        self._words = Dictionary() if type.has_words else None

    def current(self) -> Dictionary | None:
        """The dictionary for the next batch; None for a type that is no text."""
        if self._words is not None and len(self._words) > WORDS_MAX:
            self._words = Dictionary()
        return self._words


class Answers:
    """What a function says of each value asked so far: arrays that grow with the values."""

    def __init__(self, type: SqlType, answer: Answer, words: Dictionary | None) -> None:
        self._answer = answer
        self._words = words
        self._dtype: DTypeLike = array_type(type)
        self._values: NDArray[Any] = np.zeros(0, self._dtype)
        self._null: Mask = np.zeros(0, np.bool_)
        self._failed: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._values)

    def extend(self, asked: Sequence[Any]) -> None:
        """Asks about some more values."""
        start, given = len(self), []
        for place, value in enumerate(asked, start=start):
            try:
                given.append(self._answer(value))
            except ValueError as error:
                self._failed[place] = str(error)
                given.append(None)
        null = np.fromiter((g is None for g in given), np.bool_, len(given))
        if self._words is not None:
            values: NDArray[Any] = self._words.ids(given, len(given))
        else:
            values = np.array([0 if g is None else g for g in given], self._dtype)
        self._values = np.concatenate([self._values, values])
        self._null = np.concatenate([self._null, null])

    def vector(self, places: Ids, *operands: Vector) -> Vector:
        """The answers to the values at these places, one a row; a row fails where an operand did,
        too.
        """
        failed: dict[int, str] = {}
        if self._failed:
            bad = np.flatnonzero(np.isin(places, list(self._failed)))
            failed = {row: self._failed[int(places[row])] for row in bad.tolist()}
        for operand in reversed(operands):
            failed.update(operand.failed)
        null = self._null[places]
        if self._words is not None:
            return Vector(self._values[places], words=self._words, failed=failed)
        return Vector(self._values[places], null if null.any() else None, failed=failed)


class WordTable:
    """A function of one text, asked once for each word of a dictionary, which may grow."""

    def __init__(self, type: SqlType, answer: Answer) -> None:
        self._type = type
        self._answer = answer
        self._words: Dictionary | None = None
        self._answers = self._fresh()

    def __call__(self, vector: Vector) -> Vector:
        words = vector.words
        assert words is not None
        if self._words is not words:
            # Another dictionary: the old one has been forgotten.
            self._words, self._answers = words, self._fresh()
        if len(self._answers) < len(words):
            self._answers.extend(words.entries[len(self._answers) :])
        return self._answers.vector(vector.values, vector)

    def _fresh(self) -> Answers:
        return Answers(self._type, self._answer, Dictionary() if self._type.has_words else None)


class ValueTable:
    """A function of one value that is no text, asked once for each distinct value of a batch."""

    def __init__(self, type: SqlType, answer: Answer) -> None:
        self._type = type
        self._answer = answer
        self._made = MadeWords(type)

    def __call__(self, vector: Vector) -> Vector:
        null = vector.nulls()
        distinct, places = np.unique(vector.values, return_inverse=True)
        if null is not None:
            places = np.where(null, len(distinct), places)
        answers = Answers(self._type, self._answer, self._made.current())
        answers.extend([*distinct.tolist(), None])
        return answers.vector(places, vector)


class RowTable:
    """A function of several values, asked once for each distinct combination of a batch."""

    def __init__(self, type: SqlType, answer: Callable[..., Any]) -> None:
        self._type = type
        self._answer = answer
        self._made = MadeWords(type)

    def __call__(self, *vectors: Vector) -> Vector:
        rows = list(zip(*(vector.to_list() for vector in vectors), strict=True))
        place_of: dict[tuple[Any, ...], int] = {}
        for row in rows:
            place_of.setdefault(row, len(place_of))
        answer = self._answer
        answers = Answers(self._type, lambda row: answer(*row), self._made.current())
        answers.extend(list(place_of))
        places = np.fromiter(map(place_of.__getitem__, rows), np.int64, len(rows))
        return answers.vector(places, *vectors)
