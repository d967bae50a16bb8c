"""A script's statements run one after the other, as psql runs a file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlglot import Token

from awsio.clients import AwsClients
from fleet.errors import ConfigError, FleetError, ResourceMissing, TransientError
from labs.dataset import Say
from labs.redshift.column import Column
from labs.redshift.copy_statement import CopyStatement, parse_copy
from labs.redshift.load import CopyFailed, Load
from labs.redshift.load_error import COLUMNS, TABLE, LoadError
from labs.redshift.objects import fetch, put
from labs.redshift.script import Script, Statement
from labs.redshift.table_definition import TableDefinition, parse_table, parsed
from labs.redshift.warehouse import Result, Warehouse

NOTHING_TO_DO: Final = frozenset({"ANALYZE", "VACUUM"})
TRANSACTIONS: Final = frozenset({"ABORT", "BEGIN", "COMMIT", "END", "ROLLBACK", "START"})

STL_COLUMNS: Final = (
    Column("query", "integer"),
    Column("starttime", "timestamp"),
    Column("tbl", "varchar"),
    *(
        Column(name, "integer" if name in {"line_number", "position", "err_code"} else "varchar")
        for name in COLUMNS
    ),
)


@dataclass(frozen=True)
class Asked:
    """A query, and what came of it."""

    title: str
    sql: str
    result: Result


@dataclass
class Session:
    """What has happened so far."""

    warehouse: Warehouse
    say: Say
    started: datetime
    """What stl_load_errors has for `starttime`."""
    tables: dict[str, TableDefinition] = field(default_factory=dict)
    loads: list[Load] = field(default_factory=list)
    queries: list[Asked] = field(default_factory=list)
    without_effect: list[str] = field(default_factory=list)
    failure: CopyFailed | None = None
    """Of the COPY that ended the script."""

    @property
    def errors(self) -> list[LoadError]:
        return [error for load in self.loads for error in load.errors]

    async def run(self, script: Script, aws: AwsClients, uploads: Mapping[str, Path]) -> None:
        """Every statement, or those up to the COPY that fails. `uploads` (name -> file) are put
        where each COPY looks for them. Raises SqlErrors for what this lab does not take, before
        anything runs, and FleetError for what the engine refuses.
        """
        copies = self._check(script)
        for statement in script.statements:
            copy = copies.get(statement.start)
            if copy is not None:
                await put(aws, copy, uploads, self.say)
                await self._copy(statement, copy, aws)
                if self.failure is not None:
                    return
            elif statement.verb in NOTHING_TO_DO:
                self.without_effect.append(f"{statement.text} has nothing to do here")
            elif _makes_table(statement):
                self._create(parse_table(statement))
            else:
                self._execute(statement)

    def _check(self, script: Script) -> dict[int, CopyStatement]:
        copies: dict[int, CopyStatement] = {}
        for statement in script.statements:
            if statement.verb == "COPY":
                copies[statement.start] = parse_copy(statement)
            elif statement.verb == "UNLOAD":
                statement.refuse(statement.tokens[0], "UNLOAD is Redshift's, but not this lab's")
            elif statement.verb in TRANSACTIONS:
                statement.refuse(
                    statement.tokens[0],
                    f"{statement.verb} is not in this lab",
                    "leave it out: each statement is a transaction of its own",
                )
            elif _makes_table(statement):
                parse_table(statement)
            elif statement.verb not in NOTHING_TO_DO:
                parsed(statement, statement.text)
        return copies

    def _create(self, table: TableDefinition) -> None:
        self.warehouse.create(table)
        self.tables[table.name] = table
        self.without_effect += [
            f"{written} has no effect: {table.name} is on one machine, and keys are not enforced"
            for written in table.without_effect
        ]
        self.say(f"created {table.name}, {len(table.columns)} columns")

    async def _copy(self, statement: Statement, copy: CopyStatement, aws: AwsClients) -> None:
        table = self.tables.get(copy.table)
        if table is None:
            statement.refuse(
                statement.tokens[1],
                f"this script has not made a table {copy.table}",
                "its CREATE TABLE has to come before: it says what the columns are",
            )
        columns = table.chosen(copy.columns) if copy.columns else list(table.columns)
        if columns is None:
            statement.refuse(statement.tokens[1], f"{copy.table} lacks one of the columns listed")
        files = await fetch(aws, copy, self.say)
        load = Load(copy.table, columns, copy.parameters)
        self.loads.append(load)
        self.without_effect += copy.without_effect
        rows = load.rows(files)
        try:
            if copy.parameters.loads_nothing:
                for _ in rows:
                    pass
            else:
                self.warehouse.load(copy.table, columns, rows)
        except CopyFailed as failure:
            self.failure = failure
        self._note(load)
        self.say(self._outcome(load, copy))

    def _outcome(self, load: Load, copy: CopyStatement) -> str:
        if self.failure is not None:
            return str(self.failure)
        done = "checked, none loaded (NOLOAD)" if copy.parameters.loads_nothing else "loaded"
        refused = f", {len(load.errors):,} not" if load.errors else ""
        return f"{load.table}: {load.row_count:,} rows {done}{refused}"

    def _note(self, load: Load) -> None:
        """After the load's own transaction, whatever became of it."""
        if load.errors:
            first = (len(self.loads), self.started, load.table)
            rows = ((*first, *error.values) for error in load.errors)
            self.warehouse.load(TABLE, STL_COLUMNS, rows)

    def _execute(self, statement: Statement) -> None:
        tree = parsed(statement, statement.text)
        try:
            result = self.warehouse.execute(tree)
        except (ConfigError, ResourceMissing, TransientError):
            raise
        except FleetError as error:
            statement.refuse(_named(statement, str(error)), str(error), error.remedy)
        if result is not None:
            self.queries.append(Asked(statement.title, statement.text, result))


def _named(statement: Statement, message: str) -> Token:
    """The word that an engine complains of, in quotes; the first one when it quotes none of them.
    An engine's own places are those of the translation.
    """
    for name in re.findall(r'"(\w+)"', message):
        for token in statement.tokens:
            if token.text.lower() == name.lower():
                return token
    return statement.tokens[0]


def _makes_table(statement: Statement) -> bool:
    """Whether it is a CREATE TABLE with columns, not one AS a query."""
    words = [token.text.upper() for token in statement.tokens[:4]]
    return (
        words[0] == "CREATE"
        and "TABLE" in words
        and not any(token.text.upper() == "SELECT" for token in statement.tokens)
    )
