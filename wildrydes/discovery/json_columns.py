"""Columns of JSON records: every member that is a value, however deep, and one array made rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from wildrydes.discovery.column_name import column_name
from wildrydes.discovery.schema import Column
from wildrydes.discovery.value_type import column_type

DEPTH_MAX = 16
COLUMNS_MAX = 1000
"""Of a schema. Source: DG:limits.md says the same of a row."""

_PLAIN = re.compile(r"[^.\[\]*?'\"$@()\s]+", re.ASCII)
Path = tuple[str, ...]


@dataclass(slots=True)
class Members:
    """What the sample has at each path, from the row downwards; `[0:]` is a step too."""

    values: dict[Path, list[Any]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def row_path_of(records: Sequence[Any]) -> Path:
    """The array that holds the rows, where each record has nothing else that would be lost: through
    objects of one member, down to an array of objects. () where there is none.
    """
    paths = {_only_array(record) for record in records}
    return paths.pop() if len(paths) == 1 else ()


def rows_at(record: Any, path: Path) -> Iterator[Any]:
    """The rows of a record: the record, or the elements of the array, at the path."""
    for step in path:
        record = record.get(step) if isinstance(record, dict) else None
    yield from record if isinstance(record, list) else [record]


def json_columns(rows: Sequence[Any]) -> tuple[list[Column], list[str]]:
    """The columns, in the order in which their members come, and what was left out and why."""
    members = Members()
    exploded = _array_of_objects(rows)
    for row in rows:
        if isinstance(row, dict):
            _walk(row, (), exploded, members)
    columns: list[Column] = []
    taken: set[str] = set()
    for path, values in members.values.items():
        if len(columns) == COLUMNS_MAX:
            members.left_out.append(f"all after {COLUMNS_MAX} columns")
            break
        mapping = _mapping(path)
        if mapping is None:
            members.left_out.append(f"{path[-1]!r}: no path of a schema can name it")
            continue
        given = _leaf(path, taken)
        name = column_name(given, taken)
        taken.add(name)
        sql_type, note = column_type(values)
        columns.append(Column(name, sql_type, mapping, path[-1], note))
    return columns, members.left_out


def _walk(value: dict[str, Any], path: Path, exploded: Path | None, members: Members) -> None:
    for name, inner in value.items():
        here = (*path, name)
        if isinstance(inner, dict) and inner and len(here) < DEPTH_MAX:
            _walk(inner, here, exploded, members)
        elif here == exploded and isinstance(inner, list):
            for item in inner:
                if isinstance(item, dict):
                    _walk(item, (*here, "[0:]"), None, members)
        else:
            members.values.setdefault(here, []).append(inner)


def _array_of_objects(rows: Sequence[Any]) -> Path | None:
    """The first array of objects in the rows: it makes rows of its own."""
    for row in rows:
        waiting: list[tuple[Path, Any]] = [((), row)]
        while waiting:
            path, value = waiting.pop(0)
            for name, inner in value.items() if isinstance(value, dict) else ():
                if isinstance(inner, list) and inner and all(isinstance(i, dict) for i in inner):
                    return (*path, name)
                if isinstance(inner, dict) and len(path) < DEPTH_MAX:
                    waiting.append(((*path, name), inner))
    return None


def _only_array(record: Any) -> Path:
    path: Path = ()
    while isinstance(record, dict) and len(record) == 1 and len(path) < DEPTH_MAX:
        ((name, record),) = record.items()
        path = (*path, name)
    is_rows = isinstance(record, list) and record and all(isinstance(i, dict) for i in record)
    return path if is_rows else ()


def mapping_of(path: Path) -> str | None:
    """A path as a schema has it; None where it cannot."""
    return "$" if not path else _mapping(path)


def _mapping(path: Path) -> str | None:
    text = "$"
    for step in path:
        if step == "[0:]":
            text += step
        elif _PLAIN.fullmatch(step):
            text += f".{step}"
        elif step and "'" not in step and '"' not in step and step.isprintable():
            text += f"['{step}']"
        else:
            return None
    return text


def _leaf(path: Path, taken: set[str]) -> str:
    """The last name; with the one above it where another column has that already."""
    names = [step for step in path if step != "[0:]"]
    if column_name(names[-1], ()) in taken and len(names) > 1:
        return "_".join(names[-2:])
    return names[-1]
