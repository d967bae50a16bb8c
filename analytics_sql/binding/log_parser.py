"""Log parsers: SELECT STREAM REGEX_LOG_PARSE(line, '...') AS rec makes one column of each field.

A column of the record is called `rec.COLUMN1` in the rows of its query, which T.REC.COLUMN1 finds.
"""

import re
from collections.abc import Callable
from typing import Final

from sqlglot import exp

from analytics_sql.binding.constant import Constants, NoConstant
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.column_type import NotAColumnType, column_type
from analytics_sql.expression import Call, Cast, Expression, Literal
from analytics_sql.functions.logs import FIELD, check_parse_regex, fast_regex, w3c_regex
from analytics_sql.syntax.nodes import span_of
from analytics_sql.types import INTEGER, Kind, SqlType

FIELDS_MAX: Final = 1000
_DESCRIPTION = re.compile(
    r'\s*(?P<name>"(?:[^"]|"")+"|[A-Za-z_]\w*)\s+(?:TYPE\s+)?'
    r"(?P<type>DOUBLE\s+PRECISION|[A-Za-z]+(?:\s*\([\d\s,]*\))?)(?:\s+NOT\s+NULL)?"
    r"(?:\s+START\s+(?P<start>\d{1,5})(?:\s+FOR\s+(?P<length>\d{1,5}))?)?\s*(?:,|$)",
    re.IGNORECASE | re.ASCII,
)
_LENGTH_MAX: Final = 65_535

Described = list[tuple[str, SqlType, int | None, int | None]]
"""Name, type, start and length of each column in a description."""
Field = tuple[str, Expression]
"""A column of a record, by its name there."""


def is_log_parser(node: exp.Expr) -> bool:
    """Whether an item calls a log parser."""
    return isinstance(node, exp.Anonymous) and node.name.upper() in _PARSERS


def is_log_field(expression: Expression) -> bool:
    """Whether a column is a field of a record."""
    inner = expression.operand if isinstance(expression, Cast) else expression
    return isinstance(inner, Call) and inner.function.startswith("LOG_FIELD(")


def bind_record(call: exp.Expr, binder: RowBinder) -> list[Field] | None:
    """The columns of a log parser's record; None after a fault."""
    name = call.name.upper()
    parse, syntax, least, most = _PARSERS[name]
    line, *given = call.expressions or [None]
    constants = Constants(name, syntax, given, binder.faults)
    if line is None or not least <= len(given) <= most:
        count = f"{least + 1}" if least == most else f"{least + 1} to {most + 1}"
        noun = "argument" if count == "1" else "arguments"
        binder.faults.add(span_of(call), f"{name} takes {count} {noun}", f"write {syntax}")
        return None
    text = binder.bind(line)
    if text is None:
        return None
    if not text.type.is_text:
        message = f"{name} takes a text, this is {text.type}"
        binder.faults.add(span_of(line), message, f"write {syntax}")
        return None
    try:
        return parse(text, constants)
    except NoConstant:
        return None


def _regex(line: Expression, constants: Constants) -> list[Field]:
    pattern = constants.text(0, "the regular expression")
    groups = _groups(constants, check_parse_regex, pattern)
    fields = _numbered("REGEX", line, (_text(pattern),), groups)
    if not constants.has(1):
        return fields
    described = _described(constants, 1)
    if len(described) != groups:
        message = f"the expression has {groups} groups, {len(described)} columns are described"
        raise constants.refuse(1, message)
    return _named(described, fields)


def _fast_regex(line: Expression, constants: Constants) -> list[Field]:
    pattern = constants.text(0, "the regular expression")
    groups = _groups(constants, fast_regex, pattern)
    return _numbered("FAST_REGEX", line, (_text(pattern),), groups)


def _w3c(line: Expression, constants: Constants) -> list[Field]:
    format = constants.text(0, "the format")
    groups = _groups(constants, w3c_regex, format)
    return _numbered("W3C", line, (_text(format),), groups)


def _sys(line: Expression, constants: Constants) -> list[Field]:
    return _numbered("SYS", line, (), 3)


