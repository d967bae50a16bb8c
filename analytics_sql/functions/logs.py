"""Lines of logs: the fields of a record, one call for each of them.

What people write is REGEX_LOG_PARSE(line, regex) and the like, a record; binding/log_parser.py
makes one of these calls of each of its columns. A line that does not fit has NULL in all of them.
"""

import re
from calendar import monthrange
from functools import lru_cache

from analytics_sql.functions.fast_regex import fast_regex
from analytics_sql.functions.linear_regex import LinearRegex
from analytics_sql.functions.log_formats import parse_regex, w3c_regex
from analytics_sql.functions.regex import SearchRegex
from analytics_sql.functions.registry import INTEGER_NUMBER, TEXT, scalar
from analytics_sql.types import Kind, SqlType

FIELD = SqlType(Kind.VARCHAR, 65_535)
"""Of a column whose type is not written: a part of a line is never too long for it."""
LINES_MAX = 8192
"""Lines whose fields are remembered while they are asked for one after the other."""

Fields = tuple[str | None, ...]
NOTHING: Fields = ()

SYS_LOG_TIME = "MMM d HH:mm:ss"
"""The first column of SYS_LOG_PARSE, as CHAR_TO_TIMESTAMP reads it."""
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SYS_LOG = re.compile(
    rf"(?:<\d+>)?(?P<month>{'|'.join(_MONTHS)}) +(?P<day>\d{{1,2}}) "
    r"(?P<time>(?:[01]\d|2[0-3])(?::[0-5]\d){2}) (?P<text>.*)",
    re.DOTALL | re.ASCII,
)


@lru_cache(maxsize=LINES_MAX)
def _groups(line: str, pattern: SearchRegex, whole: bool) -> Fields:
    if isinstance(pattern, LinearRegex):
        return pattern.fields(line, whole=whole) or NOTHING
    match = pattern.fullmatch(line) if whole else pattern.search(line)
    return NOTHING if match is None else match.groups()


def _field(fields: Fields, number: int) -> str | None:
    return fields[number - 1] if number <= len(fields) else None


@scalar(
    "LOG_FIELD(REGEX)",
    "REGEX_LOG_PARSE(line, regex [, columns])",
    TEXT,
    TEXT,
    INTEGER_NUMBER,
    gives=FIELD,
    fails_by=(),
    source="REF:sql-reference-regex-log-parse",
)
def regex_field(line: str, regex: str, number: int) -> str | None:
    """A record with a column for each group of a regular expression of Java, looked for in the
    line.
    """
    return _field(_groups(line, parse_regex(regex), False), number)


@scalar(
    "LOG_FIELD(FAST_REGEX)",
    "FAST_REGEX_LOG_PARSER(line, regex)",
    TEXT,
    TEXT,
    INTEGER_NUMBER,
    gives=FIELD,
    fails_by=(),
    source="REF:sql-reference-fast-regex-log-parser",
)
def fast_regex_field(line: str, regex: str, number: int) -> str | None:
    """The same for the whole line: each group takes as little as it can, and nothing is tried
    twice; also FAST_REGEX_LOG_PARSE.
    """
    return _field(_fast_fields(line, regex), number)


@lru_cache(maxsize=LINES_MAX)
def _fast_fields(line: str, regex: str) -> Fields:
    return fast_regex(regex).fields(line) or NOTHING


@scalar(
    "LOG_FIELD(W3C)",
    "W3C_LOG_PARSE(line, format)",
    TEXT,
    TEXT,
    INTEGER_NUMBER,
    gives=FIELD,
    fails_by=(),
    source="REF:sql-reference-w3c-log-parse",
)
def w3c_field(line: str, format: str, number: int) -> str | None:
    """A record with a column for each specifier of Apache's log format: COMMON, COMMON WITH VHOST,
    NCSA EXTENDED, REFERER, AGENT, IIS, or specifiers.
    """
    return _field(_groups(line, w3c_regex(format), True), number)


@scalar(
    "LOG_FIELD(SYS)",
    "SYS_LOG_PARSE(line)",
    TEXT,
    INTEGER_NUMBER,
    gives=FIELD,
    fails_by=(),
    source="REF:sql-reference-sys-log-parse",
)
def sys_field(line: str, number: int) -> str | None:
    """A record of a line of syslog, `Mon DD HH:MM:SS server message`: the time, a TIMESTAMP in
    1970, and the text behind it.
    """
    match = _SYS_LOG.fullmatch(line)
    if match is None or not 1 <= int(match["day"]) <= 31:
        return None
    if number == 2:
        return match["text"]
    month, day = match["month"], int(match["day"])
    # 1970 has no 29 February: the message is there, its time cannot be.
    is_day = day <= monthrange(1970, 1 + _MONTHS.index(month))[1]
    return f"{month} {day} {match['time']}" if is_day else None


@scalar(
    "LOG_FIELD(VARIABLE)",
    "VARIABLE_COLUMN_LOG_PARSE(line, columns, delimiter [, escape, quotes])",
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    INTEGER_NUMBER,
    gives=FIELD,
    fails_by=(),
    source="REF:sql-reference-variable-column-log-parse",
)
def variable_field(line: str, delimiter: str, escape: str, quotes: str, number: int) -> str | None:
    """A record of what stands between delimiters; NULL for fields that the line does not have."""
    return _field(_split(line, delimiter, escape, quotes), number)


@lru_cache(maxsize=LINES_MAX)
def _split(line: str, delimiter: str, escape: str, quotes: str) -> Fields:
    fields, field, at, closing = [], "", 0, ""
    while at < len(line):
        if escape and line.startswith(escape, at) and at + len(escape) < len(line):
            at += len(escape)
            # What is escaped is a whole delimiter, or one character.
            taken = delimiter if line.startswith(delimiter, at) else line[at]
            field, at = field + taken, at + len(taken)
        elif closing:
            # With two quotes either of them ends what the first began.
            if line[at] in closing:
                closing = ""
            else:
                field += line[at]
            at += 1
        elif quotes and line[at] == quotes[0]:
            closing, at = quotes, at + 1
        elif line.startswith(delimiter, at):
            fields.append(field)
            field, at = "", at + len(delimiter)
        else:
            field, at = field + line[at], at + 1
    return (*fields, field)


@scalar(
    "LOG_FIELD(FIXED)",
    "FIXED_COLUMN_LOG_PARSE(line, columns)",
    TEXT,
    INTEGER_NUMBER,
    INTEGER_NUMBER,
    gives=FIELD,
    fails_by=(),
    source="REF:sql-reference-fixed-column-log-parse",
)
def fixed_field(line: str, start: int, length: int) -> str | None:
    """A record of fields with fixed places, the first of which is 0; NULL where the line has ended
    already.
    """
    return line[start : start + length] if start < len(line) else None
