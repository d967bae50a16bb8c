"""`COPY table FROM 's3://...' ...`, read. Whatever is wrong with it is an error at its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Final, NoReturn

from sqlglot import Token, TokenType

from labs.redshift.copy_parameters import (
    ELSEWHERE,
    ENCODINGS,
    ERRORS_MAX,
    FLAGS,
    SECRET,
    TAKEN,
    WITHOUT_EFFECT,
    Argument,
    CopyParameters,
)
from labs.redshift.script import Statement
from labs.redshift.time_format import check_format

ESCAPES: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\\": "\\"}
ESCAPE: Final = re.compile(r"\\([0-7]{1,3}|[tnrbfv\\'])|''")
NOT_WITH_CSV: Final = ("ESCAPE", "REMOVEQUOTES")
COMPRESSIONS: Final = ("GZIP", "BZIP2", "ZSTD")


@dataclass(frozen=True)
class CopyStatement:
    """What to load, from where, and how."""

    table: str
    columns: tuple[str, ...]
    """Empty: all of the table's."""
    bucket: str
    prefix: str
    """Of the objects' keys."""
    parameters: CopyParameters
    without_effect: tuple[str, ...]
    """A sentence for each parameter that changes nothing here."""

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


def parse_copy(statement: Statement) -> CopyStatement:
    """Raises SqlErrors at the first mistake."""
    return _Parser(statement).parse()


