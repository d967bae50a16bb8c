"""The grammar of sliding windows: what follows a call up to OVER, and the window after it.

Windows that no stream can have are read too, so that they can be refused by name.
Sources: REF:sql-reference-window-clause; REF:sql-reference-lag for IGNORE NULLS.
"""

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from analytics_sql.syntax.expression_grammar import ExpressionGrammar
from analytics_sql.syntax.nodes import (
    FrameBound,
    NamedWindow,
    Over,
    WindowSpecification,
    place,
    span_of,
)
from analytics_sql.syntax.source_text import Span

_BOUNDS = "ROWS or RANGE takes a number, INTERVAL '...', CURRENT ROW or UNBOUNDED"


class WindowGrammar(ExpressionGrammar):
    """Expressions, in which calls can have windows."""

    def _parse_window(self, this: exp.Expr | None, alias: bool = False) -> exp.Expr | None:
        # sqlglot calls this after each call of a function.
        if this is None:
            return None
        from_last = self._is_from_last()
        nulls = None
        for word in ("IGNORE", "RESPECT"):
            if self.accept_words(word, "NULLS"):
                nulls = word
        window = None
        if self.accept(TokenType.OVER):
            window = self._parse_window_specification(self._is_next(TokenType.L_PAREN))
        if window is None and nulls is None:
            return this
        over = Over(this=this, window=window, nulls=nulls, from_last=from_last)
        place(over, Span(span_of(this).start, self._prev.end + 1))
        return over

    def _parse_named_windows(self) -> list[exp.Expr]:
        """WINDOW name AS (...), name AS (...)."""
        self._advance()
        windows = [self._parse_named_window()]
        while self.accept(TokenType.COMMA):
            windows.append(self._parse_named_window())
        return windows

    def _parse_named_window(self) -> exp.Expr:
        name = self.name("the window's name")
        self.expect(TokenType.ALIAS, "AS")
        specification = self._parse_window_specification(True)
        return self.expression(NamedWindow(this=name, specification=specification))

    def _is_next(self, token_type: TokenType) -> bool:
        return bool(self._curr.token_type == token_type)

    def _is_from_last(self) -> bool:
        """Reads FROM FIRST or FROM LAST after a call, which an OVER must follow somewhere: FIRST
        and LAST are names of streams too.
        """
        following = [
            token.text.upper() for token in self._tokens[self._index + 1 : self._index + 3]
        ]
        is_clause = (
            len(following) == 2
            and following[0] in ("FIRST", "LAST")
            and following[1] in ("OVER", "IGNORE", "RESPECT")
        )
        if not is_clause or not self.accept(TokenType.FROM):
            return False
        self._advance()
        return self._prev.text.upper() == "LAST"

    def _parse_window_specification(self, in_parentheses: bool) -> exp.Expr:
        if not in_parentheses:
            return self.name("a window: its name, or (PARTITION BY ... RANGE ...)")
        opening = self.expect(TokenType.L_PAREN, "( and the window")
        parts: dict[str, object] = {}
        if self._is_next(TokenType.VAR) or self._is_next(TokenType.IDENTIFIER):
            parts["base"] = self.name("the name of a window")
        if self.accept(TokenType.PARTITION_BY):
            keys = self._parse_csv(self._parse_disjunction)
            parts["partition"] = keys or self.unexpected("what to partition by")
        order = self._curr
        if self._is_next(TokenType.ORDER_BY):
            parts["order"] = self._placed(self._parse_order() or self.unexpected(), order)
        if self.accept(TokenType.ROWS) or self.accept(TokenType.RANGE):
            parts["unit"] = self._prev.text.upper()
            between = self.accept(TokenType.BETWEEN)
            parts["start"] = self._parse_bound()
            if between:
                self.expect(TokenType.AND, "AND")
                parts["end"] = self._parse_bound()
        self.expect(TokenType.R_PAREN, ")")
        return self._placed(WindowSpecification(**parts), opening)

    def _parse_bound(self) -> exp.Expr:
        first = self._curr
        if self.accept_words("CURRENT", "ROW"):
            return self._placed(FrameBound(kind="CURRENT ROW"), first)
        value, kind = None, "UNBOUNDED"
        if not self.accept_words("UNBOUNDED"):
            value, kind = self._parse_bitwise() or self.unexpected(_BOUNDS), "OFFSET"
        if not (self.accept_words("PRECEDING") or self.accept_words("FOLLOWING")):
            self.unexpected("PRECEDING")
        return self._placed(FrameBound(this=value, kind=kind, side=self._prev.text.upper()), first)
