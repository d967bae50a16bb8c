"""Formats of log lines as regular expressions: Java's, Apache's, and that of IIS."""

import re
from functools import lru_cache
from typing import Final

from analytics_sql.functions.regex import java_regex

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
def parse_regex(pattern: str) -> re.Pattern[str]:
    """The expression of REGEX_LOG_PARSE, compiled. Raises ValueError for one that is none, has no
    group, or repeats what is repeated already: that can take a time that doubles with every
    character.
    """
    compiled = java_regex(pattern)
    if not compiled.groups:
        raise ValueError(f"{pattern[:40]!a} has no group in parentheses: a group makes a column")
    check_repetitions(pattern)
    return compiled


def check_repetitions(pattern: str) -> None:
    """Raises ValueError for what repeats a group that ends with a repetition."""
    plain = re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "x", pattern)
    if re.search(r"[+*}][+?]?\)(?:[+*]|\{\d+,\})", plain):
        raise ValueError(
            f"{pattern[:40]!a} repeats a group that ends with a repetition, such as (a+)+, which "
            "can take for ever: repeat one of the two"
        )


@lru_cache(maxsize=64)
def w3c_regex(format: str) -> re.Pattern[str]:
    """A format of Apache's log, or the name of one, as an expression with a group a specifier.
    Raises ValueError.
    """
    name = format.strip().upper()
    if name == "IIS":
        return re.compile(", *".join(["([^,]*)"] * IIS_FIELDS) + ",? *")
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
    return re.compile("".join([*parts, re.escape(text[at:])]), re.ASCII)
