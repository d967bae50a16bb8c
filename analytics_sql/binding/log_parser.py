"""Log parsers: SELECT STREAM REGEX_LOG_PARSE(line, '...') AS rec makes one column of each field.

A column of the record is called `rec.COLUMN1` in the rows of its query, which T.REC.COLUMN1 finds.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from analytics_sql.binding.constant import Constants, NoConstant
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.column_type import NotAColumnType, column_type
from analytics_sql.expression import Call, Cast, Expression, Literal
from analytics_sql.functions.fast_regex import FastRegex, fast_regex
from analytics_sql.functions.log_formats import parse_regex, w3c_regex
from analytics_sql.functions.logs import FIELD, SYS_LOG_TIME
from analytics_sql.functions.regex import SearchRegex
from analytics_sql.functions.registry import SCALARS
from analytics_sql.syntax.nodes import span_of
from analytics_sql.types import INTEGER, TIMESTAMP, Kind, SqlType

FIELDS_MAX: Final = 1000
_DESCRIPTION = re.compile(
    r'\s*(?P<name>"(?:[^"]|"")+"|[A-Za-z_]\w*)'
    r"(?:\s+(?:TYPE\s+)?(?P<type>DOUBLE\s+PRECISION|[A-Za-z]+(?:\s*\([\d\s,]*\))?))?"
    r"(?:\s*'(?P<pattern>(?:[^']|'')*)')?(?:\s+NOT\s+NULL)?"
    r"(?:\s+START\s+(?P<start>\d{1,5})(?:\s+FOR\s+(?P<length>\d{1,5}))?)?\s*(?:,|$)",
    re.IGNORECASE | re.ASCII,
)
_LENGTH_MAX: Final = 65_535

_FROM_TEXT: Final = {
    Kind.TIMESTAMP: "CHAR_TO_TIMESTAMP",
    Kind.DATE: "CHAR_TO_DATE",
    Kind.TIME: "CHAR_TO_TIME",
}


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a description."""

    name: str
    type: SqlType
    pattern: str | None
    """How a time is written; None: as CAST takes it."""
    start: int | None
    length: int | None


Field = tuple[str, Expression]
"""A column of a record, by its name there."""


def is_log_parser(node: exp.Expr) -> bool:
    """Whether an item calls a log parser."""
    return isinstance(node, exp.Anonymous) and node.name.upper() in _PARSERS


def is_log_field(expression: Expression) -> bool:
    """Whether a column is a field of a record."""
    inner = expression.operand if isinstance(expression, Cast) else expression
    if isinstance(inner, Call) and inner.function in _FROM_TEXT.values():
        inner = inner.arguments[1]
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
    groups = _groups(constants, parse_regex, pattern)
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
    (name, time), text = _numbered("SYS", line, (), 2)
    return [(name, _timed(time, TIMESTAMP, SYS_LOG_TIME)), text]


def _variable(line: Expression, constants: Constants) -> list[Field]:
    described: list[_Column] | None = None
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
    for column in described:
        if column.start is None:
            message = f"the column {column.name} does not say where it starts"
            raise constants.refuse(0, message, "write name TYPE type START 0 FOR 10")
        length = _LENGTH_MAX if column.length is None else column.length
        places = (_number(column.start), _number(length))
        fields.append((column.name, Call("LOG_FIELD(FIXED)", (line, *places), FIELD)))
    return _named(described, fields)


def _groups(
    constants: Constants, compiled: Callable[[str], SearchRegex | FastRegex], text: str
) -> int:
    try:
        return compiled(text).groups
    except ValueError as error:
        raise constants.refuse(0, str(error)) from None


def _described(constants: Constants, place: int) -> list[_Column]:
    """What a description such as 'name TYPE VARCHAR(10), n TYPE INTEGER' says."""
    text = constants.text(place, "the description of the columns")
    found: list[_Column] = []
    at = 0
    while at < len(text) or not found:
        match = _DESCRIPTION.match(text, at)
        if match is None:
            message = f"{text[at : at + 40]!a} does not describe a column"
            raise constants.refuse(place, message, "write 'name TYPE VARCHAR(10), n TYPE INTEGER'")
        name = match["name"]
        name = name[1:-1].replace('""', '"') if name.startswith('"') else name.upper()
        try:
            type = FIELD if match["type"] is None else column_type(" ".join(match["type"].split()))
        except NotAColumnType as error:
            raise constants.refuse(place, str(error)) from None
        if any(name == column.name for column in found):
            raise constants.refuse(place, f"two columns are called {name}")
        start, length = [None if n is None else int(n) for n in match.group("start", "length")]
        found.append(_Column(name, type, _pattern(constants, place, match, type), start, length))
        at = match.end()
    return found


def _pattern(constants: Constants, place: int, match: re.Match[str], type: SqlType) -> str | None:
    """The pattern of a time in a description, checked."""
    if match["pattern"] is None:
        return None
    pattern = match["pattern"].replace("''", "'")
    if type.kind not in _FROM_TEXT:
        message = f"a pattern goes with TIMESTAMP, DATE and TIME, not with {type}"
        raise constants.refuse(place, message)
    try:
        SCALARS[_FROM_TEXT[type.kind]].checks[0](pattern)
    except ValueError as error:
        raise constants.refuse(place, str(error)) from None
    return pattern


def _named(described: list[_Column], fields: list[Field]) -> list[Field]:
    named: list[Field] = []
    for column, (_, field) in zip(described, fields, strict=True):
        if column.pattern is not None:
            field = _timed(field, column.type, column.pattern)
        elif column.type != FIELD:
            field = Cast(field, column.type)
        named.append((column.name, field))
    return named


def _timed(field: Expression, type: SqlType, pattern: str) -> Expression:
    return Call(_FROM_TEXT[type.kind], (_text(pattern), field), type)


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
