"""What a query found: written down as Hive does, and told in the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from labs.cloudfront.engines.base import Result
from labs.cloudfront.hive.script import Query
from labs.cloudfront.output_directory import in_order, write_directory
from labs.report import Report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROWS_SHOWN = 50
BARS_MAX = 40
NULL = "NULL"


@dataclass(frozen=True)
class Finding:
    """`rows` are the first ones, of `count`. `total` is the sum of the last column,
    when it counts or adds.
    """

    name: str
    names: Sequence[str]
    numeric: Sequence[str]
    rows: Sequence[tuple[Any, ...]]
    count: int
    total: int | None

    def as_json(self) -> dict[str, Any]:
        rows = [[_plain(value) for value in row] for row in self.rows]
        return {"columns": list(self.names), "rows": rows, "count": self.count}

    @property
    def has_bars(self) -> bool:
        """Whether it is a number for each of a few things."""
        return (
            len(self.names) == 2
            and self.names[1] in self.numeric
            and 1 < self.count <= BARS_MAX
            and all(value is not None for _, value in self.rows)
        )

    @property
    def sentence(self) -> str:
        if not self.has_bars:
            return f"{self.name}: {self.count:,} rows."
        most, value = max(self.rows, key=lambda row: row[1])
        of = "" if self.total is None else f" of {self.total:,}"
        return f"{self.name}: {_cell(most)} has the most, {value:,}{of}."


def find(query: Query, number: int, result: Result, out: Path, origin: str) -> Finding:
    """Takes the query's rows; writes them when the query says where."""
    has_order = query.tree.args.get("order") is not None
    first, rest = in_order(result.rows, has_order=has_order)
    if query.directory is None:
        name = f"query {number}"
        count = len(first) + sum(1 for _ in rest)
    else:
        name = query.directory.relative_to(out).as_posix()
        count = write_directory(query.directory, chain(first, rest), query.delimiter, origin)
    last = query.tree.selects[-1].unalias() if query.tree.selects else None
    adds = isinstance(last, exp.Count | exp.Sum)
    total = sum(row[-1] or 0 for row in first) if adds and count == len(first) else None
    return Finding(name, result.names, result.numeric, first, count, total)


def tell(finding: Finding, query: Query, report: Report) -> None:
    """Into the report: the query, its rows, bars when it has them."""
    report.heading(finding.name)
    report.code(query.text)
    if finding.has_bars:
        report.figure(f"{finding.names[1]} by {finding.names[0]}", _bars(finding))
    some = finding.rows[:ROWS_SHOWN]
    of = "" if finding.count <= ROWS_SHOWN else f", the first {len(some)} of {finding.count:,} rows"
    report.table(
        f"{finding.name}{of}",
        finding.names,
        [[_cell(value) for value in row] for row in some],
        numbers=finding.numeric,
    )


def _plain(value: Any) -> Any:
    """As JSON has it."""
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _cell(value: Any) -> Any:
    if value is None:
        return NULL
    return value.isoformat() if isinstance(value, date) else value


def _bars(finding: Finding) -> "Figure":
    from matplotlib.figure import Figure

    labels = [str(_cell(value)) for value, _ in finding.rows]
    values = [float(value) for _, value in finding.rows]
    figure = Figure(figsize=(7, 0.6 + 0.35 * len(labels)))
    axes = figure.subplots()
    bars = axes.barh(labels, values, color="#5a3fc0")
    axes.bar_label(bars, labels=[f"{value:,.10g}" for value in values], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.15, y=0.02)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(finding.names[1])
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)
    return figure
