"""What brings rows together, as DuckDB's SQL: joins of streams, reference tables, UNION ALL.

Rows that have failed below meet nobody; they go past, to be counted where dead letters are. Source
of the rules: docs/sql/decisions.md, "Joins, unions and order".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics_sql.combination import Join, KeyPair, Lookup, Union
from analytics_sql.expression import Comparison, Expression
from analytics_sql.plan import Node
from wildrydes.verification.expression_sql import STORED, TIME, check, expression_sql
from wildrydes.verification.not_judged import NotJudged


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows on their way: a SELECT and what its columns are called."""

    sql: str
    names: Mapping[str, str]
    """Of a plan's columns here."""
    span_ms: int
    """A row with ROWTIME t is made of records that arrived from t - span_ms on."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a join: its rows as columns that no other side has."""

    columns: Sequence[str]
    nulls: Sequence[str]
    """The same columns of a row that is not there."""
    names: Mapping[str, str]
    rows: str
    """A SELECT of the sound rows, with `<alias>_ms` for ROWTIME."""
    failed: str
    """A SELECT of the rows that have failed, without their columns."""


def join_sql(node: Join[Node], left: Relation, right: Relation) -> Relation:
    """Two rows meet when the later one is within the other side's window. Raises NotJudged."""
    if node.left_rows is not None or node.right_rows is not None:
        raise NotJudged("a window of ROWS in a JOIN")
    one, other = _side(node.left, left, "l"), _side(node.right, right, "r")
    names = {**one.names, **other.names}
    meets = " AND ".join(
        [
            f"r_ms - l_ms BETWEEN {-node.right_ms} AND {node.left_ms}",
            *_conditions(node.keys, node.condition, names),
        ]
    )
    columns = ", ".join([*one.columns, *other.columns])
    parts = [
        f"SELECT greatest(l_ms, r_ms) AS {TIME}, FALSE AS failed, {columns} "
        f"FROM ({one.rows}) JOIN ({other.rows}) ON {meets}",
    ]
    for keeps, side, partner, window_ms in (
        (node.keeps_left, one, other, node.left_ms),
        (node.keeps_right, other, one, node.right_ms),
    ):
        if keeps:
            alone = [*one.columns, *other.nulls] if side is one else [*one.nulls, *other.columns]
            alias = "l" if side is one else "r"
            parts.append(
                f"SELECT {alias}_ms + {window_ms}, FALSE, {', '.join(alone)} "
                f"FROM ({side.rows}) WHERE NOT EXISTS (FROM ({partner.rows}) WHERE {meets})"
            )
    nulls = ", ".join([*one.nulls, *other.nulls])
    parts += [f"SELECT {TIME}, TRUE, {nulls} FROM ({side.failed})" for side in (one, other)]
    span_ms = max(left.span_ms, right.span_ms) + max(node.left_ms, node.right_ms)
    return Relation(_all_of(parts), names, span_ms)


def lookup_sql(
    node: Lookup[Node], inner: Relation, table: str, columns: Mapping[str, str]
) -> Relation:
    """Each row with every row of the reference table that fits it; `columns`: how the table's are
    called there. Raises NotJudged.
    """
    stream = _side(node.input, inner, "l")
    taken = {output.name: f"t{i}" for i, output in enumerate(node.outputs)}
    for output in node.outputs:
        check(output.expression.type)
    of_table = ", ".join(
        f"{expression_sql(output.expression, columns)} AS {taken[output.name]}"
        for output in node.outputs
    )
    names = {**stream.names, **taken}
    fits = " AND ".join(_conditions(node.keys, node.condition, names)) or "TRUE"
    chosen = ", ".join([*stream.columns, *taken.values()])
    nulls = ", ".join(
        [*stream.nulls, *(f"NULL::{STORED[o.expression.type.kind]}" for o in node.outputs)]
    )
    kind = "LEFT JOIN" if node.outer else "JOIN"
    parts = [
        f"SELECT l_ms AS {TIME}, FALSE AS failed, {chosen} "
        f"FROM ({stream.rows}) {kind} (SELECT {of_table or '1'} FROM {table}) ON {fits}",
        f"SELECT {TIME}, TRUE, {nulls} FROM ({stream.failed})",
    ]
    return Relation(_all_of(parts), names, inner.span_ms)


def union_sql(node: Union[Node], inputs: Sequence[Relation]) -> Relation:
    """The rows of all inputs."""
    names = {column.name: f"u{i}" for i, column in enumerate(node.columns)}
    parts = []
    for below, relation in zip(node.inputs, inputs, strict=True):
        values = [
            f"{relation.names[column.name]} AS u{i}" for i, column in enumerate(below.columns)
        ]
        parts.append(f"SELECT {', '.join([TIME, 'failed', *values])} FROM ({relation.sql})")
    return Relation(_all_of(parts), names, max(relation.span_ms for relation in inputs))


def _side(node: Node, relation: Relation, alias: str) -> _Side:
    names: dict[str, str] = {}
    renamed, nulls = [f"{TIME} AS {alias}_ms"], []
    for i, column in enumerate(node.columns):
        check(column.type)
        names[column.name] = f"{alias}{i}"
        renamed.append(f"{relation.names[column.name]} AS {alias}{i}")
        nulls.append(f"NULL::{STORED[column.type.kind]}")
    return _Side(
        list(names.values()),
        nulls,
        names,
        f"SELECT {', '.join(renamed)} FROM ({relation.sql}) WHERE NOT failed",
        f"SELECT {TIME} FROM ({relation.sql}) WHERE failed",
    )


def _conditions(
    keys: Sequence[KeyPair], condition: Expression | None, names: Mapping[str, str]
) -> list[str]:
    found = [expression_sql(Comparison("=", one, other), names) for one, other in keys]
    return found if condition is None else [*found, expression_sql(condition, names)]


def _all_of(parts: Sequence[str]) -> str:
    return " UNION ALL ".join(f"({part})" for part in parts)
