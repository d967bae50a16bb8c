"""A script of statements as Redshift takes them, told apart with their places in the text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import sqlglot
from sqlglot import Token, TokenType
from sqlglot.errors import TokenError

from analytics_sql.syntax.source_text import Advice, SourceText, Span
from fleet.errors import ConfigError, SqlErrors


@dataclass(frozen=True)
class Statement:
    """One statement: a slice of the script."""

    script: "Script"
    tokens: Sequence[Token]
    """Never empty; without the semicolon."""

    @property
    def verb(self) -> str:
        """Its first word, in upper case."""
        return self.tokens[0].text.upper()

    @property
    def start(self) -> int:
        """Offset in the script."""
        return int(self.tokens[0].start)

    @property
    def text(self) -> str:
        """As it was written, without comments before and after it."""
        return self.script.text[self.start : self.tokens[-1].end + 1]

    @property
    def title(self) -> str:
        """The comment before it, else its first line."""
        comments = [line.strip() for line in self.tokens[0].comments]
        return " ".join(comments) or self.text.splitlines()[0]

    @property
    def line(self) -> int:
        """Where it begins, from 1."""
        return self.script.source.position(self.start)[0]

    def refuse(self, token: Token, message: str, remedy: str | None = None) -> NoReturn:
        """Raises SqlErrors at a token."""
        self.script.refuse(Span(token.start, token.end + 1), message, remedy)


class Script:
    """Raises ConfigError when the text cannot be read at all, or holds nothing."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.source = SourceText(text)
        try:
            tokens = sqlglot.tokenize(text, read="redshift")
        except TokenError as error:
            raise ConfigError(
                f"{name} cannot be read: {str(error).splitlines()[0]}",
                remedy="look for a quote or a comment that does not end",
            ) from None
        self.statements = self._split(tokens)
        if not self.statements:
            raise ConfigError(f"{name} has no statement", remedy="write CREATE TABLE, COPY, SELECT")

    def refuse(self, span: Span, message: str, remedy: str | None = None) -> NoReturn:
        """Raises SqlErrors at a piece of the text."""
        raise SqlErrors([self.source.error(span, Advice(message, remedy))], self.name)

    def raw(self, token: Token) -> str:
        """A token as it was written."""
        return self.text[token.start : token.end + 1]

    def _split(self, tokens: Sequence[Token]) -> list[Statement]:
        statements: list[Statement] = []
        held: list[Token] = []
        for token in tokens:
            if token.token_type == TokenType.SEMICOLON:
                if held:
                    statements.append(Statement(self, held))
                held = []
            else:
                held.append(token)
        if held:
            statements.append(Statement(self, held))
        return statements
