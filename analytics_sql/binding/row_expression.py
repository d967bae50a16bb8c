"""Expressions over one input row: WHERE, the argument of an aggregate, a plain select list.

Binding goes on after a fault: an expression with a fault in it is None and so is all that is built
on it, but its other operands are still looked at.
"""

from typing import Literal as OneOf

from sqlglot import exp

from analytics_sql.binding import literals
from analytics_sql.binding.conversion import arithmetic_type, comparable
from analytics_sql.binding.function import AGGREGATES, unusable
from analytics_sql.binding.scope import Scope
from analytics_sql.binding.unsupported import unsupported
from analytics_sql.expression import (
    Arithmetic,
    Comparison,
    Expression,
    InputRowTime,
    IsNull,
    Literal,
    Logical,
    Not,
    RowTime,
)
from analytics_sql.syntax.nodes import DatetimeLiteral, span_of
from analytics_sql.syntax.refusals import is_never_had
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import BOOLEAN, DOUBLE, TIMESTAMP, Kind, SqlType

DEPTH_MAX = 64
"""Levels of an expression; each further operand of + - * is one. What compiles a plan recurses."""

_TOO_DEEP = (
    "this is nested too deeply",
    f"an expression has at most {DEPTH_MAX} levels; compute it in two pumps, one after the other",
)

