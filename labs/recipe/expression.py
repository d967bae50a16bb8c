"""The text of one entry of a recipe: a name, or a call, `cartesian(job, quantile_bin(age, 10))`.

The grammar is that of the Amazon ML Developer Guide, "Recipe Format Reference": a name needs quotes
when it has a comma, a quote, a parenthesis, a backslash or white space; `//` begins a comment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""\s*(?:(?P<comment>//.*)|(?P<mark>[(),])"""
    r"""|'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<name>[^\s,'"()\\]+))"""
)


class ExpressionError(ValueError):
    """`column` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True)
class Name:
    """Of an attribute, a group, an assignment; or a number, which is told apart by its place."""

    text: str
    column: int


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple["Expression", ...]
    column: int


Expression = Name | Call


@dataclass(frozen=True)
class _Token:
    text: str
    column: int
    is_mark: bool

    def is_one_of(self, marks: str) -> bool:
        return self.is_mark and self.text != "" and self.text in marks


def parse_expression(text: str) -> Expression:
    """Raises ExpressionError."""
    tokens = [*_tokens(text)]
    # The end is a mark that nothing expects but the end itself.
    tokens.append(_Token("", len(text) + 1, is_mark=True))
    expression, position = _expression(tokens, 0)
    token = tokens[position]
    if token.text:
        raise ExpressionError(f"{token.text!r} after the end of the expression", token.column)
    return expression


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while text[position:].strip():
        match = TOKEN.match(text, position)
        if match is None:
            place = position + len(text[position:]) - len(text[position:].lstrip())
            raise ExpressionError(f"{text[place]!r} cannot stand here", place + 1)
        position = match.end()
        if match.lastgroup != "comment":
            assert match.lastgroup is not None
            found = match[match.lastgroup]
            yield _Token(found, match.start(match.lastgroup) + 1, match.lastgroup == "mark")


def _expression(tokens: list[_Token], position: int) -> tuple[Expression, int]:
    token = tokens[position]
    if token.is_mark:
        raise ExpressionError(f"a name is missing before {token.text or 'the end'!r}", token.column)
    if not tokens[position + 1].is_one_of("("):
        return Name(token.text, token.column), position + 1
    arguments = []
    position += 1
    while tokens[position].is_one_of("(,"):
        argument, position = _expression(tokens, position + 1)
        arguments.append(argument)
    if not tokens[position].is_one_of(")"):
        raise ExpressionError(
            f"the parenthesis of {token.text} is not closed", tokens[position].column
        )
    return Call(token.text, tuple(arguments), token.column), position + 1
