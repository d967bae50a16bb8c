"""The grammar of functions whose arguments are not a plain list: CAST(x AS type), TRIM(x FROM y).

sqlglot calls these after the opening parenthesis, and takes the closing one afterwards without
insisting on it. All but CAST become plain calls, with their arguments in the order of the registry
(analytics_sql/functions): what stands in the text as a keyword is a text constant there.
"""

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from analytics_sql.syntax.cursor import TokenCursor
from analytics_sql.syntax.nodes import TypedCast, place
from analytics_sql.syntax.tokenizer import token_span

# Coarsest first.
UNITS = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND")


class CallGrammar(TokenCursor):
    """Calls with keywords between their arguments."""

    def _cast_call(self) -> exp.Expr:
        name = self._function_name()
        this = self._argument()
        if not self.accept(TokenType.ALIAS):
            self.unexpected("AS and a type")
        first = self._curr
        depth = 0
        while self._curr and (depth or self._curr.token_type != TokenType.R_PAREN):
            depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(self._curr.token_type, 0)
            self._advance()
        if self._prev.token_type == TokenType.ALIAS:
            self.unexpected("a type", self._curr or None)
        text = self._find_sql(first, self._prev)
        type_ = self._placed(exp.Var(this=text), first)
        cast = TypedCast(this=this, type_text=" ".join(text.split()), expression=type_)
        return self._call(cast, name)

    def _extract_call(self) -> exp.Expr:
        name = self._function_name()
        unit = self._constant_word(UNITS) or self.unexpected("a unit, such as DAY")
        if not self.accept(TokenType.FROM):
            self.unexpected("FROM")
        return self._named_call("EXTRACT", name, [unit, self._argument()])

    def _position_call(self) -> exp.Expr:
        name = self._function_name()
        wanted = self._parse_bitwise() or self.unexpected("the text to look for")
        if not self.accept(TokenType.IN):
            self.unexpected("IN and the text to look in")
        return self._named_call("POSITION", name, [wanted, self._argument()])

    def _overlay_call(self) -> exp.Expr:
        name = self._function_name()
        text = self._argument()
        if not self.accept_words("PLACING"):
            self.unexpected("PLACING")
        arguments = [text, self._argument()]
        if not self.accept(TokenType.FROM):
            self.unexpected("FROM")
        arguments.append(self._argument())
        if self.accept_words("FOR"):
            arguments.append(self._argument())
        return self._named_call("OVERLAY", name, arguments)

    def _substring_call(self) -> exp.Expr:
        name = self._function_name()
        arguments = [self._argument()]
        if self.accept(TokenType.FROM):
            arguments.append(self._argument())
            if self.accept_words("FOR"):
                arguments.append(self._argument())
        while self.accept(TokenType.COMMA):
            arguments.append(self._argument())
        return self._named_call("SUBSTRING", name, arguments)

    def _trim_call(self) -> exp.Expr:
        # The registry has TRIM(side, characters, text); without FROM it is blanks on both sides.
        name = self._function_name()
        side = self._constant_word(("LEADING", "TRAILING", "BOTH"))
        blank = exp.Literal.string(" ")
        if self.accept(TokenType.FROM):
            arguments = [blank, self._argument()]
        else:
            text = self._argument()
            if self.accept(TokenType.FROM):
                arguments = [text, self._argument()]
            elif side is None:
                arguments = [blank, text]
            else:
                self.unexpected("FROM")
        return self._named_call("TRIM", name, [side or exp.Literal.string("BOTH"), *arguments])

    def _argument(self) -> exp.Expr:
        return self._parse_disjunction() or self.unexpected("a value")

    def _constant_word(self, words: tuple[str, ...]) -> exp.Expr | None:
        """One of these keywords, as a text constant at its place."""
        if not self._match_texts(words):
            return None
        return self._placed(exp.Literal.string(self._prev.text.upper()), self._prev)

    def _named_call(self, function: str, name: Token, arguments: list[exp.Expr]) -> exp.Expr:
        return self._call(exp.Anonymous(this=function, expressions=arguments), name)

    def _function_name(self) -> Token:
        return self._tokens[self._index - 2]

    def _call(self, call: exp.Expr, name: Token) -> exp.Expr:
        if self._curr.token_type != TokenType.R_PAREN:
            self.unexpected(")")
        place(call, token_span(name))
        return call
