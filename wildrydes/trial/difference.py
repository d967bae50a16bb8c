"""Rows that were expected beside rows that came, as a person wants to see them."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

import msgspec

from processor.error_stream import NAME as ERROR_STREAM

CONTEXT_ROWS = 2
NamedRow = dict[str, Any]

_encode = msgspec.json.Encoder(order="sorted", decimal_format="number").encode


def matched(expected: Sequence[NamedRow], rows: Sequence[NamedRow]) -> list[NamedRow]:
    """The rows, those of error_stream without the columns that the expected row in their place
    does not name: few people want to write down a record's bytes in hexadecimal.
    """
    wanted = [row for row in expected if row.get("stream") == ERROR_STREAM]
    found: list[NamedRow] = []
    errors = 0
    for row in rows:
        if row["stream"] == ERROR_STREAM:
            if errors < len(wanted):
                names = wanted[errors].get("row", {})
                row = {**row, "row": {k: v for k, v in row["row"].items() if k in names}}
            errors += 1
        found.append(row)
    return found


def same(expected: Sequence[NamedRow], rows: Sequence[NamedRow]) -> bool:
    """Whether they are the same rows in the same order; 1, 1.0 and 1.00 are not the same."""
    return list(map(_encode, expected)) == list(map(_encode, rows))


def show_difference(expected: Sequence[NamedRow], rows: Sequence[NamedRow]) -> list[str]:
    """Lines: "-" an expected row that did not come, "+" one that came, "!" what differs between
    the two, and a little of what is the same around them.
    """
    old, new = [_encode(row).decode() for row in expected], [_encode(row).decode() for row in rows]
    lines: list[str] = []
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT_ROWS):
        lines.append(f"  rows {group[0][1] + 1} to {group[-1][2]} of {len(old)} expected:")
        for kind, a, b, c, d in group:
            if kind == "equal":
                lines += [f"    {text}" for text in old[a:b]]
                continue
            lines += [f"  - {text}" for text in old[a:b]] + [f"  + {text}" for text in new[c:d]]
            if b - a == d - c:
                for before, after in zip(expected[a:b], rows[c:d], strict=True):
                    lines += [f"  ! {text}" for text in _columns(before, after)]
    return lines


def _columns(expected: NamedRow, row: NamedRow) -> Iterator[str]:
    old, new = _flat(expected), _flat(row)
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, "nothing"), new.get(name, "nothing")
        if before != after:
            yield f"{name}: expected {before}, came {after}"


def _flat(row: NamedRow) -> dict[str, str]:
    columns = row.get("row")
    outer = {name: value for name, value in row.items() if name != "row"}
    values = {**outer, **columns} if isinstance(columns, dict) else row
    return {name: _encode(value).decode() for name, value in values.items()}
