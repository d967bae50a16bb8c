"""What INSERT OVERWRITE DIRECTORY leaves behind: a file as Hive writes it."""

import math
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

FILE = "000000_0"
ORIGIN = "_origin.txt"
"""Says where the data came from; Hive and Hadoop pass over names that start with _."""
SORTED_MAX = 10_000
NULL = "\\N"
# Java writes other numbers with an exponent.
PLAIN_LEAST, PLAIN_MOST = 1e-3, 1e7


def in_order(
    rows: Iterator[tuple[Any, ...]], *, has_order: bool
) -> tuple[list[tuple[Any, ...]], Iterator[tuple[Any, ...]]]:
    """The first rows, and the rest. Without ORDER BY any order is right: rows that are few are
    sorted, so that every run gives the same.
    """
    first = list(islice(rows, SORTED_MAX))
    rest = list(islice(rows, 1))
    if not rest and not has_order:
        first.sort(key=lambda row: [(value is not None, str(type(value)), value) for value in row])
    return first, chain(rest, rows)


def write_directory(
    directory: Path, rows: Iterator[tuple[Any, ...]], delimiter: str, origin: str
) -> int:
    """Replaces what an earlier run left there, and nothing else; returns how many rows."""
    directory.mkdir(parents=True, exist_ok=True)
    count = 0
    part = directory / f"_{FILE}.part"
    with part.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(delimiter.join(map(hive_text, row)) + "\n")
            count += 1
    part.replace(directory / FILE)
    (directory / ORIGIN).write_text(origin + "\n", encoding="utf-8")
    return count


def hive_text(value: Any) -> str:
    """As LazySimpleSerDe writes it."""
    match value:
        case None:
            return NULL
        case bool():
            return str(value).lower()
        case float() if value and not PLAIN_LEAST <= abs(value) < PLAIN_MOST:
            return _java_exponent(value)
    return str(value)


def _java_exponent(value: float) -> str:
    """As Java's Double.toString: 1.5E10."""
    if not math.isfinite(value):
        return str(value).replace("inf", "Infinity").replace("nan", "NaN")
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    first, rest = digits[0], "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{first}.{rest}E{len(digits) - 1 + int(exponent)}"
