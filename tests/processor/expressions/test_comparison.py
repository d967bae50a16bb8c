"""Comparisons, and the tables that make those of texts cheap."""

import numpy as np
import pytest

from analytics_sql.types import BIGINT, DOUBLE, Kind, SqlType
from processor.columns import Dictionary, Vector, vector_of
from processor.expressions.comparison import comparison

TEXT = SqlType(Kind.VARCHAR)


def constant(word: str | None, count: int) -> Vector:
    return vector_of([word], TEXT).take(np.zeros(count, np.int64))


@pytest.mark.parametrize(
    ("symbol", "want"),
    [
        ("=", [True, False, None, False]),
        ("<>", [False, True, None, True]),
        ("<", [False, True, None, False]),
        ("<=", [True, True, None, False]),
        (">", [False, False, None, True]),
        (">=", [True, False, None, True]),
    ],
)
def test_texts_and_numbers(symbol: str, want: list[bool | None]) -> None:
    words = vector_of(["b", "ab", None, "é"], TEXT)
    compare = comparison(symbol, TEXT, TEXT)
    assert compare(words, constant("b", 4)).to_list() == want
    # Row by row: the other side has many words, too.
    others = vector_of(["b", "b", "x", "b"], TEXT)
    assert comparison(symbol, TEXT, TEXT)(words, others).to_list() == want
    numbers = vector_of([5, 4, None, 6], BIGINT)
    same = comparison(symbol, BIGINT, BIGINT)
    assert same(numbers, vector_of([5] * 4, BIGINT)).to_list() == want
    fives = vector_of([5.0] * 4, DOUBLE)
    assert comparison(symbol, BIGINT, DOUBLE)(numbers, fives).to_list() == want


def test_a_constant_may_stand_on_the_left() -> None:
    words = vector_of(["b", "ab", None, "c"], TEXT)
    assert comparison("<", TEXT, TEXT)(constant("b", 4), words).to_list() == [
        False,
        False,
        None,
        True,
    ]


def test_null_compares_with_nothing() -> None:
    words = vector_of(["b", None], TEXT)
    assert comparison("=", TEXT, TEXT)(words, constant(None, 2)).to_list() == [None, None]
    assert comparison("<>", TEXT, TEXT)(constant(None, 2), words).to_list() == [None, None]


def test_verdicts_follow_a_dictionary_that_grows_and_one_that_is_new() -> None:
    compare, words = comparison("=", TEXT, TEXT), Dictionary()
    first = vector_of(["a", "b"], TEXT, words)
    assert compare(first, constant("b", 2)).to_list() == [False, True]
    more = vector_of(["c", "b", "d"], TEXT, words)
    assert compare(more, constant("b", 3)).to_list() == [False, True, False]
    other = vector_of(["b", "x", None], TEXT)
    assert compare(other, constant("b", 3)).to_list() == [True, False, None]
    assert compare(other, constant("x", 3)).to_list() == [False, True, None]
