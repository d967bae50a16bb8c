"""The Struct that msgspec decodes a record into, and how its columns are picked out again."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import names_of
from analytics_sql.types import Kind
from processor.decode.timestamps import LENGTH

Picker = Callable[[list[Any]], list[Any]]
"""The values of one column, from the Structs of some records."""


@lru_cache(maxsize=256)
def record_type(
    columns: tuple[SourceColumn, ...],
) -> tuple[type[msgspec.Struct], tuple[Picker, ...]]:
    """A Struct with a field for each path that is needed, and a Picker for each column. Made once:
    it is a large part of what an engine takes to make, and a golden case needs one engine a crash.

    msgspec skips what no field asks for. Raises ValueError when two columns have one path, when
    one path lies inside another, or when a name holds characters that msgspec cannot have there.
    """
    if not all(column.path for column in columns):
        raise ValueError("the whole record is no field of it")
    attributes = {column.name: f"f{i}" for i, column in enumerate(columns)}
    record = _struct(columns, attributes, 0)
    return record, tuple(_picker(attributes[column.name]) for column in columns)


def _struct(
    columns: Sequence[SourceColumn], attributes: dict[str, str], depth: int
) -> type[msgspec.Struct]:
    """One level of the tree of paths. `attributes` gets the way to each column, such as n0_1.f3."""
    heads: dict[str, list[SourceColumn]] = {}
    for column in columns:
        heads.setdefault(names_of(column.path)[depth], []).append(column)
    fields: list[tuple[str, Any, Any]] = []
    names: dict[str, str] = {}
    for head, members in heads.items():
        if all(len(column.path) > depth + 1 for column in members):
            attribute = f"n{depth}_{len(fields)}"
            type: Any = _struct(members, attributes, depth + 1)
            for column in members:
                attributes[column.name] = f"{attribute}.{attributes[column.name]}"
        elif len(members) == 1:
            attribute, type = attributes[members[0].name], _field_type(members[0])
        else:
            raise ValueError(f"columns {[c.name for c in members]} stand in each other's way")
        names[attribute] = head
        fields.append((attribute, type if type is msgspec.Raw else type | None, None))
    return msgspec.defstruct("Record", fields, rename=names, gc=False)


def _field_type(column: SourceColumn) -> Any:
    """What msgspec may take without asking: everything else is for the Reference. Of a DECIMAL that
    is the source text, because a float would lose digits.
    """
    type = column.type
    if type.is_text:
        return str if type.length is None else Annotated[str, msgspec.Meta(max_length=type.length)]
    if type.kind is Kind.TIMESTAMP:
        return Annotated[str, msgspec.Meta(min_length=LENGTH, max_length=LENGTH)]
    if type.is_datetime or type.is_bytes:
        return str
    if type.kind is Kind.DECIMAL:
        return msgspec.Raw
    if type.is_integer:
        smallest, largest = type.integer_range
        return Annotated[int, msgspec.Meta(ge=smallest, le=largest)]
    return bool if type.kind is Kind.BOOLEAN else float


def _picker(way: str) -> Picker:
    """A comprehension compiled for the column: attribute access in bytecode takes half the time of
    attrgetter. The source holds only names made above, never text of a plan.
    """
    *outer, last = way.split(".")
    value = f"r.{way}"
    if outer:
        # An inner object may be missing at each level: then the column is NULL.
        guards = [f"(o := {'o' if i else 'r'}.{step}) is not None" for i, step in enumerate(outer)]
        value = f"o.{last} if {' and '.join(guards)} else None"
    picker: Picker = eval(f"lambda rows: [{value} for r in rows]")
    return picker
