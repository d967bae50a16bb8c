"""What the dialect's parser makes: statements, and the expressions that standard SQL lacks.

Queries and all other expressions are sqlglot's own nodes. Every leaf knows its span in the text.
"""

from dataclasses import dataclass
from typing import ClassVar

from sqlglot import exp

from analytics_sql.syntax.source_text import Span


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as written, such as VARCHAR(16)."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class ColumnDeclaration:
    """`"Name" VARCHAR(16) NOT NULL` in a CREATE STREAM."""

    name: exp.Identifier
    type: TypeName
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Parameter:
    """`price DOUBLE` in a CREATE FUNCTION."""

    name: exp.Identifier
    type: TypeName


@dataclass(frozen=True, slots=True)
class CreateStream:
    """CREATE [OR REPLACE] STREAM name (columns)."""

    name: exp.Identifier
    columns: tuple[ColumnDeclaration, ...]
    replaces: bool = False
    """OR REPLACE."""


@dataclass(frozen=True, slots=True)
class CreatePump:
    """CREATE [OR REPLACE] PUMP name [STARTED | STOPPED] AS INSERT INTO target [(columns)] query."""

    name: exp.Identifier
    started: bool
    target: exp.Identifier
    columns: tuple[exp.Identifier, ...] | None
    """None: no column list, so all columns of the target."""
    query: exp.Expr
    replaces: bool = False
    """OR REPLACE."""


@dataclass(frozen=True, slots=True)
class CreateFunction:
    """CREATE [OR REPLACE] FUNCTION name (parameters) RETURNS type ... RETURN body."""

    name: exp.Identifier
    parameters: tuple[Parameter, ...]
    returns: TypeName
    is_strict: bool
    """RETURNS NULL ON NULL INPUT."""
    body: exp.Expr


@dataclass(frozen=True, slots=True)
class BrokenStatement:
    """A statement with a syntax error, which has been noted. `stream` or `function` is what it was
    going to create, so that the pumps which use it are not blamed for its absence.
    """

    stream: exp.Identifier | None = None
    function: exp.Identifier | None = None


Statement = CreateStream | CreatePump | CreateFunction | BrokenStatement


class Step(exp.Expression):
    """STEP(this BY expression)."""

    arg_types: ClassVar = {"this": True, "expression": True}


class RoundToUnit(exp.Expression):
    """FLOOR(this TO unit) or CEIL(this TO unit); `function` and `unit` are upper-case text."""

    arg_types: ClassVar = {"this": True, "function": True, "unit": True}


class QualifiedDifference(exp.Expression):
    """(this) SECOND, or (this) DAY TO SECOND: the interval between two timestamps.

    `unit` is the finest unit, `first_unit` the coarsest, both upper-case text.
    """

    arg_types: ClassVar = {"this": True, "unit": True, "first_unit": True}


class IntervalLiteral(exp.Expression):
    """INTERVAL '1:30' MINUTE TO SECOND: text is `this`, the units upper-case, coarsest first."""

    arg_types: ClassVar = {"this": True, "negative": True, "first_unit": True, "last_unit": True}


class DatetimeLiteral(exp.Expression):
    """TIMESTAMP '...', DATE '...' or TIME '...'; `kind` is the upper-case word."""

    arg_types: ClassVar = {"this": True, "kind": True}


class PeriodPredicate(exp.Expression):
    """this OVERLAPS expression, and its kin: both are (start, end), or the latter is a time;
    `predicate` is upper-case text.
    """

    arg_types: ClassVar = {"this": True, "predicate": True, "expression": True}


class TypedCast(exp.Expression):
    """CAST(this AS type): `type_text` is the type as written, and `expression` stands there."""

    arg_types: ClassVar = {"this": True, "type_text": True, "expression": True}


class Over(exp.Expression):
    """A call, and what follows it: `window` is the WindowSpecification after OVER or the name of
    one, if there is an OVER; `nulls` is IGNORE or RESPECT, if NULLS follows; `from_last` says
    whether FROM LAST does.
    """

    arg_types: ClassVar = {"this": True, "window": False, "nulls": False, "from_last": True}


class WindowSpecification(exp.Expression):
    """(base PARTITION BY partition ORDER BY order unit BETWEEN start AND end): the parts that are
    written. `unit` is ROWS or RANGE; without BETWEEN there is no `end`.
    """

    arg_types: ClassVar = {
        "base": False,
        "partition": False,
        "order": False,
        "unit": False,
        "start": False,
        "end": False,
    }


class FrameBound(exp.Expression):
    """One end of a frame: `kind` is UNBOUNDED, CURRENT ROW or OFFSET, of which `this` is the
    number or interval; `side` is PRECEDING or FOLLOWING, and absent for CURRENT ROW.
    """

    arg_types: ClassVar = {"this": False, "kind": True, "side": False}


class NamedWindow(exp.Expression):
    """name AS specification, in a WINDOW clause."""

    arg_types: ClassVar = {"this": True, "specification": True}


class Stagger(exp.Expression):
    """WINDOWED BY STAGGER (PARTITION BY expressions RANGE size)."""

    arg_types: ClassVar = {"expressions": True, "size": True}


class TableCall(exp.Expression):
    """FUNCTION(CURSOR(query), expressions) inside TABLE( ): `this` is the name, upper-case text.
    Without CURSOR there is no query.
    """

    arg_types: ClassVar = {"this": True, "query": False, "expressions": False}


class Refused(exp.Expression):
    """Stands for an expression whose fault has been noted already."""


def span_of(node: exp.Expr) -> Span:
    """Where a node stands in the text: its own tokens if it noted them, else all of its leaves.

    A node without any leaf takes its parent's span.
    """
    own = _own_span(node)
    if own is not None:
        return own
    leaves = [span for leaf in node.walk() if (span := _own_span(leaf)) is not None]
    if leaves:
        return Span(min(s.start for s in leaves), max(s.end for s in leaves))
    return span_of(node.parent) if node.parent is not None else Span(0, 0)


def place(node: exp.Expr, span: Span) -> None:
    """Notes where a node stands."""
    node.update_positions(start=span.start, end=span.end - 1)


def _own_span(node: exp.Expr) -> Span | None:
    start, end = node.meta_get("start"), node.meta_get("end")
    return Span(start, end + 1) if isinstance(start, int) and isinstance(end, int) else None
