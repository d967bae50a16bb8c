"""Patterns of text, translated to Python's: regular expressions of Java, LIKE and SIMILAR TO.

Java and Python read most expressions alike. What is written differently is translated: (?<name>,
\\p{Alpha} and its kin, \\Q...\\E, \\h, \\z, $1 in a replacement. What Python lacks, such as
intersections of character classes (&&) and Unicode categories, is refused.
"""

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from analytics_sql.functions.linear_regex import LinearRegex, grammar_of, linear_regex

SearchRegex = LinearRegex | re.Pattern[str]
"""What an expression is looked for with; the two are asked alike."""

_POSIX = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": "\\x00-\\x7F",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": "!-/:-@\\[-`{-~",
    "Graph": "!-~",
    "Print": " -~",
    "Blank": " \\t",
    "Cntrl": "\\x00-\\x1F\\x7F",
    "XDigit": "0-9a-fA-F",
    "Space": " \\t\\n\\x0B\\f\\r",
}
_JAVA = re.compile(
    r"\\Q(?P<quoted>.*?)(?:\\E|$)"
    r"|\\(?P<not>[pP])\{(?:Is)?(?P<posix>\w+)\}"
    r"|\\(?P<escaped>.)"
    r"|\(\?<(?P<group>[A-Za-z]\w*)>"
    r"|(?P<and>&&)"
    r"|(?P<bracket>[\[\]])",
    re.DOTALL,
)
_FILLED = re.compile(r"\\\\|\\g<(\w+)>")
_GROUP = re.compile(r"\\(.)|\$(?:(\d)|\{([A-Za-z]\w*)\})|\$", re.DOTALL)


