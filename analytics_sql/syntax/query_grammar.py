"""The grammar of a query: SELECT and its clauses, as far as they can be told apart.

Clauses that no plan can hold yet are read too, so that they can be refused by name.
"""

from collections.abc import Callable, Collection
from typing import Any, ClassVar, TypeVar

from sqlglot import exp
from sqlglot.parser import Parser
from sqlglot.tokenizer_core import Token, TokenType

from analytics_sql.syntax.nodes import Stagger, TableCall, place
from analytics_sql.syntax.tokenizer import token_span
from analytics_sql.syntax.window_grammar import WindowGrammar

E = TypeVar("E", bound=exp.Expr)

_JOIN_PARTS = ("kind", "side", "method", "on", "using")


def _clause(parse: Callable[[Any], tuple[str, Any]]) -> Callable[[Any], tuple[str, Any]]:
    """A clause's parser that notes where the clause's keyword stands."""

    def parse_and_place(parser: Parser) -> tuple[str, exp.Expr]:
        keyword = parser._curr
        key, clause = parse(parser)
        node = exp.Tuple(expressions=clause) if isinstance(clause, list) else clause
        place(node, token_span(keyword))
        return key, node

    return parse_and_place


class QueryGrammar(WindowGrammar):
    """Queries over expressions and windows."""

    QUERY_MODIFIER_PARSERS: ClassVar = {
        **{
            token_type: _clause(Parser.QUERY_MODIFIER_PARSERS[token_type])
            for token_type in (
                TokenType.WHERE,
                TokenType.GROUP_BY,
                TokenType.HAVING,
                TokenType.ORDER_BY,
                TokenType.LIMIT,
                TokenType.OFFSET,
            )
        },
        TokenType.WINDOW: _clause(lambda self: ("windows", self._parse_named_windows())),
        TokenType.FETCH: lambda self: self.refuse(
            self._curr, "the service has no FETCH", "a stream has no end to count from"
        ),
        TokenType.DISTRIBUTE_BY: _clause(lambda self: ("distribute", self._parse_stagger())),
    }
    QUERY_MODIFIER_TOKENS: ClassVar = set(QUERY_MODIFIER_PARSERS)

    def query(self) -> exp.Expr:
        """Reads a query."""
        return self._parse_select() or self.unexpected("SELECT STREAM")

    def expression(
        self, instance: E, token: Token | None = None, comments: list[str] | None = None
    ) -> E:
        node = super().expression(instance, token, comments)
        if isinstance(node, exp.Distinct):
            if self._curr.token_type is TokenType.VAR and self._curr.text.upper() == "STREAM":
                self.refuse(self._curr, "STREAM stands first", "write SELECT STREAM DISTINCT")
            # That of SELECT DISTINCT, which has no other leaf to be found by.
            place(node, token_span(self._prev))
        return node

    def _parse_select(self, *options: Any, **named_options: Any) -> exp.Expr | None:
        # sqlglot reads FROM x SELECT y too, and can read on for ever there.
        if self._curr.token_type == TokenType.FROM:
            self.unexpected("SELECT STREAM")
        return super()._parse_select(*options, **named_options)

    def _parse_join(self, *options: Any, **named_options: Any) -> exp.Join | None:
        is_comma = self._curr.token_type is TokenType.COMMA
        join = super()._parse_join(*options, **named_options)
        if join is not None and not is_comma and not any(map(join.args.get, _JOIN_PARTS)):
            # Without any of them it would look like a comma.
            join.set("kind", "INNER")
        return join

    def _parse_statement(self) -> exp.Expr | None:
        # sqlglot reads what follows WITH as any statement.
        return self._parse_select()

    def _parse_hint(self) -> exp.Hint | None:
        # This is called right after SELECT. STREAM is reserved, so it is never a column here; a
        # pump reads a stream with it or without.
        self.accept_words("STREAM")
        if self._curr.token_type == TokenType.ALIAS:
            self.unexpected("the columns to select")
        return None

    def _parse_projections(self) -> tuple[list[exp.Expr], list[exp.Expr] | None]:
        return self._parse_expressions() or self.unexpected("the columns to select"), None

    def _parse_alias(self, this: exp.Expr | None, explicit: bool = False) -> exp.Expr | None:
        if this is None:
            return None
        named = self._match(TokenType.ALIAS)
        if not named and self._curr.token_type not in self.IDENTIFIER_TOKENS:
            return this
        return self.expression(exp.Alias(this=this, alias=self.name("a name after AS")))

    def _parse_table(self, *_: Any, **options: Any) -> exp.Expr | None:
        opening = self.accept(TokenType.L_PAREN)
        if opening is not None:
            subquery = exp.Subquery(this=self.query())
            self._match_r_paren()
            self._placed(subquery, opening)
            subquery.set("over", self._parse_stream_window())
            subquery.set("alias", self._parse_table_alias())
            if subquery.args.get("over") is None:
                subquery.set("over", self._parse_stream_window())
            return subquery
        if self._next.token_type == TokenType.L_PAREN:
            return self._parse_table_function()
        table = exp.Table(this=self.name("a stream"))
        if self._match(TokenType.DOT):
            self.refuse(self._prev, "a stream's name has one part", "leave the schema's name out")
        table.set("over", self._parse_stream_window())
        table.set("alias", self._parse_table_alias())
        if table.args.get("over") is None:
            table.set("over", self._parse_stream_window())
        return table

    def _parse_stream_window(self) -> exp.Expr | None:
        """OVER (RANGE INTERVAL '1' MINUTE PRECEDING), or OVER name, behind a stream of a join."""
        if not self._match(TokenType.OVER):
            return None
        return self._parse_window_specification(self._is_next(TokenType.L_PAREN))

    def _parse_ordered(
        self, parse_method: Callable[[], exp.Expr | None] | None = None
    ) -> exp.Ordered | None:
        # ASC, DESC and the rest are no words of the tokenizer: they are names everywhere else.
        this = self._parse_disjunction()
        if this is None:
            return None
        descending = self.accept_words("DESC")
        if not descending:
            self.accept_words("ASC")
        # NULL is the smallest value, as in GROUP BY: where the largest comes first it is last.
        nulls_first = not descending
        if self.accept_words("NULLS"):
            nulls_first = self.accept_words("FIRST")
            if not nulls_first and not self.accept_words("LAST"):
                self.unexpected("FIRST or LAST")
        ordered = self.expression(exp.Ordered(this=this, desc=descending, nulls_first=nulls_first))
        if self.accept_words("WITHIN"):
            ordered.set("within", self._parse_interval() or self.unexpected("INTERVAL '...'"))
        return ordered

    def _parse_table_function(self) -> exp.Expr:
        """TABLE(FUNCTION(CURSOR(SELECT ...), arguments)) with its alias, as a query in FROM."""
        word = self._curr
        if word.text.upper() != "TABLE":
            call = self._parse_function() or self.unexpected("a stream")
            self._parse_table_alias()
            return call
        self._advance(2)
        name = self._curr
        self._advance()
        self.expect(TokenType.L_PAREN, "( and CURSOR")
        call = TableCall(this=name.text.upper())
        if self.accept_words("CURSOR"):
            self.expect(TokenType.L_PAREN, "( and SELECT STREAM")
            call.set("query", self.query())
            self.expect(TokenType.R_PAREN, ")")
            while self.accept(TokenType.COMMA):
                call.append("expressions", self._argument())
            self.expect(TokenType.R_PAREN, ", or )")
        else:
            # Refused when it is bound, by the name of the function.
            self._advance(-1)
            self._skip_parenthesised()
        self.expect(TokenType.R_PAREN, ") of TABLE(")
        place(call, token_span(name))
        subquery = self._placed(exp.Subquery(this=call), name)
        subquery.set("over", self._parse_stream_window())
        subquery.set("alias", self._parse_table_alias())
        return subquery

    def _parse_table_alias(
        self, alias_tokens: Collection[TokenType] | None = None
    ) -> exp.TableAlias | None:
        named = self._match(TokenType.ALIAS)
        if not named and self._curr.token_type not in self.IDENTIFIER_TOKENS:
            return None
        alias = exp.TableAlias(this=self.name("a name after AS"))
        if self._match(TokenType.L_PAREN):
            columns = self.rest_of_list(lambda: self.name("a column's name"))
            alias.set("columns", columns)
        return alias

    def _parse_set_operations(self, this: exp.Expr | None) -> exp.Expr | None:
        keyword = self._curr
        operation = super()._parse_set_operations(this)
        if operation is not None and operation is not this:
            place(operation, token_span(keyword))
        return operation

    def _parse_stagger(self) -> exp.Expr:
        """WINDOWED BY STAGGER (PARTITION BY keys RANGE INTERVAL '1' MINUTE)."""
        self._advance()
        if not self.accept_words("STAGGER"):
            self.unexpected("STAGGER")
        opening = self.expect(TokenType.L_PAREN, "( and the window")
        self.expect(TokenType.PARTITION_BY, "PARTITION BY")
        keys = self._parse_csv(self._parse_disjunction) or self.unexpected("what to partition by")
        self.expect(TokenType.RANGE, "RANGE INTERVAL '1' MINUTE")
        size = self._parse_bitwise() or self.unexpected("INTERVAL '1' MINUTE")
        self.accept_words("PRECEDING")
        self.expect(TokenType.R_PAREN, ")")
        return self._placed(Stagger(expressions=keys, size=size), opening)
