"""Rows as items and back, and what DynamoDB would refuse."""

import math
import struct
from decimal import Context, Decimal

import pytest
from hypothesis import given, strategies as st

from fleet.row import Value
from sinks.dynamodb_item import KeyColumn, item_of, values_of

NAME = (KeyColumn("Name", "S"),)
NAME_AND_NUMBER = (KeyColumn("Name", "S"), KeyColumn("Number", "N"))


def test_each_kind_of_value_has_its_attribute() -> None:
    values: dict[str, Value] = {
        "Name": "Shadowfax",
        "Distance": 1800,
        "Mean": 30.25,
        "Alive": True,
        "Lost": False,
        "Note": "",
        "Absent": None,
    }
    assert item_of(values, NAME) == {
        "Name": {"S": "Shadowfax"},
        "Distance": {"N": "1800"},
        "Mean": {"N": "30.25"},
        "Alive": {"BOOL": True},
        "Lost": {"BOOL": False},
        "Note": {"S": ""},
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (1 / 3, "0.3333333333333333"),
        (1e16, "1e+16"),
        (5e-130, "5e-130"),
        (-32768, "-32768"),
        (2**63 - 1, "9223372036854775807"),
        (30.0, "30.0"),
    ],
)
def test_numbers_are_their_shortest_text(value: float, text: str) -> None:
    assert item_of({"Name": "a", "n": value}, NAME)["n"] == {"N": text}


@given(st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_comes_back_exactly_from_38_digits(value: float) -> None:
    try:
        text = item_of({"Name": "a", "n": value}, NAME)["n"]["N"]
    except ValueError:
        assert value != 0
        assert not 1e-130 <= abs(value) < 1e126
        return
    kept = Context(prec=38).create_decimal(text)
    assert kept == Decimal(text), "DynamoDB keeps every digit"
    back = values_of({"n": {"N": f"{kept.normalize():f}"}})["n"]
    if value == 0:
        assert back == 0, "zero has no sign there"
    else:
        assert struct.pack("d", back) == struct.pack("d", value)
        assert isinstance(value, float) or back == value


def test_items_that_others_wrote() -> None:
    item = {
        "i": {"N": "1800"},
        "w": {"N": "30.0"},
        "f": {"N": "1.5E-7"},
        "b": {"N": "12345678901234567890123456789012345678"},
        "z": {"NULL": True},
        "l": {"L": [{"S": "x"}]},
    }
    assert values_of(item) == {  # type: ignore[arg-type]
        "i": 1800,
        "w": 30,
        "f": 1.5e-7,
        "b": 12345678901234567890123456789012345678,
        "z": None,
        "l": [{"S": "x"}],
    }


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"Number": 1}, "Name, a key of the table, is NULL or not a column"),
        ({"Name": None, "Number": 1}, "Name, a key of the table, is NULL"),
        ({"Name": "", "Number": 1}, "Name, a key of the table, is empty"),
        ({"Name": 7, "Number": 1}, "Name, a key of the table, has type S there; 7 is of another"),
        ({"Name": "a", "Number": "1"}, "Number, a key of the table, has type N there"),
        ({"Name": "a", "Number": True}, "Number, a key of the table, has type N there"),
        ({"Name": "a", "Number": 1, "x": math.nan}, "x: DynamoDB has no number nan"),
        ({"Name": "a", "Number": 1, "x": -math.inf}, "x: DynamoDB has no number -inf"),
        ({"Name": "a", "Number": 1, "x": 1e126}, "x: DynamoDB has no number"),
        ({"Name": "a", "Number": 1, "x": 1e-131}, "x: DynamoDB has no number"),
        ({"Name": "a", "Number": 1, "x": 10**38 + 1}, "more than 38 digits"),
        ({"Name": "a", "Number": 1, "x": "é" * 204_800}, "the item has 409614 bytes"),
    ],
)
def test_what_is_refused_and_why(values: dict[str, Value], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        item_of(values, NAME_AND_NUMBER)


def test_the_largest_item_is_taken() -> None:
    item_of({"Name": "a", "x": "y" * (400 * 1024 - 6)}, NAME)
    item_of({"Name": "a", "x": 10**60}, NAME)


def test_a_decimal_keeps_its_digits() -> None:
    assert item_of({"Name": "a", "Price": Decimal("12.50")}, NAME)["Price"] == {"N": "12.50"}
