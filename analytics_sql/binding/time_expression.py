"""Times: the difference of two, rounding to a unit, and STEP."""

from sqlglot import exp

from analytics_sql.binding import literals
from analytics_sql.binding.operation import Binder, Operand
from analytics_sql.binding.scalar_call import ALIASES, scalar_call
from analytics_sql.expression import Arithmetic
from analytics_sql.functions import SCALARS
from analytics_sql.syntax.nodes import QualifiedDifference, RoundToUnit, Step, span_of
from analytics_sql.types import UNIT_MS, Kind, SqlType

_UNITS = ", ".join(UNIT_MS)


def difference(binder: Binder, node: QualifiedDifference) -> Operand:
    """(a - b) SECOND: the interval between two times."""
    subtraction = node.this.unnest()
    units = node.args["first_unit"], node.args["unit"]
    if not isinstance(subtraction, exp.Sub):
        binder.faults.add(
            span_of(node),
            "a unit stands after the difference of two times",
            "write (a - b) SECOND",
        )
        return None
    left, right = binder.bind(subtraction.this), binder.bind(subtraction.expression)
    if left is None or right is None:
        return None
    if not left.type.is_datetime or left.type != right.type:
        binder.faults.add(
            span_of(subtraction),
            f"there is no interval between {left.type} and {right.type}",
            "it takes two TIMESTAMPs, two DATEs or two TIMEs",
        )
        return None
    if units[0] not in UNIT_MS or units[1] not in UNIT_MS:
        binder.faults.add(
            span_of(node), f"{units[1]} is no unit of an interval", f"units are {_UNITS}"
        )
        return None
    return Arithmetic("-", left, right, SqlType(Kind.INTERVAL, units=units))


def rounded(binder: Binder, node: RoundToUnit) -> Operand:
    """FLOOR(time TO unit) and CEIL(time TO unit)."""
    name = ALIASES.get(node.args["function"], node.args["function"])
    value, unit = binder.bind(node.this), node.args["unit"]
    if value is None:
        return None
    if unit not in UNIT_MS and value.type.kind in (Kind.INTERVAL, Kind.TIME):
        message = f"{value.type} has no {unit}"
        binder.faults.add(span_of(node), message, f"units are {_UNITS}")
        return None
    operands = [node.this, exp.Literal.string(unit)]
    bound = [value, literals.text(unit)]
    return scalar_call(SCALARS[f"{name} TO"], node, operands, bound, binder.faults)


def step(binder: Binder, node: Step) -> Operand:
    """STEP(time BY interval) and STEP(integer BY integer)."""
    bound = [binder.bind(node.this), binder.bind(node.expression)]
    is_number = bound[0] is not None and bound[0].type.is_numeric
    function = SCALARS["STEP NUMBER" if is_number else "STEP"]
    return scalar_call(function, node, [node.this, node.expression], bound, binder.faults)
