"""Tables on the terminal."""

import sys
from collections.abc import Collection, Sequence
from typing import Any, Final

UNLIMITED_WIDTH: Final = 10_000


def print_table(
    heads: Sequence[str], rows: Sequence[Sequence[Any]], *, numbers: Collection[str]
) -> None:
    """Prints rows under their heads; columns of `numbers` stand at the right. None is empty."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in heads:
        table.add_column(Text(printable(head)), justify="right" if head in numbers else "left")
    for row in rows:
        table.add_row(*(Text(printable(value)) for value in row))
    # A pipe has no width of its own: cutting columns there would lose data.
    Console(width=None if sys.stdout.isatty() else UNLIMITED_WIDTH).print(table)


def printable(value: Any) -> str:
    """Names come from strangers: control characters must not reach the terminal."""
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
