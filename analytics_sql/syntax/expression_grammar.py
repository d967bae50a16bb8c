"""The grammar of expressions.

sqlglot accepts the union of its dialects, drops what it can do without and falls back to an opaque
command. Here it is narrowed: operator tables hold the dialect's operators, keywords are reserved,
a function is called by its name only (what a name means is the binder's business), and what is left
over is a syntax fault at its token. The methods overridden are sqlglot's private ones, which is why
its version is pinned.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.parser import Parser, binary_range_parser
from sqlglot.tokenizer_core import Token, TokenType

from analytics_sql.syntax.call_grammar import UNITS
from analytics_sql.syntax.nodes import (
    DatetimeLiteral,
    IntervalLiteral,
    QualifiedDifference,
    RoundToUnit,
    Step,
    place,
    span_of,
)
from analytics_sql.syntax.period_grammar import PeriodGrammar
from analytics_sql.syntax.source_text import Span

DATETIMES = ("TIMESTAMP", "DATE", "TIME")

OPAQUE_CALLS = ("TABLE", "HOP", "JSON_VALUE", "SESSION", "TUMBLE")
"""Functions whose arguments have a grammar of their own: only their names are read."""

_QUERY_STARTS = (TokenType.SELECT, TokenType.WITH, TokenType.VALUES)


class ExpressionGrammar(PeriodGrammar):
    """Expressions, from OR down to constants and function calls."""

    FUNCTIONS: ClassVar = {}
    NO_PAREN_FUNCTIONS: ClassVar = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {"CASE": lambda self: self._parse_case()}
    FUNCTION_PARSERS: ClassVar = {
        "STEP": lambda self: self._parse_step(),
        "CAST": lambda self: self._cast_call(),
        "EXTRACT": lambda self: self._extract_call(),
        "OVERLAY": lambda self: self._overlay_call(),
        "POSITION": lambda self: self._position_call(),
        "SUBSTRING": lambda self: self._substring_call(),
        "TRIM": lambda self: self._trim_call(),
        **dict.fromkeys(("FLOOR", "CEIL", "CEILING"), lambda self: self._parse_round_to_unit()),
        **dict.fromkeys(OPAQUE_CALLS, lambda self: self._parse_opaque_call()),
    }
    FUNC_TOKENS: ClassVar = {TokenType.VAR, TokenType.EXISTS}
    SUBQUERY_PREDICATES: ClassVar = {TokenType.EXISTS: exp.Exists}

    ID_VAR_TOKENS: ClassVar = {TokenType.VAR}
    WINDOW_ALIAS_TOKENS: ClassVar = {TokenType.VAR}

    ASSIGNMENT: ClassVar = {}
    BITWISE: ClassVar = {}
    CONJUNCTION: ClassVar = {TokenType.AND: exp.And}
    DISJUNCTION: ClassVar = {TokenType.OR: exp.Or}
    EQUALITY: ClassVar = {TokenType.EQ: exp.EQ, TokenType.NEQ: exp.NEQ}
    TERM: ClassVar = {TokenType.PLUS: exp.Add, TokenType.DASH: exp.Sub}
    UNARY_PARSERS: ClassVar = {
        TokenType.PLUS: lambda self: self._parse_unary(),
        TokenType.DASH: lambda self: self._parse_prefix(exp.Neg, self._parse_unary),
        TokenType.NOT: lambda self: self._parse_prefix(exp.Not, self._parse_equality),
    }
    FACTOR: ClassVar = {TokenType.STAR: exp.Mul, TokenType.SLASH: exp.Div}
    COLUMN_OPERATORS: ClassVar = {TokenType.DOT: None}
    CAST_COLUMN_OPERATORS: ClassVar = set()
    PLACEHOLDER_PARSERS: ClassVar = {}
    BRACKETS: ClassVar = frozenset()
    RANGE_PARSERS: ClassVar = {
        TokenType.BETWEEN: lambda self, this: self._parse_between(this),
        TokenType.IN: lambda self, this: self._parse_in(this),
        TokenType.IS: lambda self, this: self._parse_is(this),
        TokenType.LIKE: binary_range_parser(exp.Like),
        TokenType.SIMILAR_TO: binary_range_parser(exp.SimilarTo),
    }
    PRIMARY_PARSERS: ClassVar[dict[TokenType, Callable[[Any, Token], exp.Expr]]] = {
        TokenType.STRING: Parser.STRING_PARSERS[TokenType.STRING],
        TokenType.NUMBER: Parser.NUMERIC_PARSERS[TokenType.NUMBER],
        TokenType.NULL: lambda self, token: self.expression(exp.Null(), token),
        TokenType.TRUE: lambda self, token: self.expression(exp.Boolean(this=True), token),
        TokenType.FALSE: lambda self, token: self.expression(exp.Boolean(this=False), token),
        TokenType.STAR: lambda self, token: self.expression(exp.Star(), token),
    }

    def _parse_case(self) -> exp.Expr | None:
        keyword = self._prev
        case = super()._parse_case()
        return None if case is None else self._placed(case, keyword)

    def raise_error(self, message: str, token: Token | None = None) -> None:
        """See TokenCursor."""
        if "END after CASE" in message:
            # sqlglot names the token before.
            self.unexpected("WHEN, ELSE, or END of the CASE")
        super().raise_error(message, token)

    def _build_predicate(
        self,
        klass: type[exp.Binary],
        this: exp.Expr | None,
        expression: exp.Expr | None,
        comments: list[str] | None = None,
        negate: bool = False,
    ) -> exp.Expr:
        if isinstance(expression, exp.Null) and expression.meta_get("start") is None:
            # sqlglot takes "x NOT NULL" for x IS NOT NULL, with a NULL of its own making.
            self.unexpected("IS NOT NULL", self._prev)
        return super()._build_predicate(klass, this, expression, comments, negate)

    def _parse_between(self, this: exp.Expr | None) -> exp.Between:
        symmetric = self.accept_words("SYMMETRIC")
        if not symmetric:
            self.accept_words("ASYMMETRIC")
        low = self._parse_bitwise()
        self.expect(TokenType.AND, "AND")
        high = self._parse_bitwise()
        return self.expression(exp.Between(this=this, low=low, high=high, symmetric=symmetric))

    def _parse_in(self, this: exp.Expr | None, alias: bool = False) -> exp.In:
        self.expect(TokenType.L_PAREN, "(")
        if self._curr.token_type in _QUERY_STARTS:
            self.refuse(self._curr, "IN over a query is not supported", "list the values")
        values = self._parse_csv(self._parse_disjunction) or self.unexpected("a value")
        self._match_r_paren()
        return self.expression(exp.In(this=this, expressions=values))

    def _parse_type(
        self, parse_interval: bool = True, fallback_to_identifier: bool = False
    ) -> exp.Expr | None:
        if self._curr.token_type == TokenType.INTERVAL:
            return self._parse_interval()
        if self._next.token_type == TokenType.STRING and self._match_texts(DATETIMES):
            word = self._prev
            text = self.expect(TokenType.STRING, "text")
            literal = DatetimeLiteral(this=text.text, kind=word.text.upper())
            return self._placed(literal, word)
        return self._parse_atom() or self._parse_column()

    def _parse_primary(self) -> exp.Expr | None:
        if self._match_set(self.PRIMARY_PARSERS):
            return self.PRIMARY_PARSERS[self._prev.token_type](self, self._prev)
        if self._match_pair(TokenType.DOT, TokenType.NUMBER, advance=False):
            point = self._curr
            self._advance(2)
            return self._placed(exp.Literal.number(f"0.{self._prev.text}"), point)
        return self._parse_paren()

    def _parse_paren(self) -> exp.Expr | None:
        opening = self.accept(TokenType.L_PAREN)
        if opening is None:
            return None
        if self._curr.token_type in _QUERY_STARTS:
            inner: exp.Expr = exp.Subquery(this=self._parse_select())
        else:
            items = self._parse_csv(self._parse_disjunction) or self.unexpected()
            inner = exp.Paren(this=items[0]) if len(items) == 1 else exp.Tuple(expressions=items)
        self._match_r_paren()
        if self._curr.token_type == TokenType.VAR and self._curr.text.upper() in UNITS:
            first, last = self._units()
            inner = QualifiedDifference(this=inner, unit=last, first_unit=first)
        return self._placed(inner, opening)

    def _parse_interval(
        self, require_interval: bool = True, parse_function_unit: bool = True
    ) -> exp.Add | exp.Interval | None:
        word = self.expect(TokenType.INTERVAL, "INTERVAL")
        negative = self._match(TokenType.DASH)
        text = self.expect(TokenType.STRING, "the interval's length in quotes, such as '10'")
        first, last = self._units()
        literal = IntervalLiteral(
            this=text.text, negative=negative, first_unit=first, last_unit=last
        )
        # The declared type is that of sqlglot's own interval; nobody here asks for it.
        return self._placed(literal, word)  # type: ignore[return-value]

    def _units(self) -> tuple[str, str]:
        """Reads SECOND, or MINUTE TO SECOND; precisions such as SECOND(3) have no effect."""
        first = last = self._unit()
        # TO a unit that is no finer belongs to the FLOOR around this: FLOOR((a - b) DAY TO DAY).
        finer = UNITS[UNITS.index(first) + 1 :]
        if self._curr.text.upper() == "TO" and self._next.text.upper() in finer:
            self._advance()
            last = self._unit()
        return first, last

    def _unit(self) -> str:
        if not self._match_texts(UNITS):
            self.unexpected("a unit: DAY, HOUR, MINUTE or SECOND")
        unit = self._prev.text.upper()
        if self._match_pair(TokenType.L_PAREN, TokenType.NUMBER):
            if self._match(TokenType.COMMA):
                self.expect(TokenType.NUMBER, "a precision")
            self._match_r_paren()
        return unit

    def _parse_window(self, this: exp.Expr | None, alias: bool = False) -> exp.Expr | None:
        window = super()._parse_window(this, alias)
        if this is not None and window is not None and window is not this:
            place(window, Span(span_of(this).start, self._prev.end + 1))
        return window

    def _parse_prefix(
        self, kind: type[exp.Expr], parse_operand: Callable[[], exp.Expr | None]
    ) -> exp.Expr:
        prefix = self._prev
        return self._placed(kind(this=parse_operand() or self.unexpected()), prefix)

    def _parse_lambda(self, alias: bool = False) -> exp.Expr | None:
        # An argument of a function; the dialect has no lambdas.
        if self._match(TokenType.DISTINCT):
            distinct = self._prev
            values = self._parse_csv(self._parse_disjunction) or self.unexpected()
            return self._placed(exp.Distinct(expressions=values), distinct)
        self._match(TokenType.ALL)
        if self._curr.token_type in _QUERY_STARTS:
            return self._parse_select()
        return self._parse_disjunction()

    # Functions with a grammar of their own. sqlglot calls these after the opening parenthesis, and
    # takes the closing one afterwards without insisting on it.

    def _parse_step(self) -> exp.Expr:
        name = self._function_name()
        this = self._parse_disjunction()
        if not self.accept_words("BY"):
            self.unexpected("BY INTERVAL '...' and a unit")
        step = self.expression(Step(this=this, expression=self._parse_bitwise()))
        return self._call(step, name)

    def _parse_round_to_unit(self) -> exp.Expr:
        name = self._function_name()
        values = self._parse_csv(self._parse_disjunction) or self.unexpected("a value")
        if len(values) == 1 and self.accept_words("TO"):
            function = name.text.upper()
            return self._call(
                RoundToUnit(this=values[0], function=function, unit=self._unit()), name
            )
        return self._call(exp.Anonymous(this=name.text, expressions=values), name)

    def _parse_opaque_call(self) -> exp.Expr:
        name = self._function_name()
        self._advance(-1)
        self._skip_parenthesised()
        self._advance(-1)
        return self._call(exp.Anonymous(this=name.text), name)
