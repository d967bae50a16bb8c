"""Expressions over one input row: WHERE, the argument of an aggregate, a plain select list.

Binding goes on after a fault: an expression with a fault in it is None and so is all that is built
on it, but its other operands are still looked at.
"""

from sqlglot import exp

from analytics_sql.binding import literals
from analytics_sql.binding.aggregate import ANALYTICS
from analytics_sql.binding.cast import bind_cast
from analytics_sql.binding.condition import bind_condition
from analytics_sql.binding.function import unusable
from analytics_sql.binding.names import fold
from analytics_sql.binding.operation import (
    ArithmeticOperator,
    Operand,
    chosen,
    compared,
    computed,
)
from analytics_sql.binding.scalar_call import ALIASES, coalesce, scalar_call
from analytics_sql.binding.scope import Scope
from analytics_sql.binding.time_expression import difference, rounded, step
from analytics_sql.expression import (
    Arithmetic,
    Cast,
    Expression,
    InputRowTime,
    Literal,
    RowTime,
    size_of,
)
from analytics_sql.functions import SCALARS
from analytics_sql.syntax.nodes import (
    DatetimeLiteral,
    IntervalLiteral,
    QualifiedDifference,
    Refused,
    RoundToUnit,
    Step,
    TypedCast,
    span_of,
)
from analytics_sql.syntax.refusals import is_never_had
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import BOOLEAN, DATE, TIME, Kind

DEPTH_MAX = 64
"""Levels of an expression; each further operand of + - * / is one. What compiles a plan recurses.
"""

SIZE_MAX = 200_000
"""Nodes of an expression. Some, such as COALESCE and BETWEEN, hold an operand twice: nested, they
double with each level.
"""

_TOO_LARGE = (
    "this expression is too large",
    "compute its parts in a pump of their own, and use their columns in the next",
)
_TOO_DEEP = (
    "this is nested too deeply",
    f"an expression has at most {DEPTH_MAX} levels; compute it in two pumps, one after the other",
)

_CHAINS: dict[type[exp.Expr], ArithmeticOperator | None] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.DPipe: None,
}
"""Operators that are often written in long chains; None: ||, which is a function."""