class _Parser:
    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._tokens = statement.tokens
        self._at = 1
        self._given: dict[str, Token] = {}
        self._values: dict[str, Any] = {}
        self._without_effect: list[str] = []

    def parse(self) -> CopyStatement:
        table = self._name("the table to load")
        while self._takes(TokenType.DOT):
            table = f"{table}.{self._name('a table')}"
        columns = self._columns()
        if not self._takes(TokenType.FROM):
            self._refuse_here("FROM is expected", "COPY table FROM 's3://bucket/prefix' ...")
        bucket, prefix = self._source()
        while self._at < len(self._tokens):
            self._parameter()
        return CopyStatement(
            table, columns, bucket, prefix, self._parameters(), tuple(self._without_effect)
        )

    def _columns(self) -> tuple[str, ...]:
        if not self._takes(TokenType.L_PAREN):
            return ()
        columns = [self._name("a column")]
        while self._takes(TokenType.COMMA):
            columns.append(self._name("a column"))
        if not self._takes(TokenType.R_PAREN):
            self._refuse_here("the list of columns does not end", "COPY table (a, b) FROM ...")
        return tuple(columns)

    def _source(self) -> tuple[str, str]:
        token = self._peek()
        found = None
        if token is not None and token.token_type == TokenType.STRING:
            found = re.fullmatch(r"s3://([^/]+)/(.+)", self._text(token))
        if token is None or found is None:
            self._refuse_here(
                "an address on S3 is expected",
                "FROM 's3://bucket/prefix': every object whose key begins so is loaded",
            )
        self._at += 1
        return found[1], found[2]

    def _parameter(self) -> None:
        token = self._tokens[self._at]
        self._at += 1
        name = token.text.upper()
        if name in {"WITH", "FORMAT"} and token.token_type != TokenType.STRING:
            # `WITH CREDENTIALS`, `FORMAT AS CSV`: they say nothing by themselves.
            self._takes(TokenType.ALIAS)
            return
        if name in WITHOUT_EFFECT:
            kind, why = WITHOUT_EFFECT[name]
            self._once(name, token)
            argument = self._argument(name, token, kind)
            shown = "" if name in SECRET or argument is None else f" {argument}"
            self._without_effect.append(f"{name}{shown} has no effect: {why}")
        elif name in TAKEN:
            self._once(name, token)
            self._values[name] = self._argument(name, token, TAKEN[name])
        else:
            self._unknown(token, name)

    def _once(self, name: str, token: Token) -> None:
        if name in self._given:
            self._statement.refuse(token, f"{name} is given twice")
        self._given[name] = token

    def _unknown(self, token: Token, name: str) -> NoReturn:
        if name in ELSEWHERE:
            self._statement.refuse(
                token,
                f"{name} is Redshift's, but not this lab's",
                "it loads text with a delimiter and CSV, plain or with GZIP, BZIP2 or ZSTD",
            )
        near = get_close_matches(name, [*TAKEN, *WITHOUT_EFFECT], n=1)
        self._statement.refuse(
            token,
            f"COPY has no parameter {self._statement.script.raw(token)}",
            f"is it {near[0]}?" if near else "each statement ends with ';'",
        )

    def _argument(self, name: str, token: Token, kind: Argument) -> str | int | None:
        if kind == "none":
            return None
        is_named = self._takes(TokenType.ALIAS)
        found = self._peek()
        if found is not None and kind == "number" and found.token_type == TokenType.NUMBER:
            self._at += 1
            return self._number(name, found)
        if found is not None and kind != "number":
            if found.token_type == TokenType.STRING:
                self._at += 1
                return self._text(found)
            if kind == "maybe word" and found.text.upper() not in {*TAKEN, *WITHOUT_EFFECT}:
                self._at += 1
                return found.text
        if is_named or not kind.startswith("maybe"):
            wanted = "a number" if kind == "number" else "a text in quotes"
            self._statement.refuse(token, f"{name} needs {wanted}")
        return None

    def _number(self, name: str, token: Token) -> int:
        if not token.text.isdigit() or (name == "MAXERROR" and int(token.text) > ERRORS_MAX):
            limit = f" up to {ERRORS_MAX}" if name == "MAXERROR" else ""
            self._statement.refuse(token, f"{name} takes a whole number{limit}")
        return int(token.text)

    def _parameters(self) -> CopyParameters:
        values = self._values
        self._check_together()
        changes: dict[str, Any] = {FLAGS[name]: True for name in values if name in FLAGS}
        if "CSV" in values:
            changes["quote"] = self._character("QUOTE", '"')
        changes["delimiter"] = self._delimiter("," if "CSV" in values else "|")
        changes["compression"] = next((name for name in COMPRESSIONS if name in values), "")
        for name, field in (
            ("NULL", "null_text"),
            ("IGNOREHEADER", "header_lines"),
            ("MAXERROR", "error_max"),
        ):
            if name in values:
                changes[field] = values[name]
        for name, field in (("DATEFORMAT", "date_format"), ("TIMEFORMAT", "time_format")):
            if name in values:
                fault = check_format(values[name], has_time=name == "TIMEFORMAT")
                if fault is not None:
                    self._statement.refuse(self._given[name], f"{name}: {fault}")
                changes[field] = values[name]
        if "ENCODING" in values:
            changes["encoding"] = self._encoding(str(values["ENCODING"]))
        if "ACCEPTINVCHARS" in values:
            changes["replacement"] = self._character("ACCEPTINVCHARS", "?")
        return replace(CopyParameters(), **changes)

    def _check_together(self) -> None:
        given = self._given
        if "QUOTE" in given and "CSV" not in given:
            self._statement.refuse(given["QUOTE"], "QUOTE goes with CSV")
        for name in NOT_WITH_CSV:
            if name in given and "CSV" in given:
                self._statement.refuse(given[name], f"{name} does not go with CSV")
        two = [name for name in COMPRESSIONS if name in given]
        if len(two) > 1:
            self._statement.refuse(given[two[1]], f"{two[0]} and {two[1]} exclude each other")

    def _delimiter(self, default: str) -> str:
        delimiter = str(self._values.get("DELIMITER", default))
        if not delimiter.isascii() or not delimiter or "\n" in delimiter or "\\" in delimiter:
            self._statement.refuse(
                self._given["DELIMITER"], "DELIMITER takes ASCII characters, no line feed"
            )
        if len(delimiter) > 1 and "CSV" in self._given:
            self._statement.refuse(self._given["DELIMITER"], "with CSV it is one character")
        return delimiter

    def _character(self, name: str, default: str) -> str:
        given = self._values.get(name)
        if given is None:
            return default
        if len(given) != 1 or not given.isascii() or given == "\0":
            self._statement.refuse(self._given[name], f"{name} takes one ASCII character")
        return str(given)

    def _encoding(self, name: str) -> str:
        found = ENCODINGS.get(name.upper())
        if found is None:
            self._statement.refuse(
                self._given["ENCODING"],
                f"there is no encoding {name}",
                f"{', '.join(ENCODINGS)}",
            )
        return found

    def _text(self, token: Token) -> str:
        """What a literal stands for: '\\t' is a tab, '\\N' two characters."""
        inner = self._statement.script.raw(token)[1:-1]
        return ESCAPE.sub(_unescaped, inner)

    def _name(self, what: str) -> str:
        token = self._peek()
        if token is None or token.token_type in _NO_NAMES:
            self._refuse_here(f"{what} is expected", "COPY table FROM 's3://bucket/prefix' ...")
        self._at += 1
        # Names are in lower case on Redshift, in quotes or not.
        return token.text.lower()

    def _takes(self, kind: TokenType) -> bool:
        token = self._peek()
        if token is None or token.token_type != kind:
            return False
        self._at += 1
        return True

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _refuse_here(self, message: str, remedy: str) -> NoReturn:
        token = self._peek() or self._tokens[-1]
        self._statement.refuse(token, message, remedy)


_NO_NAMES: Final[Sequence[TokenType]] = (
    TokenType.STRING,
    TokenType.NUMBER,
    TokenType.FROM,
    TokenType.L_PAREN,
    TokenType.R_PAREN,
    TokenType.COMMA,
    TokenType.DOT,
)


def _unescaped(found: re.Match[str]) -> str:
    if found[0] == "''" or found[1] == "'":
        return "'"
    if found[1][0].isdigit():
        return chr(int(found[1], 8))
    return ESCAPES[found[1]]
