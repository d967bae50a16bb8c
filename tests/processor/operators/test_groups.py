"""Group keys to ids, and back."""

from typing import Any

import numpy as np
import pytest

from analytics_sql.types import BIGINT, BOOLEAN, DOUBLE, Kind, SqlType
from processor.columns import Dictionary, Vector, vector_of
from processor.operators.groups import Groups

TEXT = SqlType(Kind.VARCHAR)
KEYS: list[tuple[list[SqlType], list[list[Any]]]] = [
    ([TEXT], [["b", None, "a", "b", "", None]]),
    ([BIGINT], [[5, None, -1, 5, 0, 2**63 - 1]]),
    ([TEXT, BIGINT], [["b", None, "b", "b", "a", None], [1, None, 2, 1, 1, None]]),
    (
        [DOUBLE, BOOLEAN, TEXT],
        [
            [0.0, 0.5, None, 0.0, 0.0, None],
            [True, None, False, True, False, False],
            ["x", "x", None, "x", "x", None],
        ],
    ),
]


def vectors(types: list[SqlType], columns: list[list[Any]]) -> list[Vector]:
    return [vector_of(column, type) for column, type in zip(columns, types, strict=True)]


@pytest.mark.parametrize(("types", "columns"), KEYS)
def test_equal_keys_have_one_id_and_give_the_keys_back(
    types: list[SqlType], columns: list[list[Any]]
) -> None:
    groups = Groups(types)
    keys = list(zip(*columns, strict=True))
    ids = groups.ids(vectors(types, columns), len(keys))
    assert len(set(ids.tolist())) == len(set(keys))
    assert all(ids < len(groups))
    back = [vector.to_list() for vector in groups.vectors(ids)]
    assert list(zip(*back, strict=True)) == keys
    # Again, from other dictionaries and in another order.
    turned = [list(reversed(column)) for column in columns]
    again = groups.ids(vectors(types, turned), len(keys))
    assert again.tolist() == list(reversed(ids.tolist()))


@pytest.mark.parametrize(("types", "columns"), KEYS)
def test_the_order_is_that_of_the_keys_with_null_first(
    types: list[SqlType], columns: list[list[Any]]
) -> None:
    groups, keys = Groups(types), list(zip(*columns, strict=True))
    ids = np.unique(groups.ids(vectors(types, columns), len(keys)))
    for _ in range(2):
        got = list(zip(*[v.to_list() for v in groups.vectors(groups.sorted(ids))], strict=True))
        assert got == sorted(set(keys), key=lambda key: [(v is not None, v) for v in key])


def test_the_order_stays_right_when_keys_are_added() -> None:
    groups = Groups([TEXT])
    for words in (["m", "c"], ["z", None], ["a", "n"], ["b"]):
        groups.ids([vector_of(words, TEXT)], len(words))
        ids = np.arange(len(groups))
        (vector,) = groups.vectors(groups.sorted(ids))
        assert vector.to_list()[1:] == sorted(vector.to_list()[1:])
        assert vector.to_list()[0] is None


def test_no_keys_are_one_group() -> None:
    groups = Groups([])
    assert groups.ids([], 3).tolist() == [0, 0, 0]
    assert len(groups) == 1
    assert groups.sorted(np.zeros(1, np.int64)).tolist() == [0]


def test_a_dictionary_that_comes_back_after_another() -> None:
    groups, one, two = Groups([TEXT]), Dictionary(), Dictionary()
    first = groups.ids([vector_of(["a", "b"], TEXT, one)], 2).tolist()
    assert groups.ids([vector_of(["b", "c"], TEXT, two)], 2).tolist() == [first[1], 3]
    assert groups.ids([vector_of(["d", "c", "a"], TEXT, one)], 3).tolist() == [4, 3, first[0]]


def test_a_dictionary_gives_dense_ids_in_order_of_appearance() -> None:
    words = Dictionary()
    assert words.ids(["a", None, "b", "a"], 4).tolist() == [1, 0, 2, 1]
    words.extend(["c", "d"])
    assert words.ids(["d", "e", "c"], 3).tolist() == [4, 5, 3]
    assert words.entries == [None, "a", "b", "c", "d", "e"]
    assert len(words) == 6
