"""What an application calls its input: NamePrefix_001, and _002 and so on with InputParallelism.

Sources: DG:how-it-works-input.md; DG:input-parallelism.md.
"""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from sqlglot import exp

from analytics_sql.binding.names import fold
from analytics_sql.syntax.nodes import CreatePump, CreateStream, Statement

PREFIX = "SOURCE_SQL_STREAM"
"""What the service called the input of an application, unless told otherwise."""

STREAMS_MAX = 64
"""Source: DG:input-parallelism.md."""

_NUMBERED = re.compile(r"(?P<prefix>.+)_(?P<number>\d{3})", re.DOTALL)


def input_names(
    statements: Iterable[Statement], source_name: str | None, tables: Collection[str] = ()
) -> tuple[str, ...]:
    """The names of the input streams that the statements read, in order.

    `source_name` is the first of them, such as SOURCE_SQL_STREAM_001. None: taken from the text,
    which says it by reading a stream with such a name that it does not create.
    """
    read = [name for name in _streams_read(statements) if name not in tables]
    if source_name is None:
        prefix = _prefix(read)
    else:
        numbered = _NUMBERED.fullmatch(source_name)
        if numbered is None:
            return (source_name,)
        prefix = numbered["prefix"]
    names = {f"{prefix}_{number:03}" for number in range(1, STREAMS_MAX + 1)}
    return tuple(sorted(names.intersection(read))) or (f"{prefix}_001",)


def _streams_read(statements: Iterable[Statement]) -> list[str]:
    """The streams that are read and not created, in the order of the text."""
    created, read = set(), []
    for statement in statements:
        if isinstance(statement, CreateStream):
            created.add(fold(statement.name))
        elif isinstance(statement, CreatePump):
            tables = statement.query.find_all(exp.Table)
            read += [fold(t.this) for t in tables if isinstance(t.this, exp.Identifier)]
    return [name for name in read if name not in created]


def _prefix(read: list[str]) -> str:
    for name in read:
        numbered = _NUMBERED.fullmatch(name)
        # A name that is nearly the usual one is a slip of the pen.
        if numbered and not get_close_matches(numbered["prefix"].upper(), [PREFIX], cutoff=0.8):
            return numbered["prefix"]
        if numbered and numbered["prefix"] == PREFIX:
            return PREFIX
    return PREFIX
