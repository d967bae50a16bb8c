"""Text to statements.

Each statement is read on its own, so that a syntax error in one does not hide the errors of the
others.
"""

from dataclasses import replace
from itertools import pairwise

from sqlglot.tokenizer_core import Token, TokenType

from analytics_sql.syntax.cursor import SyntaxFault
from analytics_sql.syntax.nodes import (
    BrokenStatement,
    ColumnDeclaration,
    CreateFunction,
    CreatePump,
    CreateStream,
    Parameter,
    Statement,
    TypeName,
)
from analytics_sql.syntax.query_grammar import QueryGrammar
from analytics_sql.syntax.refusals import never_had
from analytics_sql.syntax.source_text import Advice, Faults, Span, shown
from analytics_sql.syntax.tokenizer import swallowing_comment, token_span, tokenize

NESTING_MAX = 32
"""Levels of parentheses. sqlglot takes 21 stack frames for each; Python has 1000 by default."""

_PUMP = "write CREATE OR REPLACE PUMP name AS INSERT INTO stream SELECT STREAM ..."
_STATEMENTS = (
    "an application consists of CREATE OR REPLACE STREAM, CREATE OR REPLACE PUMP "
    "and CREATE OR REPLACE FUNCTION"
)
_NO_STATEMENT = {
    "ALTER": "a pump runs from the start, unless it is created STOPPED",
    "DROP": "leave out the statement that creates it",
}
# Source: REF:sql-reference-create-function.
_WITHOUT_EFFECT = (
    ("LANGUAGE", "SQL"),
    ("NOT", "DETERMINISTIC"),
    ("DETERMINISTIC",),
    ("CONTAINS", "SQL"),
    ("READS", "SQL", "DATA"),
    ("MODIFIES", "SQL", "DATA"),
    ("CALLED", "ON", "NULL", "INPUT"),
)
_SWALLOWED = Advice(
    "this comment takes in the rest of the text, which is on the same line",
    "put line feeds back in (templates that hold the text on one line lose them), "
    "or write the comment /* ... */",
)
_TOO_DEEP = ("this is nested too deeply", f"at most {NESTING_MAX} levels of parentheses")


def read_statements(text: str, faults: Faults) -> list[Statement]:
    """All statements of a text, in its order; syntax errors go to `faults`."""
    tokens = tokenize(text, faults)
    swallowed = swallowing_comment(text)
    if swallowed is not None and not faults:
        faults.advise(swallowed, _SWALLOWED)
        return []
    if all(token.token_type is TokenType.SEMICOLON for token in tokens) and not faults:
        faults.add(Span(0, 0), "there is no SQL in this text", _STATEMENTS)
    if faults:
        return []
    reader = _StatementReader(text, faults)
    return [reader.read(statement) for statement in _split(tokens, faults)]


def _split(tokens: list[Token], faults: Faults) -> list[list[Token]]:
    """One list of tokens for each statement. CREATE, which starts every statement, is reserved: a
    second one is a statement that no semicolon separates from the one before.
    """
    statements: list[list[Token]] = [[]]
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            statements.append([])
            continue
        if token.token_type is TokenType.CREATE and statements[-1]:
            faults.add(
                token_span(token),
                "a semicolon is missing before this statement",
                "end each statement with ;",
            )
            statements.append([])
        statements[-1].append(token)
    return [statement for statement in statements if statement]


