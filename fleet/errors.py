"""Every error the system raises on purpose, and what is done about each.

FleetError             say what, where, and what to do
|-- ConfigError        a flag, a file or the environment is wrong: stop before anything starts
|-- SqlError           the application's text is wrong: line, column, snippet, remedy
|-- SqlErrors          all the SqlErrors of one text
|-- DecodeError        one record is wrong: to the dead letter, the shard goes on
|-- TransientError     a dependency failed for now: retried with back-off in awsio/retry.py
|-- ResourceMissing    no such stream, table or bucket: say which command creates it
|-- RowRefused         a sink refuses some rows for good: they go to the dead letter
|-- RecordsExpired     the stream no longer keeps what is to be read next: exit, or skip if asked
|-- SnapshotRefused    the state is another plan's: exit
|   `-- Superseded     a newer processor of this application has taken over: exit, write no more
|-- StopCutShort       told to stop, and not done in time: exit; the next start does the rest
|-- StateTooLarge      the windows hold more than they may: exit, before the machine suffers
`-- SnapshotCorrupt    the stored bytes do not check out: the previous snapshot is used, loudly
"""


class FleetError(Exception):
    """Root of the tree. `str(error)` is a sentence for the user; `remedy` says what to do, when
    that is known.
    """

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy


class ConfigError(FleetError):
    """A flag, a file or the environment is wrong."""


class SqlError(FleetError):
    """The SQL is wrong at `line`, `column` (both from 1); `snippet` is that line of the text,
    `remedy` what to write.
    """

    def __init__(
        self,
        message: str,
        *,
        line: int,
        column: int,
        snippet: str,
        length: int = 1,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.line = line
        self.column = column
        self.snippet = snippet
        self.length = length

    def render(self, name: str) -> str:
        """Several lines: `name:line:column: message`, the snippet, a caret under the fault, the
        remedy.
        """
        gutter = f"{self.line:>5} | "
        # Tabs stay tabs under the caret line, so that it points right at any tab width.
        lead = "".join("\t" if c == "\t" else " " for c in self.snippet[: self.column - 1])
        lines = [
            f"{name}:{self.line}:{self.column}: {self}",
            gutter + self.snippet,
            " " * (len(gutter) - 2) + "| " + lead + "^" * max(1, self.length),
        ]
        if self.remedy:
            lines.append(f"{' ' * (len(gutter) - 2)}= {self.remedy}")
        return "\n".join(lines)


class SqlErrors(FleetError):
    """Everything that is wrong with one text, in the order of the text; never empty.

    `name` is the text's file, or what stands for it in messages.
    """

    def __init__(self, errors: list[SqlError], name: str = "SQL") -> None:
        super().__init__(f"{name}: {len(errors)} error(s), the first: {errors[0]}")
        self.errors = errors
        self.name = name

    def render(self) -> str:
        """Each error as SqlError.render gives it, with a blank line between them."""
        return "\n\n".join(error.render(self.name) for error in self.errors)


class DecodeError(FleetError):
    """A record cannot become a row."""


class TransientError(FleetError):
    """A dependency failed for now; trying again is right."""


class ResourceMissing(FleetError):
    """A stream, table or bucket does not exist."""


class RowRefused(FleetError):
    """A sink will never take these rows; `refused` holds (row id, reason). All other rows of the
    call are durable.
    """

    def __init__(self, message: str, refused: list[tuple[str, str]]) -> None:
        super().__init__(message)
        self.refused = refused


class RecordsExpired(FleetError):
    """The stream no longer keeps what is to be read next: something may be lost."""


class SnapshotRefused(FleetError):
    """The stored state belongs to another plan, or is not this processor's to replace."""


class Superseded(SnapshotRefused):
    """A processor of a newer epoch has taken over: this one must write no more."""


class StopCutShort(FleetError):
    """Told to stop, a command could not finish in time. What is left is for its next start."""


class StateTooLarge(FleetError):
    """The state of the application has grown beyond what it may take."""


class SnapshotCorrupt(FleetError):
    """The stored bytes do not check out."""
