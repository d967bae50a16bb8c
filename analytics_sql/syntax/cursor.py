"""A place in a statement's tokens, and the faults that can be found there.

This is sqlglot's parser as everything above uses it: reading tokens, and giving up at one of them.
"""

from collections.abc import Callable
from typing import NoReturn, TypeVar

from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.parser import Parser
from sqlglot.tokenizer_core import Token, TokenType

from analytics_sql.syntax.nodes import place
from analytics_sql.syntax.remedies import remedy_for
from analytics_sql.syntax.source_text import Advice, Span, shown
from analytics_sql.syntax.tokenizer import token_span

T = TypeVar("T")


class SyntaxFault(ParseError):
    """The statement cannot be read any further."""

    def __init__(self, span: Span, advice: Advice) -> None:
        super().__init__(advice.message)
        self.span = span
        self.advice = advice


class TokenCursor(Parser):
    """Reads one statement's tokens; where it cannot, it raises SyntaxFault."""

    def start(self, tokens: list[Token], text: str) -> None:
        """Stands before the first of one statement's tokens."""
        self.reset()
        self.sql = text
        self._chunks = [tokens]
        self._advance_chunk()

    @property
    def current(self) -> Token:
        """The token that comes next; false at the end."""
        return self._curr

    @property
    def previous(self) -> Token:
        """The token read last."""
        return self._prev

    def accept(self, token_type: TokenType) -> Token | None:
        """Reads one token of this type if it comes next."""
        return self._prev if self._match(token_type) else None

    def accept_words(self, *words: str) -> bool:
        """Reads these words (upper-case here, any case there) if they come next."""
        return self._match_text_seq(*words)

    def expect(self, token_type: TokenType, what: str) -> Token:
        """Reads one token of this type; `what` describes it in the fault."""
        return self.accept(token_type) or self.unexpected(what)

    def name(self, what: str) -> exp.Identifier:
        """Reads a name, in quotes or not."""
        token = self.accept(TokenType.IDENTIFIER) or self.expect(TokenType.VAR, what)
        quoted = token.token_type == TokenType.IDENTIFIER
        return self.expression(exp.Identifier(this=token.text, quoted=quoted), token)

    def rest_of_list(self, read: Callable[[], T]) -> list[T]:
        """Reads items with commas between them, and the closing parenthesis."""
        items = [read()]
        while self.accept(TokenType.COMMA):
            items.append(read())
        self.expect(TokenType.R_PAREN, ", or )")
        return items

    def query(self) -> exp.Expr:
        """Reads a query."""
        return self._parse_select() or self.unexpected("SELECT STREAM")

    def scalar(self) -> exp.Expr:
        """Reads an expression."""
        return self._parse_disjunction() or self.unexpected("an expression")

    def unexpected(self, expected: str | None = None, token: Token | None = None) -> NoReturn:
        """Raises the fault for `token`, by default the one that comes next."""
        wrong = token or self._curr
        if wrong:
            found, span = self._find_sql(wrong, wrong), token_span(wrong)
            message = f"unexpected {shown(found)}"
        else:
            message = "the statement ends too early"
            # The end of a text has no token of its own: the place right after the last one.
            span = Span(self._prev.end + 1, self._prev.end + 2)
        if expected:
            message = f"{message}; expected {expected}"
        remedy = None if token else remedy_for(self._tokens, self._index)
        raise SyntaxFault(span, Advice(message, remedy))

    def refuse(self, token: Token, message: str, remedy: str | None = None) -> NoReturn:
        """Raises a fault at a token, in other words than "unexpected"."""
        raise SyntaxFault(token_span(token), Advice(message, remedy))

    def raise_error(self, message: str, token: Token | None = None) -> None:
        """Where sqlglot itself gives up; its message speaks of its own classes."""
        self.unexpected(token=token)

    def _parse_csv(
        self, parse_method: Callable[[], T | None], sep: TokenType = TokenType.COMMA
    ) -> list[T]:
        # sqlglot lets "a, , b" pass.
        first = parse_method()
        items = [] if first is None else [first]
        while items and self._match(sep):
            item = parse_method()
            items.append(self.unexpected() if item is None else item)
        return items

    def _skip_parenthesised(self) -> None:
        self.expect(TokenType.L_PAREN, "(")
        depth = 1
        while depth:
            if not self._curr:
                self.unexpected(")")
            depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(self._curr.token_type, 0)
            self._advance()

    def _placed(self, node: exp.Expr, first: Token) -> exp.Expr:
        """Notes that a node stands from `first` to the token read last."""
        place(node, Span(first.start, self._prev.end + 1))
        return node
