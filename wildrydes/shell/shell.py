"""The shell: reads a query, runs it until it ends or Ctrl-C does, and reads the next."""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics_sql.ad_hoc_query import RESULT, compile_query
from analytics_sql.combination import ReferenceTable
from analytics_sql.event_time import with_event_time
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, EventTime
from fleet.errors import FleetError, SqlErrors
from processor.error_stream import NAME as ERROR_STREAM
from wildrydes.shell.input import QueryInput
from wildrydes.shell.rows import ScrollingRows
from wildrydes.table import print_table

PROMPT, CONTINUED = "sql> ", "...> "
HELP = """\
SELECT STREAM ... ;   run a query; it ends with ; and Ctrl-C ends it while it runs
.schema               the columns of the input, and what it is called
.help                 this
.quit                 leave; Ctrl-D does too"""


@dataclass(frozen=True, slots=True)
class Source:
    """What queries are about."""

    schema: InputSchema
    name: str
    """What queries call the input."""
    input: QueryInput
    text: str = ""
    """The application's own text, whose streams queries may read."""
    tables: Sequence[ReferenceTable] = ()
    """Its reference tables, which queries may join."""
    event_time: EventTime | None = None
    """None: ROWTIME is the time of arrival."""


Prompt = Callable[[str], str]
"""Asks for a line. Raises EOFError at the end of the input and KeyboardInterrupt on Ctrl-C."""


def terminal_prompt(history: Path) -> Prompt:
    """With history, and with SQL in colours."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory
    from prompt_toolkit.lexers import PygmentsLexer
    from pygments.lexers.sql import SqlLexer

    history.parent.mkdir(parents=True, exist_ok=True)
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(history)), lexer=PygmentsLexer(SqlLexer)
    )
    return lambda text: session.prompt(text)


def piped_prompt(_prompt: str) -> str:
    """A line of standard input, for scripts."""
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")


class Shell:
    """`run` returns when the user leaves."""

    def __init__(self, source: Source, prompt: Prompt, say: Callable[[str], None]) -> None:
        self._source = source
        self._prompt = prompt
        self._say = say

    def run(self) -> None:
        """Reads statements until the end of the input or .quit."""
        while (statement := self._statement()) is not None:
            if statement.startswith("."):
                if statement in (".quit", ".exit"):
                    return
                self._command(statement)
            elif statement.strip("; \t\n"):
                self._query(statement)

    def _statement(self) -> str | None:
        """Lines up to one that ends with `;`, or a command; None at the end of the input."""
        lines: list[str] = []
        while True:
            try:
                line = self._prompt(CONTINUED if lines else PROMPT)
            except KeyboardInterrupt:
                # What was typed so far is given up, as in other shells.
                lines = []
                continue
            except EOFError:
                rest = "\n".join(lines).strip()
                return rest or None
            if not lines and (not line.strip() or line.lstrip().startswith(".")):
                if line.strip():
                    return line.strip()
                continue
            lines.append(line)
            if line.rstrip().endswith(";"):
                return "\n".join(lines)

    def _command(self, command: str) -> None:
        if command == ".schema":
            self._say(f'FROM "{self._source.name}"')
            rows = [[column.name, str(column.type)] for column in self._source.schema.columns]
            print_table(["column", "type"], rows, numbers=())
        else:
            self._say(HELP if command == ".help" else f"there is no {command}\n{HELP}")

    def _query(self, query: str) -> None:
        source = self._source
        try:
            application = compile_query(
                query,
                schema=source.schema,
                source_name=source.name,
                text=source.text,
                tables=source.tables,
            )
            if source.event_time is not None:
                application = with_event_time(application, source.event_time)
            asyncio.run(self._scroll(application))
        except SqlErrors as errors:
            self._say(errors.render())
        except FleetError as error:
            self._say(f"{error}\n  {error.remedy}" if error.remedy else str(error))

    async def _scroll(self, application: Application) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, stop.set)
        text = ScrollingRows(application.stream(RESULT).columns)
        self._say(text.head())
        shown = failed = 0
        first = ""
        try:
            async for rows in self._source.input.rows(application, stop):
                for line in text.lines(row for row in rows if row.stream == RESULT):
                    self._say(line)
                    shown += 1
                errors = [row for row in rows if row.stream == ERROR_STREAM]
                first = first or str(errors[0].values["MESSAGE"]) if errors else first
                failed += len(errors)
        finally:
            loop.remove_signal_handler(signal.SIGINT)
            self._say(f"({'ended; ' if stop.is_set() else ''}{shown:,} rows)")
            if failed:
                self._say(f"to error_stream: {failed:,}; the first because: {first}")
