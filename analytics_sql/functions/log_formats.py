"""Formats of log lines as regular expressions: Java's, Apache's, and that of IIS."""

import re
from functools import lru_cache
from typing import Final

from analytics_sql.functions.linear_regex import linear_regex
from analytics_sql.functions.regex import SearchRegex, java_search

W3C_FORMATS: Final = {
    "COMMON": '%h %l %u %t "%r" %>s %b',
    "COMMON WITH VHOST": '%v %h %l %u %t "%r" %>s %b',
    "NCSA EXTENDED": '%h %l %u %t "%r" %>s %b "%[Referer]i" "%[User-agent]i"',
    "REFERER": "%[Referer]i ---> %U",
    "AGENT": "%[User-agent]i",
}
"""Source: REF:sql-reference-w3c-log-parse."""
IIS_FIELDS: Final = 15
"""Client's address, user, date, time, service, server's name and address, milliseconds, bytes from
the client, bytes to it, status, status of Windows, method, target, parameters. Source: Microsoft,
Windows HTTP Server API, IIS logging.
"""
_SPECIFIER = re.compile(r'("?)%[<>!\d,]*(?:[\[{][^\]}]*[\]}])?([A-Za-z])("?)|%%')


@lru_cache(maxsize=64)
def parse_regex(pattern: str) -> SearchRegex:
    """That of REGEX_LOG_PARSE. Raises ValueError for an expression that is none or has no group."""
    compiled = java_search(pattern)
    if not compiled.groups:
        raise ValueError(f"{pattern[:40]!a} has no group in parentheses: a group makes a column")
    return compiled


@lru_cache(maxsize=64)
def w3c_regex(format: str) -> SearchRegex:
    """A format of Apache's log, or the name of one, as an expression with a group a specifier.
    Raises ValueError.
    """
    name = format.strip().upper()
    if name == "IIS":
        return _linear(", *".join(["([^,]*)"] * IIS_FIELDS) + ",? *")
    text = W3C_FORMATS.get(name, format)
    parts, at = [], 0
    for match in _SPECIFIER.finditer(text):
        parts.append(re.escape(text[at : match.start()]))
        before, letter, after = match.groups()
        if letter is None:
            parts.append("%")
        elif letter == "t":
            # The brackets are the specifier's, unless the format has its own.
            parts.append(rf"{before}(\[[^\]]*\]|[^\]]*){after}")
        elif before and after:
            parts.append(r'"((?:[^"\\]|\\.)*)"')
        else:
            only = text == match[0]
            parts.append(f"{before}({'.*' if only else r'[^ ]*'}){after}")
        at = match.end()
    if at == 0 or "(" not in "".join(parts):
        names = ", ".join([*W3C_FORMATS, "IIS"])
        raise ValueError(
            f"{format[:40]!a} is no format of a log: write one of {names}, or %h %l ..."
        )
    return _linear("".join([*parts, re.escape(text[at:])]))


def _linear(pattern: str) -> SearchRegex:
    return linear_regex(pattern) or re.compile(pattern, re.ASCII)
