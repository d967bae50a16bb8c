"""Calls with OVER: the sliding windows of one query, and what is computed over each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlglot import exp

from analytics_sql.binding.aggregate import ANALYTICS, AnalyticFunction
from analytics_sql.binding.conversion import comparable, converted
from analytics_sql.binding.frame import bind_frame
from analytics_sql.binding.literals import NotALiteral, interval_ms
from analytics_sql.binding.named_windows import NamedWindows
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.expression import ColumnRef, Expression, InputRowTime, Literal
from analytics_sql.plan import Analytic, Frame, Node, Slide
from analytics_sql.syntax.nodes import (
    IntervalLiteral,
    Over,
    WindowSpecification,
    span_of,
)
from analytics_sql.syntax.refusals import DISTINCT_REMEDY
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import BIGINT, SqlType

OFFSET_MAX = 10_000_000
"""Rows that LAG and NTH_VALUE can count: memory is taken for every one of them."""


@dataclass(frozen=True, slots=True)
class CallOver:
    """The arguments of a call after binding."""

    argument: Expression | None
    type: SqlType
    offset: int | None = None
    default: Expression | None = None
    parameter_ms: int | None = None


class Analytics:
    """Binds the calls with OVER of one query; each of them becomes a column of a Slide."""

    def __init__(self, windows: NamedWindows, taken: Iterable[str], faults: Faults):
        self._faults = faults
        self._names = set(taken)
        self._calls: dict[Analytic, Analytic] = {}
        self._windows = windows

    def over(self, node: Node) -> Node:
        """A node with the calls that have been bound above it."""
        calls = tuple(self._calls.values())
        return Slide(node, calls) if calls else node

    @property
    def arguments(self) -> list[Expression | None]:
        """All that the calls are computed from."""
        return [
            operand
            for call in self._calls.values()
            for operand in (call.argument, call.default, *call.partition)
        ]

    def bind(self, over: Over, rows: RowBinder) -> ColumnRef | None:
        """The column that holds the value of a call; `rows` binds its operands."""
        call = over.this
        function = ANALYTICS.get(call.name.upper()) if isinstance(call, exp.Anonymous) else None
        window = self._windows.specification(over.args["window"])
        if function is None:
            # Whatever else is wrong with the call comes first.
            if rows.bind(call) is not None:
                self._faults.add(
                    span_of(call),
                    "this function cannot have OVER",
                    f"functions of a window are {', '.join(sorted(ANALYTICS))}",
                )
            return None
        bound = bind_call(function, call, rows)
        if window is None:
            return None
        frame, partition = self._window(window, rows)
        nulls = over.args.get("nulls")
        if nulls and not function.takes_nulls:
            self._faults.add(
                span_of(over),
                f"{function.name} passes NULLs over anyway",
                f"leave {nulls} NULLS out",
            )
            return None
        if over.args["from_last"] and function.name != "NTH_VALUE":
            self._faults.add(span_of(over), "FROM LAST goes with NTH_VALUE only")
            return None
        if bound is None or frame is None or partition is None:
            return None
        return self._kept(
            Analytic(
                function=function.name,
                argument=bound.argument,
                partition=partition,
                frame=frame,
                type=bound.type,
                name="",
                offset=bound.offset,
                default=bound.default,
                parameter_ms=bound.parameter_ms,
                ignore_nulls=nulls == "IGNORE",
                from_last=over.args["from_last"],
            )
        )

    def _kept(self, call: Analytic) -> ColumnRef:
        known = self._calls.get(call)
        if known is None:
            name = f"{readable(call.function, call.argument, len(self._calls) + 1)} OVER"
            while name in self._names:
                name += "'"
            self._names.add(name)
            known = self._calls[call] = replace(call, name=name)
        return ColumnRef(known.name, known.type)

    def _window(
        self, window: WindowSpecification, rows: RowBinder
    ) -> tuple[Frame | None, tuple[Expression, ...] | None]:
        order = window.args.get("order")
        if order is not None:
            self._faults.add(
                span_of(order),
                "ORDER BY cannot stand in OVER",
                "leave it out: the rows of a stream are in the order of their ROWTIME",
            )
        keys = [rows.bind(key) for key in window.args.get("partition") or ()]
        partition = tuple(key for key in keys if key is not None)
        frame = bind_frame(window, self._faults)
        is_sound = order is None and len(partition) == len(keys)
        return frame, partition if is_sound else None


def bind_call(function: AnalyticFunction, call: exp.Anonymous, rows: RowBinder) -> CallOver | None:
    """The arguments of an aggregate or an analytic function; None after a fault."""
    faults, operands = rows.faults, call.expressions
    at_most = {"EXP_AVG": 2, "LAG": 3, "NTH_VALUE": 2}.get(function.name, 1)
    at_least = 2 if function.name in ("EXP_AVG", "NTH_VALUE") else 1
    if operands and isinstance(operands[0], exp.Distinct):
        faults.add(
            span_of(operands[0]),
            f"the service has no {function.name}(DISTINCT ...)",
            DISTINCT_REMEDY,
        )
        return None
    if not at_least <= len(operands) <= at_most:
        faults.add(span_of(call), f"{function.name} takes {function.arguments}")
        return None
    if isinstance(operands[0], exp.Star) and function.name == "COUNT":
        return CallOver(None, BIGINT)
    argument = rows.bind(operands[0])
    if argument is None:
        return None
    type_ = function.result(argument.type)
    if type_ is None:
        message = f"{function.name} takes {function.takes}, this is {argument.type}"
        faults.add(span_of(operands[0]), message)
        return None
    bound = CallOver(argument, type_)
    match function.name:
        case "EXP_AVG":
            half_life_ms = _half_life(operands[1], faults)
            return None if half_life_ms is None else replace(bound, parameter_ms=half_life_ms)
        case "LAG" | "NTH_VALUE":
            return _counted(bound, function, operands[1:], rows)
    return bound


def _counted(
    bound: CallOver, function: AnalyticFunction, operands: list[exp.Expr], rows: RowBinder
) -> CallOver | None:
    first = 1 if function.name == "NTH_VALUE" else 0
    offset = 1
    if operands:
        number = operands[0].unnest()
        is_count = isinstance(number, exp.Literal) and number.name.isdecimal()
        if not is_count or not first <= int(number.name[:9]) <= OFFSET_MAX:
            rows.faults.add(
                span_of(number),
                f"{function.name} counts rows with a whole number from {first} to {OFFSET_MAX}",
            )
            return None
        offset = int(number.name)
    if len(operands) < 2:
        return replace(bound, offset=offset)
    default = rows.bind(operands[1])
    if default is None:
        return None
    if isinstance(default, Literal) and default.value is None:
        return replace(bound, offset=offset)
    if not comparable(default.type, bound.type):
        rows.faults.add(
            span_of(operands[1]),
            f"the default is {default.type}, the value of {function.name} {bound.type}",
            "both need one kind of value",
        )
        return None
    return replace(bound, offset=offset, default=converted(default, bound.type))


def _half_life(node: exp.Expr, faults: Faults) -> int | None:
    interval = node.unnest()
    message = "EXP_AVG takes the half-life of its weights as an interval"
    if isinstance(interval, IntervalLiteral):
        try:
            length_ms = interval_ms(interval)
        except NotALiteral as error:
            message = str(error)
        else:
            if length_ms >= 1 and length_ms.denominator == 1:
                return int(length_ms)
            message = "a half-life is a whole number of milliseconds"
    faults.add(span_of(node), message, "write EXP_AVG(x, INTERVAL '10' SECOND)")
    return None


def readable(function: str, argument: Expression | None, number: int) -> str:
    """SUM(Distance), COUNT(*); with a longer argument only which call it is: SUM(#2)."""
    match argument:
        case None:
            return f"{function}(*)"
        case ColumnRef(name=name):
            return f"{function}({name})"
        case InputRowTime():
            return f"{function}(ROWTIME)"
    return f"{function}(#{number})"
