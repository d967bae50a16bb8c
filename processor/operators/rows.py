"""Rows on their way out: columns until somebody asks for rows.

Most of the cost of an output row is the row itself: its id, its values as Python objects, its dict.
An in-application stream that only feeds pumps never pays it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from json.encoder import encode_basestring as json_text
from operator import attrgetter
from typing import Any, overload

from analytics_sql.plan import Stream
from fleet.row import Row
from processor.columns import Columns
from processor.expressions.output import output_values


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows of one in-application stream; their lineage names the pump."""

    application: str
    stream: Stream
    columns: Columns

    def __len__(self) -> int:
        return len(self.columns)

    def rows(self) -> list[Row]:
        """The output rows. An id is a JSON array: application, stream, pump, then what tells the
        row apart: shard id and sequence number, or window start and keys.
        """
        vectors, columns = self.columns.vectors, self.stream.columns
        lists = [output_values(vectors[c.name], c.type) for c in columns]
        prefix = f"[{json_text(self.application)},{json_text(self.stream.name)},"
        identities = self.columns.lineage.identities(prefix)
        times = self.columns.rowtime_ms.tolist()
        values = _mapping(tuple(column.name for column in columns))(zip(*lists, strict=True))
        name = self.stream.name
        return [
            Row(f"{identity}]", name, time, mapping)
            for identity, time, mapping in zip(identities, times, values, strict=True)
        ]


class Rows(Sequence[Row]):
    """The rows of some blocks, in the order of ROWTIME if the blocks are given so; those of one
    ROWTIME in the order of the blocks.
    """

    __slots__ = ("_made", "blocks", "sorted")

    def __init__(self, blocks: Sequence[RowBlock] = (), *, sorted: bool = False) -> None:
        self.blocks = blocks
        self.sorted = sorted
        self._made: list[Row] | None = None

    def of(self, streams: Iterable[str]) -> "Rows":
        """Those of these streams: the others are never made."""
        wanted = frozenset(streams)
        blocks = [block for block in self.blocks if block.stream.name in wanted]
        return Rows(blocks, sorted=self.sorted)

    def __len__(self) -> int:
        return sum(map(len, self.blocks))

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows())

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        return self._rows()[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __repr__(self) -> str:
        return repr(self._rows())

    def _rows(self) -> list[Row]:
        """Made once."""
        if self._made is None:
            rows = list(chain.from_iterable(block.rows() for block in self.blocks))
            if self.sorted and not self._in_order():
                rows.sort(key=attrgetter("rowtime_ms"))
            self._made = rows
        return self._made

    def _in_order(self) -> bool:
        """Whether no block begins before the one before it ends."""
        pairs = zip(self.blocks, islice(self.blocks, 1, None), strict=False)
        return all(a.columns.rowtime_ms[-1] <= b.columns.rowtime_ms[0] for a, b in pairs)


@cache
def _mapping(
    names: tuple[str, ...],
) -> Callable[[Iterable[tuple[Any, ...]]], list[dict[str, Any]]]:
    """Makes a dict of each tuple of values: a display written out for the number of columns takes
    half the time of dict(zip(names, values)). The source holds numbers, never text of a plan.
    """
    keys = ", ".join(f"n{i}" for i in range(len(names)))
    values = ", ".join(f"v{i}" for i in range(len(names)))
    pairs = ", ".join(f"n{i}: v{i}" for i in range(len(names)))
    source = f"lambda {keys}: lambda rows: [{{{pairs}}} for ({values},) in rows]"
    maker: Callable[[Iterable[tuple[Any, ...]]], list[dict[str, Any]]] = eval(source)(*names)
    return maker
