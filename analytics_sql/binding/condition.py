"""Conditions: AND, OR, IS, BETWEEN, IN, LIKE, SIMILAR TO, those of periods and the comparisons."""

from sqlglot import exp

from analytics_sql.binding.operation import (
    Binder,
    ComparisonOperator,
    Operand,
    compared,
    joined,
    negated,
)
from analytics_sql.binding.period import bind_period
from analytics_sql.binding.scalar_call import scalar_call
from analytics_sql.binding.unsupported import unsupported
from analytics_sql.expression import Call, IsNull, Literal, Logical
from analytics_sql.functions import SCALARS
from analytics_sql.functions.regex import like_pattern, similar_pattern
from analytics_sql.syntax.nodes import PeriodPredicate, span_of
from analytics_sql.types import BOOLEAN

_COMPARISONS: dict[type[exp.Expr], ComparisonOperator] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


def bind_condition(binder: Binder, node: exp.Expr) -> Operand:
    """A node that is true or false; a fault for a node that no rule takes."""
    match node:
        case exp.And() | exp.Or():
            return _logical(binder, node)
        case exp.Not():
            return negated(binder.condition(node.this))
        case exp.Is():
            return _is_verdict(binder, node)
        case exp.NullSafeEQ():
            return _same(binder, node)
        case exp.NullSafeNEQ():
            return negated(_same(binder, node))
        case exp.Between():
            return _between(binder, node)
        case exp.In():
            return _in_list(binder, node)
        case PeriodPredicate():
            return bind_period(binder, node)
        case exp.Like() | exp.SimilarTo():
            return _like(binder, node, None)
        case exp.Escape(this=exp.Like() | exp.SimilarTo()):
            return _like(binder, node.this, node.expression)
    if type(node) in _COMPARISONS:
        left, right = binder.bind(node.this), binder.bind(node.expression)
        return compared(span_of(node), _COMPARISONS[type(node)], left, right, binder.faults)
    binder.faults.advise(span_of(node), unsupported(node))
    return None


def _logical(binder: Binder, node: exp.Expr) -> Operand:
    # A chain of n conditions becomes a tree of log n levels.
    kind = type(node)
    operands = []
    while type(node) is kind:
        operands.append(node.expression)
        node = node.this
    conditions = [binder.condition(operand) for operand in (node, *reversed(operands))]
    return joined("AND" if kind is exp.And else "OR", conditions)


def _is_verdict(binder: Binder, node: exp.Is) -> Operand:
    match node.expression:
        case exp.Null():
            operand = binder.bind(node.this)
            return None if operand is None else IsNull(operand)
        case exp.Boolean(this=truth):
            operand = binder.condition(node.this)
            name = "IS TRUE" if truth else "IS FALSE"
            return None if operand is None else Call(name, (operand,), BOOLEAN)
        case exp.Column() as word if word.name.upper() == "UNKNOWN":
            operand = binder.condition(node.this)
            return None if operand is None else IsNull(operand)
    binder.faults.add(
        span_of(node.expression), "IS stands before NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM"
    )
    return None


def _same(binder: Binder, node: exp.Expr) -> Operand:
    """IS NOT DISTINCT FROM: equal, or both NULL."""
    left, right = binder.bind(node.this), binder.bind(node.expression)
    equal = compared(span_of(node), "=", left, right, binder.faults)
    if left is None or right is None or equal is None:
        return None
    both = Logical("AND", IsNull(left), IsNull(right))
    return Logical("OR", Call("IS TRUE", (equal,), BOOLEAN), both)


def _between(binder: Binder, node: exp.Between) -> Operand:
    value = binder.bind(node.this)
    low, high = binder.bind(node.args["low"]), binder.bind(node.args["high"])
    span, faults = span_of(node), binder.faults
    inside = joined(
        "AND",
        [compared(span, ">=", value, low, faults), compared(span, "<=", value, high, faults)],
    )
    if not node.args.get("symmetric"):
        return inside
    limits = [
        compared(span, ">=", value, high, faults),
        compared(span, "<=", value, low, faults),
    ]
    return joined("OR", [inside, joined("AND", limits)])


def _in_list(binder: Binder, node: exp.In) -> Operand:
    value = binder.bind(node.this)
    choices = [
        compared(span_of(choice), "=", value, binder.bind(choice), binder.faults)
        for choice in node.expressions
    ]
    return joined("OR", choices)


def _check_pattern(call: Call) -> None:
    """Raises ValueError for a constant pattern that is none, which every row would find out."""
    constants = [one.value for one in call.arguments[1:] if isinstance(one, Literal)]
    if len(constants) == len(call.arguments) - 1 and None not in constants:
        compile_pattern = like_pattern if call.function == "LIKE" else similar_pattern
        compile_pattern(*map(str, constants))


def _like(binder: Binder, node: exp.Expr, escape: exp.Expr | None) -> Operand:
    operands = [node.this, node.expression, *([] if escape is None else [escape])]
    bound = [binder.bind(operand) for operand in operands]
    function = SCALARS["LIKE" if isinstance(node, exp.Like) else "SIMILAR TO"]
    matches = scalar_call(function, node, operands, bound, binder.faults)
    if isinstance(matches, Call):
        try:
            _check_pattern(matches)
        except ValueError as error:
            binder.faults.add(span_of(node.expression), str(error))
            return None
    return negated(matches) if node.args.get("negate") else matches
