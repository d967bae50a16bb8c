"""A Hive script: tables, then queries over them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.dialects import Hive
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from labs.cloudfront.hive.literal import read_literal
from labs.cloudfront.hive.source import Source
from labs.cloudfront.hive.table import RegexTable, place, regex_table

# What Hive writes between the fields of a row unless told.
DEFAULT_DELIMITER = "\x01"
TAKEN = (
    "CREATE EXTERNAL TABLE with RegexSerDe, SELECT, INSERT OVERWRITE DIRECTORY ... SELECT, "
    "DROP TABLE and SET are"
)


@dataclass(frozen=True)
class Query:
    """A SELECT, which starts at `base` of the script; `directory` is where its rows go."""

    text: str
    tree: exp.Query
    base: int
    directory: Path | None
    delimiter: str = DEFAULT_DELIMITER


@dataclass(frozen=True)
class Script:
    """`notes` are what the script says that means nothing here."""

    source: Source
    tables: Mapping[str, RegexTable]
    queries: tuple[Query, ...]
    notes: tuple[str, ...]


def parse_script(text: str, name: str, variables: Mapping[str, str], out: Path) -> Script:
    """Directories of the script must be in `out`. Raises SqlErrors, with line and column."""
    return _Reader(Source(text, name, variables), out).read()


class _Reader:
    def __init__(self, source: Source, out: Path) -> None:
        self._source = source
        self._out = out
        self._tables: dict[str, RegexTable] = {}
        self._queries: list[Query] = []
        self._notes: list[str] = []

    def read(self) -> Script:
        for tokens in self._statements():
            self._statement(tokens)
        if not self._queries:
            raise self._source.error(
                "no query in this script",
                len(self._source.text.rstrip()),
                remedy="end it with SELECT ... FROM the table",
            )
        return Script(self._source, self._tables, tuple(self._queries), tuple(self._notes))

    def _statements(self) -> Iterator[list[Token]]:
        source = self._source
        try:
            tokens = Hive().tokenize(source.text)
        except TokenError as error:
            # sqlglot says what, and not where: the last quote that was opened.
            at = max(source.text.rfind("'"), source.text.rfind('"'), 0)
            first = str(error).splitlines()[0]
            raise source.error(f"this cannot be read: {first}", at) from None
        statement: list[Token] = []
        for token in tokens:
            if token.token_type == TokenType.SEMICOLON:
                if statement:
                    yield statement
                statement = []
            else:
                statement.append(token)
        if statement:
            yield statement

    def _statement(self, tokens: list[Token]) -> None:
        base = tokens[0].start
        text = self._source.text[base : tokens[-1].end + 1]
        if tokens[0].token_type == TokenType.SET:
            self._notes.append(f"{' '.join(text.split())}: nothing here depends on it")
            return
        tree = self._parsed(text, base)
        match tree:
            case exp.Create():
                self._create(tree, text, base)
            case exp.Drop(args={"kind": "TABLE"}):
                for each in tree.args.get("tables") or [tree.this]:
                    self._tables.pop(each.name.lower(), None)
            case exp.Insert(this=exp.Directory()):
                self._insert(tree, tokens, base)
            case exp.Query():
                self._query(tree, text, base, None, DEFAULT_DELIMITER)
            case _:
                raise self._source.error(
                    f"{tokens[0].text.upper()} is not taken here",
                    base,
                    length=len(tokens[0].text),
                    remedy=TAKEN,
                )

    def _parsed(self, text: str, base: int) -> exp.Expr:
        try:
            return sqlglot.parse_one(text, read="hive")
        except ParseError as error:
            first = error.errors[0]
            length = max(1, len(first.get("highlight") or ""))
            lines = text.split("\n")
            at = sum(len(line) + 1 for line in lines[: first["line"] - 1]) + first["col"] - length
            message = str(first["description"]).split(" but got <Token")[0].rstrip(".")
            raise self._source.error(message, base + max(0, at), length=length) from None

    def _create(self, tree: exp.Create, text: str, base: int) -> None:
        table = regex_table(tree, text, self._source, base)
        name = table.name.lower()
        if name in self._tables:
            if tree.args.get("exists"):
                return
            raise self._source.error(
                f"table {table.name} is there already", base, remedy="CREATE TABLE IF NOT EXISTS"
            )
        self._tables[name] = table

    def _insert(self, tree: exp.Insert, tokens: list[Token], base: int) -> None:
        directory = tree.this
        query = tree.expression
        start, length = place(directory.this)
        if tree.args.get("stored") or not tree.args.get("overwrite"):
            raise self._source.error("only text, and only OVERWRITE, is taken here", base)
        if not isinstance(query, exp.Query):
            raise self._source.error("a SELECT must follow", tokens[-1].start)
        delimiter = DEFAULT_DELIMITER
        if row_format := directory.args.get("row_format"):
            fields = row_format.args.get("fields")
            others = {key for key, value in row_format.args.items() if value} - {"fields"}
            if fields is None or others:
                raise self._source.error(
                    "only FIELDS TERMINATED BY is taken here", base + start, length=length
                )
            at, size = place(fields)
            delimiter = self._literal(base + at, size)
        first = next(
            each for each in tokens if each.token_type in (TokenType.SELECT, TokenType.WITH)
        )
        end = tokens[-1].end + 1
        text = self._source.text[first.start : end]
        path = self._literal(base + start, length).removeprefix("file://")
        folder = Path(path).resolve()
        if "://" in path or not folder.is_relative_to(self._out) or folder == self._out:
            raise self._source.error(
                f"{path} is no folder in {self._out}, which --out is: it would be overwritten",
                base + start,
                length=length,
                remedy="write '${OUTPUT}/...'",
            )
        self._query(self._parsed(text, first.start), text, first.start, folder, delimiter)

    def _literal(self, start: int, length: int) -> str:
        return read_literal(self._source.text[start : start + length], start).value

    def _query(
        self, tree: exp.Expr, text: str, base: int, directory: Path | None, delimiter: str
    ) -> None:
        assert isinstance(tree, exp.Query)
        self._refuse_unknown(tree, base)
        self._queries.append(Query(text, tree, base, directory, delimiter))

    def _refuse_unknown(self, tree: exp.Query, base: int) -> None:
        """Names of tables and columns that nothing defines."""
        made = {each.alias.lower() for each in tree.find_all(exp.CTE, exp.Subquery)}
        known = {each.alias.lower() for each in tree.find_all(exp.Alias)}
        for table in tree.find_all(exp.Table):
            name = table.name.lower()
            if name in made:
                continue
            if name not in self._tables:
                raise self._unknown("table", table.this, base, [*self._tables])
            known.update(column.name.lower() for column in self._tables[name].columns)
        for column in tree.find_all(exp.Column):
            if not isinstance(column.this, exp.Star) and column.name.lower() not in known:
                raise self._unknown("column", column.this, base, sorted(known))

    def _unknown(self, kind: str, node: exp.Expr, base: int, known: list[str]) -> Exception:
        start, length = place(node)
        return self._source.error(
            f"no {kind} {node.name}",
            base + start,
            length=length,
            remedy=f"there is {', '.join(known)}" if known else f"no {kind} is defined before this",
        )
