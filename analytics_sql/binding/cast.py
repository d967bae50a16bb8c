"""CAST: whether there is such a conversion, and what to write if there is none."""

from analytics_sql.binding.conversion import castable
from analytics_sql.binding.operation import Binder, Operand, is_null_constant
from analytics_sql.column_type import SUPPORTED, NotAColumnType, cast_type
from analytics_sql.expression import Cast, Literal
from analytics_sql.syntax.nodes import TypedCast, span_of
from analytics_sql.types import BOOLEAN, Kind, SqlType


def bind_cast(binder: Binder, node: TypedCast) -> Operand:
    """CAST(value AS type)."""
    operand = binder.bind(node.this)
    try:
        type_ = cast_type(node.args["type_text"])
    except NotAColumnType as error:
        binder.faults.add(span_of(node.expression), str(error), f"types are {SUPPORTED}")
        return None
    if operand is None:
        return None
    if is_null_constant(operand):
        return Literal(None, type_)
    if not castable(operand.type, type_):
        _refuse(binder, node, operand.type, type_)
        return None
    return operand if operand.type == type_ else Cast(operand, type_)


def _refuse(binder: Binder, node: TypedCast, source: SqlType, target: SqlType) -> None:
    remedy = None
    if source.kind is Kind.INTERVAL and target.is_exact:
        remedy = "an interval of one unit has a number: (a - b) SECOND"
    elif source.is_numeric and target.kind is Kind.INTERVAL:
        remedy = "write number * INTERVAL '1' SECOND"
    elif source.is_integer and target.is_datetime:
        remedy = "TO_TIMESTAMP(milliseconds) makes a TIMESTAMP of a number"
    elif source.kind is Kind.TIMESTAMP and target.is_numeric:
        remedy = "UNIX_TIMESTAMP(timestamp) gives milliseconds"
    elif BOOLEAN in (source, target):
        remedy = "write CASE WHEN ... THEN ... ELSE ... END"
    binder.faults.add(span_of(node), f"{source} cannot be CAST to {target}", remedy)
