"""An expression as SQL text again, with the casts that binding put in."""

from analytics_sql.expression import (
    Arithmetic,
    Call,
    Case,
    Cast,
    ColumnRef,
    Comparison,
    Expression,
    InputRowTime,
    IsNull,
    Literal,
    Logical,
    Not,
    RowTime,
)
from analytics_sql.functions import SCALARS
from analytics_sql.types import Kind
from fleet.timestamp import timestamp_text


def expression_text(expression: Expression) -> str:
    """One line; parentheses around whatever has an operator inside another."""
    match expression:
        case ColumnRef(name=name):
            return quoted(name)
        case RowTime():
            return "ROWTIME"
        case InputRowTime():
            return "s.ROWTIME"
        case Literal():
            return _constant(expression)
        case Comparison() | Logical() | Arithmetic():
            left, right = _inner(expression.left), _inner(expression.right)
            return f"{left} {expression.operator} {right}"
        case Not(operand=IsNull(operand=operand)):
            return f"{_inner(operand)} IS NOT NULL"
        case Not(operand=operand):
            return f"NOT {_inner(operand)}"
        case IsNull(operand=operand):
            return f"{_inner(operand)} IS NULL"
        case Call():
            return _call(expression)
        case Case(branches=branches, otherwise=otherwise):
            whens = [f"WHEN {expression_text(c)} THEN {expression_text(v)}" for c, v in branches]
            return f"CASE {' '.join(whens)} ELSE {expression_text(otherwise)} END"
        case Cast(operand=operand, type=type):
            return f"CAST({expression_text(operand)} AS {type})"


def _call(call: Call) -> str:
    """A call as people write it; a field of a log as a column of its parser's record."""
    if call.function == "||":
        left, right = call.arguments
        # What is joined first needs no parentheses.
        is_chain = isinstance(left, Call) and left.function == "||"
        return f"{expression_text(left) if is_chain else _inner(left)} || {_inner(right)}"
    texts = [expression_text(argument) for argument in call.arguments]
    if not call.function.startswith("LOG_FIELD("):
        return f"{call.function}({', '.join(texts)})"
    parser = SCALARS[call.function].spelled
    if parser == "FIXED_COLUMN_LOG_PARSE":
        line, start, length = texts
        return f"{parser}({line}, START {start} FOR {length})"
    *given, number = texts
    return f"{parser}({', '.join(given)}).COLUMN{number}"


def quoted(name: str) -> str:
    """A name as it has to be written: in quotes unless it is upper case."""
    plain = name.isascii() and name.isidentifier() and name == name.upper()
    return name if plain else f'"{name}"'


def _inner(expression: Expression) -> str:
    text = expression_text(expression)
    atom = isinstance(expression, ColumnRef | RowTime | InputRowTime | Literal | Call | Cast | Case)
    is_infix = isinstance(expression, Call) and expression.function == "||"
    return text if atom and not is_infix else f"({text})"


def _constant(literal: Literal) -> str:
    value, type = literal.value, literal.type
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, int) and type.kind is Kind.TIMESTAMP:
        return f"TIMESTAMP '{timestamp_text(value)}'"
    if isinstance(value, int) and type.kind is Kind.DATE:
        return f"DATE '{timestamp_text(value)[:10]}'"
    if isinstance(value, int) and type.kind is Kind.TIME:
        return f"TIME '{timestamp_text(value)[11:]}'"
    if isinstance(value, int) and type.kind is Kind.INTERVAL:
        return interval_text(value)
    if isinstance(value, int) and type.kind is Kind.DECIMAL and type.scale:
        digits = f"{abs(value):0{type.scale + 1}d}"
        return "-" * (value < 0) + f"{digits[: -type.scale]}.{digits[-type.scale :]}"
    if isinstance(value, float):
        # Without an exponent it would be a DECIMAL.
        text = str(value).upper().replace("E+", "E")
        return text if "E" in text else f"{text.removesuffix('.0')}E0"
    return str(value)


def interval_text(length_ms: int) -> str:
    """A length of time in the largest unit of which it is a whole number."""
    for unit, unit_ms in (("DAY", 86_400_000), ("HOUR", 3_600_000), ("MINUTE", 60_000)):
        if length_ms and length_ms % unit_ms == 0:
            return f"INTERVAL '{length_ms // unit_ms}' {unit}"
    seconds = f"{length_ms // 1000}.{length_ms % 1000:03d}".rstrip("0").rstrip(".")
    return f"INTERVAL '{seconds}' SECOND"
