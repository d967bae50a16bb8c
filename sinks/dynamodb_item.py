"""A row as a DynamoDB item, and back.

Numbers travel as decimal text, of which DynamoDB keeps 38 digits: a BIGINT and the shortest text of
a float (at most 17 digits) come back exactly. A NULL column is left out of the item: `IS NOT NULL`
is then `attribute_exists`, and a secondary index on that column takes the row, where it would
refuse an attribute of type NULL.

Source of the limits: DynamoDB developer guide, "Constraints" and "Item sizes and formats".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fleet.row import Value

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb.literals import ScalarAttributeTypeType
    from types_aiobotocore_dynamodb.type_defs import AttributeValueTypeDef

ITEM_BYTES_MAX = 400 * 1024
DIGITS_MAX = 38
NUMBER_MIN = 1e-130
NUMBER_MAX = 1e126
"""Numbers lie below this."""


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """One of a table's key attributes, and its type: S, N or B."""

    name: str
    type: "ScalarAttributeTypeType"


TableKey = tuple[KeyColumn, ...]
"""The partition key, then the sort key if the table has one."""


def item_of(values: Mapping[str, Value], key: TableKey) -> "dict[str, AttributeValueTypeDef]":
    """The item of a row. Raises ValueError with the reason when DynamoDB would refuse it."""
    for column in key:
        _check_key(values.get(column.name), column)
    item: dict[str, AttributeValueTypeDef] = {}
    size = 0
    for name, value in values.items():
        if value is None:
            continue
        size += len(name.encode())
        if isinstance(value, str):
            item[name] = {"S": value}
            size += len(value.encode())
        elif isinstance(value, bool):
            item[name] = {"BOOL": value}
            size += 1
        else:
            text = _number(name, value)
            item[name] = {"N": text}
            size += (len(text) + 1) // 2 + 1
    if size > ITEM_BYTES_MAX:
        raise ValueError(f"the item has {size} bytes; DynamoDB takes {ITEM_BYTES_MAX}")
    return item


def values_of(item: "Mapping[str, AttributeValueTypeDef]") -> dict[str, Any]:
    """The inverse of `item_of`, for items that anybody wrote: what a row cannot hold (sets, lists,
    maps, binary) stays as botocore gives it. A whole number is an int, whatever it was when it was
    written: DynamoDB keeps one kind of number.
    """
    values: dict[str, Any] = {}
    for name, attribute in item.items():
        [(kind, value)] = attribute.items()
        if kind == "N":
            values[name] = _number_of(str(value))
        else:
            values[name] = None if kind == "NULL" else value
    return values


def _check_key(value: Value, column: KeyColumn) -> None:
    if value is None:
        raise ValueError(f"{column.name}, a key of the table, is NULL or not a column of the row")
    if value == "":
        raise ValueError(f"{column.name}, a key of the table, is empty")
    number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if column.type != ("S" if isinstance(value, str) else "N" if number else None):
        raise ValueError(
            f"{column.name}, a key of the table, has type {column.type} there; "
            f"{value!r} is of another type"
        )


def _number(name: str, value: int | float | Decimal) -> str:
    # Written so that NaN, which no comparison holds for, is refused too.
    magnitude: Any = abs(value)
    if not (value == 0 or NUMBER_MIN <= magnitude < NUMBER_MAX):
        raise ValueError(f"{name}: DynamoDB has no number {value!r}")
    text = str(value)
    if isinstance(value, int) and len(text.lstrip("-").rstrip("0")) > DIGITS_MAX:
        raise ValueError(f"{name}: {text} has more than {DIGITS_MAX} digits")
    return text


def _number_of(text: str) -> int | float:
    number = float(text)
    if text.lstrip("-").isdigit():
        return int(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
