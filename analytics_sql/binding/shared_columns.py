"""USING and NATURAL: columns that both sides of a join have, which are equal and become one.

Source: REF:sql-reference-join-clause, in an early edition: USING (c1, c2) is the equality of both.
The one column that is left of the two is that of standard SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from analytics_sql.binding.from_item import Leaf
from analytics_sql.binding.names import fold, listed, no_such, written
from analytics_sql.combination import JoinKind
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Faults, Span


@dataclass(frozen=True, slots=True)
class SharedColumn:
    """A column that the leaf `left` and the leaf that is joined to all before it share."""

    name: str
    left: int
    span: Span


@dataclass(slots=True)
class SharedColumns:
    """What the joins of one FROM share; leaves are known by their numbers."""

    leaves: Sequence[Leaf]
    faults: Faults
    owners: dict[str, list[int]] = field(default_factory=dict)
    """The leaves that share a column. It is read from the first of them."""
    order: list[str] = field(default_factory=list)
    """The columns that are shared, as `*` has them before all others."""
    united: dict[str, int] = field(default_factory=dict)
    """The columns of which FULL JOIN leaves no leaf that has them in all rows, each with the leaf
    from whose join on it is computed: the first of their values that is not NULL.
    """

    def join(self, number: int, kind: JoinKind, join: exp.Join) -> list[SharedColumn] | None:
        """The columns by which leaf `number` is joined to those before it; None after a fault."""
        using: list[exp.Identifier] | None = join.args.get("using")
        span = span_of(join)
        if using is None and not join.args.get("method"):
            return []
        if using is None:
            return self._natural(number, kind, span)
        named = [self._named(number, column) for column in using]
        shared = [column for column in named if column is not None]
        if len(shared) < len(named):
            return None
        return self._noted(number, kind, shared)

    def _natural(self, number: int, kind: JoinKind, span: Span) -> list[SharedColumn] | None:
        found = []
        for name in _names(self.leaves[number]):
            lefts = self._having(name, number)
            if len(lefts) > 1:
                aliases = listed(self.leaves[left].alias for left in lefts)
                message = f"NATURAL JOIN: {written(name)} is a column of several: {aliases}"
                self.faults.add(span, message, "write ON a.x = b.x")
                return None
            found += [SharedColumn(name, left, span) for left in lefts]
        if not found:
            self.faults.add(
                span, "NATURAL JOIN: the sides share no column", "write ON, or CROSS JOIN"
            )
            return None
        return self._noted(number, kind, found)

    def _named(self, number: int, column: exp.Identifier) -> SharedColumn | None:
        name, span, right = fold(column), span_of(column), self.leaves[number]
        if name not in _names(right):
            others = f"{written(right.alias)} has {listed(_names(right))}"
            self.faults.advise(span, no_such("column", column, _names(right), otherwise=others))
            return None
        lefts = self._having(name, number)
        if len(lefts) == 1:
            return SharedColumn(name, lefts[0], span)
        if lefts:
            aliases = listed(self.leaves[left].alias for left in lefts)
            message = f"{written(name)} is a column of several: {aliases}"
            self.faults.add(span, message, "write ON a.x = b.x")
        else:
            known = [each for leaf in self.leaves[:number] for each in _names(leaf)]
            others = f"the left side has {listed(known)}"
            self.faults.advise(span, no_such("column", column, known, otherwise=others))
        return None

    def _having(self, name: str, number: int) -> list[int]:
        """The leaves before `number` that have the column; those that share it count as one."""
        rest = self.owners.get(name, [])[1:]
        return [
            left for left in range(number) if name in _names(self.leaves[left]) and left not in rest
        ]

    def _noted(
        self, number: int, kind: JoinKind, columns: list[SharedColumn]
    ) -> list[SharedColumn]:
        for column in columns:
            owners = self.owners.setdefault(column.name, [column.left])
            # The side whose rows are all kept has the value where the other has NULL.
            owners.insert(0 if kind == "RIGHT" else len(owners), number)
            if kind == "FULL":
                self.united.setdefault(column.name, number)
        names = [column.name for column in columns]
        self.order = [*names, *(name for name in self.order if name not in names)]
        return columns


def _names(leaf: Leaf) -> list[str]:
    return [column.name for column in leaf.relation.columns]
