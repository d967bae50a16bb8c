"""Lines of logs: the fields of a record, one call for each of them.

What people write is REGEX_LOG_PARSE(line, regex) and the like, a record; binding/log_parser.py
makes one of these calls of each of its columns. A line that does not fit has NULL in all of them.
"""

import re
from functools import lru_cache

from analytics_sql.functions.regex import java_regex
from analytics_sql.functions.registry import INTEGER_NUMBER, TEXT, scalar
from analytics_sql.types import Kind, SqlType

FIELD = SqlType(Kind.VARCHAR, 65_535)
"""Of a column whose type is not written: a part of a line is never too long for it."""
LINES_MAX = 8192
"""Lines whose fields are remembered while they are asked for one after the other."""

Fields = tuple[str | None, ...]
NOTHING: Fields = ()

W3C_FORMATS = {
    "COMMON": '%h %l %u %t "%r" %>s %b',
    "COMMON WITH VHOST": '%v %h %l %u %t "%r" %>s %b',
    "NCSA EXTENDED": '%h %l %u %t "%r" %>s %b "%[Referer]i" "%[User-agent]i"',
    "REFERER": "%[Referer]i ---> %U",
    "AGENT": "%[User-agent]i",
}
"""Source: REF:sql-reference-w3c-log-parse."""
_SPECIFIER = re.compile(r'("?)%[<>!\d,]*(?:[\[{][^\]}]*[\]}])?([A-Za-z])("?)|%%')
_FAST_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]])*\]|(?:[*+?]|\{[\d,]+\})[+?]?|\(\?:|.", re.DOTALL)
_SYS_LOG = re.compile(r"(?:<\d+>)?(\w{3} +\d{1,2} \d\d:\d\d:\d\d) (\S+) (.*)", re.DOTALL)


@lru_cache(maxsize=64)
def check_parse_regex(pattern: str) -> re.Pattern[str]:
    """The expression, compiled. Raises ValueError for one that is none, has no group, or repeats
    what is repeated already: that can take a time that doubles with every character.
    """
    compiled = java_regex(pattern)
    if not compiled.groups:
        raise ValueError(f"{pattern[:40]!a} has no group in parentheses: a group makes a column")
    if re.search(r"[+*}][+?]?\)(?:[+*]|\{\d+,\})", re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "x", pattern)):
        raise ValueError(
            f"{pattern[:40]!a} repeats a group that ends with a repetition, such as (a+)+, which "
            "can take for ever: repeat one of the two"
        )
    return compiled


@lru_cache(maxsize=64)
def fast_regex(pattern: str) -> re.Pattern[str]:
    """The expression with lazy repetitions; each group, with what stands up to the next, is never
    looked at again once it fits (REF:sql-reference-fast-regex-log-parser). Raises ValueError.
    """
    check_parse_regex(pattern)
    parts, depth = [""], 0
    for token in _FAST_TOKEN.findall(pattern):
        if token in ("(", "(?:") and depth == 0:
            parts.append("")
        if token == "|" and depth == 0:
            raise ValueError(f"{pattern[:40]!a} has a | outside of a group, which is not supported")
        depth += token.startswith("(") - (token == ")")
        is_greedy = token in ("*", "+", "?") or (token[0] == "{" and token[-1] == "}")
        parts[-1] += f"{token}?" if is_greedy else token
    *inner, last = (part for part in parts if part)
    return java_regex("".join(f"(?>{part})" for part in inner) + last)


@lru_cache(maxsize=64)
def w3c_regex(format: str) -> re.Pattern[str]:
    """A format of Apache's log, or the name of one, as an expression with a group a specifier.
    Raises ValueError.
    """
    text = W3C_FORMATS.get(format.strip().upper(), format)
    parts, at = [], 0
    for match in _SPECIFIER.finditer(text):
        parts.append(re.escape(text[at : match.start()]))
        before, letter, after = match.groups()
        if letter is None:
            parts.append("%")
        elif letter == "t":
            parts.append(rf"{before}\[?([^\]]*)\]?{after}")
        elif before and after:
            parts.append(r'"((?:[^"\\]|\\.)*)"')
        else:
            only = text == match[0]
            parts.append(f"{before}({'.*' if only else r'[^ ]*'}){after}")
        at = match.end()
    if at == 0 or "(" not in "".join(parts):
        names = ", ".join(W3C_FORMATS)
        raise ValueError(
            f"{format[:40]!a} is no format of a log: write one of {names}, or %h %l ..."
        )
    return re.compile("".join([*parts, re.escape(text[at:])]), re.ASCII)


@lru_cache(maxsize=LINES_MAX)
def _groups(line: str, pattern: re.Pattern[str], whole: bool) -> Fields:
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
    return _field(_groups(line, check_parse_regex(regex), False), number)


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
    return _field(_groups(line, fast_regex(regex), True), number)


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
    NCSA EXTENDED, REFERER, AGENT, or specifiers.
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
    """A record of a line of syslog, `Mon DD HH:MM:SS server message`: time, server, message."""
    return _field(_groups(line, _SYS_LOG, True), number)


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
            if line[at] == closing:
                closing = ""
            else:
                field += line[at]
            at += 1
        elif quotes and line[at] == quotes[0]:
            closing, at = quotes[-1], at + 1
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