_ROW_TIMES = {
    **dict.fromkeys(("CURRENT_ROW_TIMESTAMP", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP"), None),
    "CURRENT_DATE": DATE,
    **dict.fromkeys(("CURRENT_TIME", "LOCALTIME"), TIME),
}
"""What stands for the current time, which is that of the row: docs/sql/decisions.md says why."""


class RowBinder:
    """Binds expressions to a scope. `row_time` is what ROWTIME without a qualifier means: the
    operator in a select list, the input row's elsewhere.
    """

    def __init__(
        self, scope: Scope, faults: Faults, row_time: RowTime | InputRowTime | None = None
    ) -> None:
        self.scope = scope
        self.faults = faults
        self._row_time = row_time or InputRowTime()
        self._depth = 0

    def bind(self, node: exp.Expr, levels: int = 1) -> Operand:
        """The typed expression; None after a fault."""
        self._depth += levels
        try:
            if self._depth > DEPTH_MAX:
                self.faults.add(span_of(node), *_TOO_DEEP)
                return None
            bound = self._bind_node(node)
        finally:
            self._depth -= levels
        if bound is not None and not self._depth and size_of(bound) > SIZE_MAX:
            self.faults.add(span_of(node), *_TOO_LARGE)
            return None
        return bound

    def condition(self, node: exp.Expr) -> Operand:
        """As `bind`, for what has to be true or false."""
        bound = self.bind(node)
        if bound is None or bound.type == BOOLEAN:
            return bound
        self.faults.add(span_of(node), f"a condition is needed here, this is {bound.type}")
        return None

    def column(self, column: exp.Column) -> Operand:
        """What a reference to a column, or to ROWTIME, stands for."""
        reference = self.scope.resolve(column, self.faults)
        return self._row_time if isinstance(reference, RowTime) else reference

    def function(self, call: exp.Anonymous) -> Operand:
        """What a function call stands for."""
        name = ALIASES.get(call.name.upper(), call.name.upper())
        if name in ANALYTICS:
            self.faults.add(
                span_of(call),
                f"{name} cannot stand here",
                "an aggregate stands in the select list of a query with GROUP BY",
            )
        elif name in _ROW_TIMES and len(call.expressions) <= 1:
            return self._current(name)
        elif name in ("COALESCE", "NULLIF", "EXTRACT") or name in SCALARS:
            return self._scalar(name, call)
        elif not is_never_had(call):
            self.faults.advise(span_of(call), unusable(name))
        return None

    def _bind_node(self, node: exp.Expr) -> Operand:
        match node:
            case exp.Paren():
                return self.bind(node.this, 0)
            case exp.Column() if not node.is_star:
                name = self._current_time(node)
                return self.column(node) if name is None else self._current(name)
            case exp.Anonymous():
                return self.function(node)
            case exp.Literal() | exp.Neg() | DatetimeLiteral() | IntervalLiteral():
                return self._constant(node)
            case Refused():
                return None
            case exp.Null():
                # The column, operand or target that it meets gives it its type.
                return Literal(None, BOOLEAN)
            case exp.Boolean():
                return Literal(bool(node.this), BOOLEAN)
            case TypedCast():
                return bind_cast(self, node)
            case exp.Case():
                return self._case(node)
            case QualifiedDifference():
                return difference(self, node)
            case RoundToUnit():
                return rounded(self, node)
            case Step():
                return step(self, node)
        if type(node) in _CHAINS:
            return self._chain(node)
        return bind_condition(self, node)

    def _constant(self, node: exp.Expr) -> Operand:
        try:
            match node:
                case DatetimeLiteral():
                    return literals.date_or_time(node)
                case IntervalLiteral():
                    return literals.interval(node)
                case exp.Literal() if node.is_string:
                    return literals.text(node.name)
                case exp.Literal():
                    return literals.number(node.name)
                case exp.Neg(this=exp.Literal() as digits) if not digits.is_string:
                    return literals.number(digits.name, negative=True)
        except literals.NotALiteral as error:
            self.faults.add(span_of(node), str(error))
            return None
        return self._negative(node)

    def _negative(self, node: exp.Expr) -> Operand:
        operand = self.bind(node.this)
        if operand is None:
            return None
        if not operand.type.is_numeric and operand.type.kind is not Kind.INTERVAL:
            self.faults.add(span_of(node), f"- takes a number, not {operand.type}")
            return None
        zero = Literal(0.0 if operand.type.is_approximate else 0, operand.type)
        return Arithmetic("-", zero, operand, operand.type)

    def _chain(self, node: exp.Expr) -> Operand:
        chain = []
        first = node
        while type(first) in _CHAINS:
            chain.append(first)
            first = first.this
        # What stands first in the text is deepest in the tree.
        if self._depth + len(chain) > DEPTH_MAX:
            self.faults.add(span_of(first), *_TOO_DEEP)
            return None
        total = self.bind(first, len(chain))
        for depth in range(len(chain), 0, -1):
            pair = chain[depth - 1]
            operator, operand = _CHAINS[type(pair)], self.bind(pair.expression, depth)
            if operator is not None:
                total = computed(span_of(pair), operator, total, operand, self.faults)
            else:
                texts = [pair.this, pair.expression]
                total = scalar_call(SCALARS["||"], pair, texts, [total, operand], self.faults)
        return total

    def _case(self, node: exp.Case) -> Operand:
        subject = None if node.this is None else self.bind(node.this)
        branches = []
        for branch in node.args["ifs"]:
            if node.this is None:
                condition = self.condition(branch.this)
            else:
                value = self.bind(branch.this)
                condition = compared(span_of(branch.this), "=", subject, value, self.faults)
            branches.append((condition, self.bind(branch.args["true"])))
        default = node.args.get("default")
        otherwise = Literal(None, BOOLEAN) if default is None else self.bind(default)
        return chosen(span_of(node), branches, otherwise, self.faults)

    def _scalar(self, name: str, call: exp.Anonymous) -> Operand:
        operands = call.expressions
        if name == "EXTRACT" and operands[0].name == "SECOND":
            name, operands = "EXTRACT SECOND", operands[1:]
        bound = [self.bind(operand) for operand in operands]
        if name == "COALESCE":
            return coalesce(call, bound, self.faults)
        if name == "NULLIF":
            return self._null_if(call, bound)
        return scalar_call(SCALARS[name], call, operands, bound, self.faults)

    def _null_if(self, call: exp.Anonymous, bound: list[Operand]) -> Operand:
        if len(bound) != 2:
            self.faults.add(span_of(call), "NULLIF takes 2 arguments", "write NULLIF(value, value)")
            return None
        equal = compared(span_of(call), "=", bound[0], bound[1], self.faults)
        branches = [(equal, Literal(None, BOOLEAN))]
        return chosen(span_of(call), branches, bound[0], self.faults)

    def _current_time(self, column: exp.Column) -> str | None:
        """The word for the current time that a column is, if no column of the stream has it."""
        identifier = column.this
        if not isinstance(identifier, exp.Identifier) or identifier.quoted:
            return None
        name = fold(identifier)
        known = {known.name for known in self.scope.relation.columns}
        return name if name in _ROW_TIMES and not column.table and name not in known else None

    def _current(self, name: str) -> Expression:
        type_ = _ROW_TIMES[name]
        return self._row_time if type_ is None else Cast(self._row_time, type_)