_COMPARISONS: dict[type[exp.Expr], OneOf["=", "<>", "<", "<=", ">", ">="]] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_ARITHMETIC: dict[type[exp.Expr], OneOf["+", "-", "*"]] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
}


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

    def bind(self, node: exp.Expr) -> Expression | None:
        """The typed expression; None after a fault."""
        return _settled(self._bind(node))

    def condition(self, node: exp.Expr) -> Expression | None:
        """As `bind`, for what has to be true or false."""
        bound = self.bind(node)
        if bound is None or bound.type == BOOLEAN:
            return bound
        self.faults.add(span_of(node), f"a condition is needed here, this is {bound.type}")
        return None

    def column(self, column: exp.Column) -> Expression | None:
        """What a reference to a column, or to ROWTIME, stands for."""
        reference = self.scope.resolve(column, self.faults)
        return self._row_time if isinstance(reference, RowTime) else reference

    def function(self, call: exp.Anonymous) -> Expression | None:
        """What a function call stands for."""
        name = call.name.upper()
        if name in AGGREGATES:
            self.faults.add(
                span_of(call),
                f"{name} cannot stand here",
                "an aggregate stands in the select list of a query with GROUP BY",
            )
        elif not is_never_had(call):
            self.faults.advise(span_of(call), unusable(name))
        return None

    def _bind(self, node: exp.Expr, levels: int = 1) -> Expression | None:
        """As `bind`, but a decimal constant keeps its exact type, which its operator must see."""
        self._depth += levels
        try:
            if self._depth > DEPTH_MAX:
                self.faults.add(span_of(node), *_TOO_DEEP)
                return None
            return self._bind_node(node)
        finally:
            self._depth -= levels

    def _bind_node(self, node: exp.Expr) -> Expression | None:
        match node:
            case exp.Paren():
                return self._bind(node.this, 0)
            case exp.Column() if not node.is_star:
                return self.column(node)
            case exp.Anonymous():
                return self.function(node)
            case exp.Literal() | exp.Neg() | DatetimeLiteral():
                return self._constant(node)
            case exp.Null():
                # The column, operand or target that it meets gives it its type.
                return Literal(None, BOOLEAN)
            case exp.Boolean():
                return Literal(bool(node.this), BOOLEAN)
            case exp.And() | exp.Or():
                return self._logical(node)
            case exp.Not():
                operand = self.condition(node.this)
                return None if operand is None else Not(operand)
            case exp.Is() if isinstance(node.expression, exp.Null):
                operand = self.bind(node.this)
                return None if operand is None else IsNull(operand)
            case exp.Between():
                return self._between(node)
            case exp.In():
                return self._in(node)
            case exp.Window(this=exp.Anonymous() as call) if call.name.upper() not in AGGREGATES:
                return self.function(call)
        if type(node) in _COMPARISONS:
            return self._compare(
                node, _COMPARISONS[type(node)], self.bind(node.this), self.bind(node.expression)
            )
        if type(node) in _ARITHMETIC:
            return self._arithmetic(node)
        self.faults.advise(span_of(node), unsupported(node))
        return None

    def _constant(self, node: exp.Expr) -> Expression | None:
        try:
            match node:
                case DatetimeLiteral() if node.args["kind"] == "TIMESTAMP":
                    return literals.timestamp(node)
                case exp.Literal() if node.is_string:
                    return Literal(node.name, SqlType(Kind.VARCHAR, len(node.name)))
                case exp.Literal():
                    return literals.number(node.name)
                case exp.Neg(this=exp.Literal() as digits) if not digits.is_string:
                    return literals.number(digits.name, negative=True)
                case exp.Neg():
                    return self._negative(node)
        except literals.NotALiteral as error:
            self.faults.add(span_of(node), str(error))
            return None
        self.faults.advise(span_of(node), unsupported(node))
        return None

    def _negative(self, node: exp.Neg) -> Expression | None:
        operand = _settled(self._bind(node.this))
        if operand is None:
            return None
        if not operand.type.is_numeric:
            self.faults.add(span_of(node), f"- takes a number, not {operand.type}")
            return None
        zero = Literal(0.0 if operand.type.is_approximate else 0, operand.type)
        return Arithmetic("-", zero, operand, operand.type)

    def _logical(self, node: exp.Connector) -> Expression | None:
        # A chain of n conditions becomes a tree of log n levels.
        kind = type(node)
        operands = []
        while type(node) is kind:
            operands.append(node.expression)
            node = node.this
        conditions = [self.condition(operand) for operand in (node, *reversed(operands))]
        return _joined("AND" if kind is exp.And else "OR", conditions)

    def _between(self, node: exp.Between) -> Expression | None:
        value = self.bind(node.this)
        low, high = self.bind(node.args["low"]), self.bind(node.args["high"])
        limits = [self._compare(node, ">=", value, low), self._compare(node, "<=", value, high)]
        return _joined("AND", limits)

    def _in(self, node: exp.In) -> Expression | None:
        value = self.bind(node.this)
        choices = [
            self._compare(choice, "=", value, self.bind(choice)) for choice in node.expressions
        ]
        return _joined("OR", choices)

    def _compare(
        self,
        node: exp.Expr,
        operator: OneOf["=", "<>", "<", "<=", ">", ">="],
        left: Expression | None,
        right: Expression | None,
    ) -> Expression | None:
        if left is None or right is None:
            return None
        left, right = _typed_nulls(left, right)
        if comparable(left.type, right.type):
            return Comparison(operator, left, right)
        remedy = "write a time as TIMESTAMP 'yyyy-MM-dd HH:mm:ss'"
        self.faults.add(
            span_of(node),
            f"{left.type} cannot be compared with {right.type}",
            remedy if TIMESTAMP in (left.type, right.type) else "both sides need one kind of value",
        )
        return None

    def _arithmetic(self, node: exp.Expr) -> Expression | None:
        chain = []
        first = node
        while type(first) in _ARITHMETIC:
            chain.append(first)
            first = first.this
        # What stands first in the text is deepest in the tree.
        if self._depth + len(chain) > DEPTH_MAX:
            self.faults.add(span_of(first), *_TOO_DEEP)
            return None
        total = self._bind(first, len(chain))
        for depth in range(len(chain), 0, -1):
            pair = chain[depth - 1]
            total = self._computed(pair, total, self._bind(pair.expression, depth))
        return total

    def _computed(
        self, node: exp.Expr, left: Expression | None, right: Expression | None
    ) -> Expression | None:
        if left is None or right is None:
            return None
        operator = _ARITHMETIC[type(node)]
        left, right = _typed_nulls(left, right)
        type_ = arithmetic_type(left.type, right.type)
        if type_ is not None:
            # Both settle to the same: a decimal meets a DOUBLE here, or nothing.
            return Arithmetic(operator, _double(left), _double(right), type_)
        message = f"{left.type} {operator} {right.type} is not supported"
        if left.type.is_numeric and right.type.is_numeric:
            self.faults.add(span_of(node), f"{message} yet", "write 1.5 as a DOUBLE: 1.5E0")
        elif TIMESTAMP in (left.type, right.type):
            self.faults.add(span_of(node), f"{message} yet")
        else:
            self.faults.add(span_of(node), message, f"{operator} takes two numbers")
        return None


def _settled(expression: Expression | None) -> Expression | None:
    return None if expression is None else _double(expression)


def _double(expression: Expression) -> Expression:
    """Decimal constants are carried as DOUBLE until DECIMAL is supported."""
    if isinstance(expression, Literal) and expression.type.kind is Kind.DECIMAL:
        return Literal(expression.value, DOUBLE)
    return expression


def _typed_nulls(left: Expression, right: Expression) -> tuple[Expression, Expression]:
    if isinstance(left, Literal) and left.value is None:
        return Literal(None, right.type), right
    if isinstance(right, Literal) and right.value is None:
        return left, Literal(None, left.type)
    return left, right


def _joined(operator: OneOf["AND", "OR"], conditions: list[Expression | None]) -> Expression | None:
    operands = [condition for condition in conditions if condition is not None]
    if len(operands) < len(conditions):
        return None
    while len(operands) > 1:
        pairs = [
            Logical(operator, left, right)
            for left, right in zip(operands[::2], operands[1::2], strict=False)
        ]
        operands = [*pairs, *operands[2 * len(pairs) :]]
    return operands[0]