def _variable(line: Expression, constants: Constants) -> list[Field]:
    described: Described | None = None
    if constants.is_text(0):
        described = _described(constants, 0)
        count = len(described)
    else:
        count = constants.number(0, "the number of columns", 1, FIELDS_MAX)
    delimiter = constants.text(1, "the delimiter")
    if not delimiter:
        raise constants.refuse(1, "the delimiter is empty")
    escape = constants.text(2, "the escape") if constants.has(2) else ""
    quotes = constants.text(3, "the quotes") if constants.has(3) else ""
    if len(quotes) > 2:
        raise constants.refuse(3, "the quotes are one or two characters")
    fields = _numbered("VARIABLE", line, tuple(map(_text, (delimiter, escape, quotes))), count)
    return fields if described is None else _named(described, fields)


def _fixed(line: Expression, constants: Constants) -> list[Field]:
    described = _described(constants, 0)
    fields: list[Field] = []
    for name, _, start, length in described:
        if start is None:
            message = f"the column {name} does not say where it starts"
            raise constants.refuse(0, message, "write name TYPE type START 0 FOR 10")
        places = (_number(start), _number(_LENGTH_MAX if length is None else length))
        fields.append((name, Call("LOG_FIELD(FIXED)", (line, *places), FIELD)))
    return _named(described, fields)


def _groups(constants: Constants, compiled: Callable[[str], re.Pattern[str]], text: str) -> int:
    try:
        return compiled(text).groups
    except ValueError as error:
        raise constants.refuse(0, str(error)) from None


def _described(constants: Constants, place: int) -> Described:
    """What a description such as 'name TYPE VARCHAR(10), n TYPE INTEGER' says."""
    text = constants.text(place, "the description of the columns")
    found: Described = []
    at = 0
    while at < len(text) or not found:
        match = _DESCRIPTION.match(text, at)
        if match is None:
            message = f"{text[at : at + 40]!a} does not describe a column"
            raise constants.refuse(place, message, "write 'name TYPE VARCHAR(10), n TYPE INTEGER'")
        name = match["name"]
        name = name[1:-1].replace('""', '"') if name.startswith('"') else name.upper()
        try:
            type = column_type(" ".join(match["type"].split()))
        except NotAColumnType as error:
            raise constants.refuse(place, str(error)) from None
        if any(name == known for known, *_ in found):
            raise constants.refuse(place, f"two columns are called {name}")
        start, length = match["start"], match["length"]
        numbers = [None if n is None else int(n) for n in (start, length)]
        found.append((name, type, numbers[0], numbers[1]))
        at = match.end()
    return found


def _named(described: Described, fields: list[Field]) -> list[Field]:
    return [
        (name, field if type == FIELD else Cast(field, type))
        for (name, type, *_), (_, field) in zip(described, fields, strict=True)
    ]


def _numbered(
    kind: str, line: Expression, constants: tuple[Literal, ...], count: int
) -> list[Field]:
    call = f"LOG_FIELD({kind})"
    return [
        (f"COLUMN{n}", Call(call, (line, *constants, _number(n)), FIELD))
        for n in range(1, count + 1)
    ]


def _text(value: str) -> Literal:
    return Literal(value, SqlType(Kind.CHAR, len(value)))


def _number(value: int) -> Literal:
    return Literal(value, INTEGER)


_PARSERS: Final[dict[str, tuple[Callable[[Expression, Constants], list[Field]], str, int, int]]] = {
    "REGEX_LOG_PARSE": (_regex, "REGEX_LOG_PARSE(line, 'regex' [, 'columns'])", 1, 2),
    "FAST_REGEX_LOG_PARSER": (_fast_regex, "FAST_REGEX_LOG_PARSER(line, 'regex')", 1, 1),
    "FAST_REGEX_LOG_PARSE": (_fast_regex, "FAST_REGEX_LOG_PARSE(line, 'regex')", 1, 1),
    "W3C_LOG_PARSE": (_w3c, "W3C_LOG_PARSE(line, 'COMMON')", 1, 1),
    "SYS_LOG_PARSE": (_sys, "SYS_LOG_PARSE(line)", 0, 0),
    "VARIABLE_COLUMN_LOG_PARSE": (
        _variable,
        "VARIABLE_COLUMN_LOG_PARSE(line, 3 or 'columns', ',' [, 'escape', 'quotes'])",
        2,
        4,
    ),
    "FIXED_COLUMN_LOG_PARSE": (
        _fixed,
        "FIXED_COLUMN_LOG_PARSE(line, 'name TYPE VARCHAR(10) START 0 FOR 10')",
        1,
        1,
    ),
}