class _StatementReader:
    def __init__(self, text: str, faults: Faults) -> None:
        self._text = text
        self._faults = faults
        self._parser = QueryGrammar()
        self._broken = BrokenStatement()
        """What is left of the statement being read if there is a fault in it."""

    def read(self, tokens: list[Token]) -> Statement:
        """One statement, from all of its tokens."""
        self._broken = BrokenStatement()
        self._parser.start(tokens, self._text)
        refused = [found for pair in pairwise([*tokens, tokens[-1]]) if (found := never_had(*pair))]
        for span, advice in refused:
            self._faults.advise(span, advice)
        try:
            _check_nesting(tokens)
            return self._statement()
        except SyntaxFault as fault:
            # What the service never had is often what cannot be read: one error is enough.
            if not refused:
                self._faults.advise(fault.span, fault.advice)
        except RecursionError:
            self._faults.add(token_span(self._parser.current or tokens[0]), *_TOO_DEEP)
        return self._broken

    def _statement(self) -> Statement:
        parser = self._parser
        first = parser.current
        if not parser.accept(TokenType.CREATE):
            word = first.text.upper()
            if first.token_type in (TokenType.SELECT, TokenType.INSERT, TokenType.WITH):
                parser.refuse(first, f"{word} stands inside a pump only", _PUMP)
            if word in _NO_STATEMENT:
                parser.refuse(first, f"the service has no {word}", _NO_STATEMENT[word])
            parser.refuse(first, f"{shown(first.text)} starts no statement", _STATEMENTS)
        replaces = bool(parser.accept_words("OR"))
        if replaces and not parser.accept_words("REPLACE"):
            parser.unexpected("REPLACE")
        if parser.accept_words("STREAM"):
            statement: Statement = replace(self._stream_statement(), replaces=replaces)
        elif parser.accept_words("PUMP"):
            statement = replace(self._pump_statement(), replaces=replaces)
        elif parser.accept_words("FUNCTION"):
            statement = self._function_statement()
        elif parser.current.text.upper() in ("TABLE", "VIEW", "SCHEMA"):
            kind = parser.current
            parser.refuse(kind, f"the service has no CREATE {kind.text.upper()}", _STATEMENTS)
        else:
            parser.unexpected("STREAM, PUMP or FUNCTION")
        if parser.current:
            parser.unexpected()
        return statement

    def _stream_statement(self) -> CreateStream:
        parser = self._parser
        name = parser.name("the stream's name")
        self._broken = BrokenStatement(stream=name)
        parser.expect(TokenType.L_PAREN, "( and the columns")
        columns = parser.rest_of_list(self._column)
        self._description()
        return CreateStream(name, tuple(columns))

    def _column(self) -> ColumnDeclaration:
        parser = self._parser
        name, type_ = parser.name("a column's name"), self._type("the column's type")
        nullable = True
        if parser.accept(TokenType.NOT):
            parser.expect(TokenType.NULL, "NULL")
            nullable = False
        else:
            parser.accept(TokenType.NULL)
        return ColumnDeclaration(name, type_, nullable)

    def _type(self, what: str) -> TypeName:
        parser = self._parser
        first = last = parser.expect(TokenType.VAR, what)
        words = [first.text]
        while parser.current.token_type is TokenType.VAR and not self._ends_type():
            last = parser.expect(TokenType.VAR, "a type")
            words.append(last.text)
        text = " ".join(words)
        if parser.accept(TokenType.L_PAREN):
            sizes = parser.rest_of_list(lambda: parser.expect(TokenType.NUMBER, "a number").text)
            text, last = f"{text}({','.join(sizes)})", parser.previous
        return TypeName(text, Span(first.start, last.end + 1))

    def _ends_type(self) -> bool:
        """Whether the next word belongs to a function and not to the type of its result."""
        word = self._parser.current.text.upper()
        starts = {words[0] for words in _WITHOUT_EFFECT} | {"RETURNS", "RETURN", "SPECIFIC"}
        return word in starts

    def _function_statement(self) -> CreateFunction:
        parser = self._parser
        name = parser.name("the function's name")
        self._broken = BrokenStatement(function=name)
        parser.expect(TokenType.L_PAREN, "( and the parameters")
        parameters: list[Parameter] = []
        if not parser.accept(TokenType.R_PAREN):
            parameters = parser.rest_of_list(self._parameter)
        if not parser.accept_words("RETURNS"):
            parser.unexpected("RETURNS and a type")
        returns = self._type("the type of the result")
        is_strict = self._characteristics()
        if not parser.accept_words("RETURN"):
            parser.unexpected("RETURN and an expression")
        return CreateFunction(name, tuple(parameters), returns, is_strict, parser.scalar())

    def _parameter(self) -> Parameter:
        name = self._parser.name("a parameter's name")
        return Parameter(name, self._type("the parameter's type"))

    def _characteristics(self) -> bool:
        """Reads what stands between a function's type and its RETURN, in any order; whether NULL
        in gives NULL out.
        """
        parser = self._parser
        is_strict = False
        while True:
            if parser.accept_words("RETURNS", "NULL", "ON", "NULL", "INPUT"):
                is_strict = True
            elif parser.accept_words("SPECIFIC"):
                parser.name("the function's specific name")
            elif not any(parser.accept_words(*words) for words in _WITHOUT_EFFECT):
                return is_strict

    def _pump_statement(self) -> CreatePump:
        parser = self._parser
        name = parser.name("the pump's name")
        stopped = parser.accept_words("STOPPED")
        if not stopped:
            parser.accept_words("STARTED")
        self._description()
        parser.expect(TokenType.ALIAS, "AS INSERT INTO")
        parser.expect(TokenType.INSERT, "INSERT INTO")
        parser.expect(TokenType.INTO, "INTO")
        target = parser.name("the stream to insert into")
        columns = None
        if parser.accept(TokenType.L_PAREN):
            columns = tuple(parser.rest_of_list(lambda: parser.name("a column's name")))
        return CreatePump(name, not stopped, target, columns, parser.query())

    def _description(self) -> None:
        """Reads DESCRIPTION 'text', which has no effect (REF:sql-reference-create-stream)."""
        if self._parser.accept_words("DESCRIPTION"):
            self._parser.expect(TokenType.STRING, "the description in quotes")


def _check_nesting(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        if token.token_type is TokenType.L_PAREN:
            depth += 1
            if depth > NESTING_MAX:
                raise SyntaxFault(token_span(token), Advice(*_TOO_DEEP))
        elif token.token_type is TokenType.R_PAREN:
            depth -= 1
