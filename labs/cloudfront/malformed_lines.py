"""Lines that are not what a table expects: each is written down, with its number."""

from collections.abc import Iterable
from pathlib import Path

from labs.cloudfront.engines.duckdb_engine import Malformed

FILE = "malformed.tsv"
SHOWN = 20
CHARS_SHOWN = 100


def write_malformed(lines: Iterable[Malformed], out: Path) -> list[Malformed]:
    """All of them into a file of file, number, reason and line; returns the first few."""
    first: list[Malformed] = []
    with (out / FILE).open("w", encoding="utf-8", newline="\n") as file:
        for each in lines:
            file.write(f"{each.file}\t{each.number}\t{each.reason}\t{each.line}\n")
            if len(first) < SHOWN:
                first.append(each)
    return first


def shown(line: str) -> str:
    """As a cell of a table has room for."""
    return line if len(line) <= CHARS_SHOWN else line[:CHARS_SHOWN] + "..."