@lru_cache(maxsize=256)
def java_regex(pattern: str) -> re.Pattern[str]:
    """A regular expression of Java, compiled. Raises ValueError."""
    depth = 0

    def translated(match: re.Match[str]) -> str:
        nonlocal depth
        if match["quoted"] is not None:
            return re.escape(match["quoted"])
        if match["posix"] is not None:
            members = _POSIX.get(match["posix"])
            if members is None:
                raise ValueError(f"{match[0]} is not supported in a regular expression")
            if depth and match["not"] == "P":
                raise ValueError(f"{match[0]} is not supported inside [ ]")
            return members if depth else f"[{'^' if match['not'] == 'P' else ''}{members}]"
        if match["escaped"] is not None:
            return {"z": r"\Z", "Z": r"(?=\n?\Z)", "h": r"[ \t]", "e": r"\x1B"}.get(
                match["escaped"], match[0]
            )
        if match["group"] is not None:
            return match[0] if depth else f"(?P<{match['group']}>"
        if match["and"] is not None:
            if depth:
                raise ValueError("&& inside [ ] is not supported")
            return match[0]
        if match["bracket"] == "[" and depth:
            raise ValueError("[ inside [ ] is not supported; write \\[ for the character")
        depth += 1 if match["bracket"] == "[" else -1 if depth else 0
        return match[0]

    text = _JAVA.sub(translated, pattern)
    try:
        return _compiled(text, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{pattern[:40]!a} is no regular expression: {error}") from None


@lru_cache(maxsize=256)
def java_search(pattern: str) -> SearchRegex:
    """A regular expression of Java, to look for. Raises ValueError for one that is none, and for
    one that RE2 cannot take and that can take a time that doubles with every character.
    """
    compiled = java_regex(pattern)
    linear = linear_regex(compiled.pattern)
    if linear is None:
        _check_repetitions(compiled.pattern)
    return linear or compiled


def _check_repetitions(pattern: str) -> None:
    """Raises ValueError for a group that is repeated, and holds a choice or a repetition itself."""
    plain = grammar_of(pattern)
    has_choice = [False]
    for place, character in enumerate(plain):
        if character == "(":
            has_choice.append(False)
        elif character == ")" and len(has_choice) > 1:
            inner = has_choice.pop()
            repeat = re.match(r"(?:[*+]|\{\d+,\d*\})(?!\+)", plain[place + 1 :])
            if inner and repeat:
                raise ValueError(
                    f"{pattern[:40]!a} repeats a group that holds a repetition or an or, such as "
                    "(a+)+, beside lookaround, a backreference or a possessive quantifier: it can "
                    "take for ever; repeat one of the two, or do without the others"
                )
            has_choice[-1] = has_choice[-1] or inner
        elif character in "*+|{" or (character == "?" and plain[place - 1] not in "(*+?}"):
            has_choice[-1] = True


def _compiled(text: str, flags: re.RegexFlag) -> re.Pattern[str]:
    with warnings.catch_warnings():
        # Python warns of what a later version may read in another way, such as [a||b].
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(text, flags)


@lru_cache(maxsize=256)
def replacement(text: str) -> str:
    """A replacement of Java ($1, ${name}, \\$) as `expanded` takes it."""

    def translated(match: re.Match[str]) -> str:
        escaped, number, name = match.groups()
        if escaped is not None:
            return "\\\\" if escaped == "\\" else escaped
        if number is None and name is None:
            raise ValueError("a $ in a replacement stands before a group's number; write \\$")
        return rf"\g<{number or name}>"

    return _GROUP.sub(translated, text)


def expanded(template: str, match: Any) -> str:
    """A replacement with the groups of a match in it. IndexError for a group that is not there."""

    def filled(part: re.Match[str]) -> str:
        if part[1] is None:
            return "\\"
        return match[int(part[1]) if part[1].isdigit() else part[1]] or ""

    return _FILLED.sub(filled, template)


def check_escape(escape: str | None) -> None:
    """Raises ValueError for what cannot stand after ESCAPE."""
    if escape is not None and len(escape) != 1:
        raise ValueError(f"an escape is one character, not {len(escape)}")


@lru_cache(maxsize=256)
def like_pattern(pattern: str, escape: str | None = None) -> re.Pattern[str]:
    """A pattern of LIKE, compiled: % is any text, _ one character. Raises ValueError."""
    check_escape(escape)
    parts = [""]
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            parts[-1] += re.escape(_escaped(characters, pattern, escape))
        elif character == "%":
            parts.append("")
        else:
            parts[-1] += "." if character == "_" else re.escape(character)
    if len(parts) == 1:
        return re.compile(parts[0], re.DOTALL)
    first, *middle, last = parts
    # What stands between two % is best taken where it comes first: it is never looked for again.
    found = "".join(f"(?>.*?{part})" for part in middle if part)
    return re.compile(f"{first}{found}.*{last}", re.DOTALL)


def _escaped(characters: Iterator[str], pattern: str, escape: str, allowed: str = "%_") -> str:
    following = next(characters, None)
    if following is None or following not in allowed + escape:
        raise ValueError(
            f"in {pattern[:40]!a} the escape {escape} stands before none of "
            f"{' '.join(allowed)} {escape}"
        )
    return following


_SIMILAR_SPECIAL = "%_|*+?{}()[]^-"
_SIMILAR_CLASS = re.compile(r"\[:(\w+):\]")
_SIMILAR_CLASSES = {
    "ALPHA": "a-zA-Z",
    "UPPER": "A-Z",
    "LOWER": "a-z",
    "DIGIT": "0-9",
    "ALNUM": "a-zA-Z0-9",
    "SPACE": " ",
    "WHITESPACE": r"\s",
}


@lru_cache(maxsize=256)
def similar_pattern(pattern: str, escape: str | None = None) -> SearchRegex:
    """A pattern of SIMILAR TO, compiled: LIKE's % and _, and | * + ? {n} ( ) [ ] as in regular
    expressions. Raises ValueError.
    """
    check_escape(escape)
    parts: list[str] = []
    at, inside = 0, False
    while at < len(pattern):
        character = pattern[at]
        named = _SIMILAR_CLASS.match(pattern, at) if inside else None
        if character == escape:
            rest = iter(pattern[at + 1 :])
            parts.append(re.escape(_escaped(rest, pattern, escape, _SIMILAR_SPECIAL)))
            at += 2
            continue
        if named is not None:
            members = _SIMILAR_CLASSES.get(named[1].upper())
            if members is None:
                raise ValueError(f"there is no character class {named[0]}")
            parts.append(members)
            at = named.end()
            continue
        if character == "]" or (character == "[" and not inside):
            inside = character == "["
            parts.append(character)
        elif inside:
            parts.append(character if character in "^-" else re.escape(character))
        elif character in "|*+?(){}" or (character in ",0123456789"):
            parts.append(character)
        else:
            parts.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
        at += 1
    try:
        compiled = _compiled("".join(parts), re.DOTALL)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{pattern[:40]!a} is no pattern of SIMILAR TO: {error}") from None
    linear = linear_regex(compiled.pattern, dot_all=True)
    if linear is None:
        _check_repetitions(compiled.pattern)
    return linear or compiled
