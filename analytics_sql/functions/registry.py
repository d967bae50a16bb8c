"""What a scalar function is: its name, its types, and its meaning for one value.

A function of analytics_sql/functions is one decorated Python function. It takes and gives values as
columns hold them: text as str, integers, times and intervals (milliseconds) as int, a DECIMAL as an
int without its point, DOUBLE and REAL as float, BOOLEAN as bool. Unless it says otherwise it is not
asked about NULL, which gives NULL. A value that it has no answer for it refuses with ValueError,
whose text is the sentence of the row's error.

The processor computes whole columns; where it has a faster way than asking value by value, that way
must agree with the function here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics_sql.types import BIGINT, DOUBLE, TIMESTAMP, Kind, SqlType

Meaning = Callable[..., Any]
Result = Callable[[tuple[SqlType, ...]], SqlType]
Check = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What an argument has to be, in words and as a test, and the type it is converted to first."""

    words: str
    accepts: Callable[[SqlType], bool]
    becomes: SqlType | None = None


TEXT = Parameter("text", lambda type: type.is_text)
TEXT_OR_BYTES = Parameter("text or bytes", lambda type: type.has_words)
NUMBER = Parameter("a number", lambda type: type.is_numeric)
AS_DOUBLE = Parameter("a number", lambda type: type.is_numeric, DOUBLE)
INTEGER_NUMBER = Parameter("an integer", lambda type: type.is_integer, BIGINT)
WHOLE_NUMBER = Parameter("a whole number", lambda t: t.is_exact and t.digits[1] == 0)
TIME_POINT = Parameter("a TIMESTAMP, DATE or TIME", lambda type: type.is_datetime)
TIMESTAMP_ONLY = Parameter("a TIMESTAMP", lambda type: type.kind is Kind.TIMESTAMP)
DATE_ONLY = Parameter("a DATE", lambda type: type.kind is Kind.DATE)
TIME_ONLY = Parameter("a TIME", lambda type: type.kind is Kind.TIME)
MILLISECONDS = Parameter(
    "a TIMESTAMP, or milliseconds as an integer",
    lambda type: type.is_integer or type == TIMESTAMP,
)
TRUTH = Parameter("a condition", lambda type: type.kind is Kind.BOOLEAN)


@dataclass(frozen=True, slots=True)
class ScalarFunction:
    """One function. `name` is what a Call says, `syntax` how people write it."""

    name: str
    syntax: str
    parameters: tuple[Parameter, ...]
    required: int
    """How many of the parameters cannot be left out."""
    result: Result
    returns: str
    """The result's type in words."""
    meaning: Meaning
    summary: str
    source: str
    family: str
    strict: bool = True
    """NULL if an argument is, without asking. Else the function takes None."""
    typed: bool = False
    """The types of the arguments come before the arguments."""
    fails_by: tuple[int, ...] | None = None
    """Positions of the arguments that may leave it without an answer; None: any."""
    checks: Mapping[int, Check] = field(default_factory=dict)
    """What a constant argument, by position, must pass when the text is compiled. Each raises
    ValueError.
    """

    @property
    def spelled(self) -> str:
        """The word that people write: STEP of STEP(integer BY integer)."""
        word, opening, _ = self.syntax.partition("(")
        return word if opening else self.name


SCALARS: dict[str, ScalarFunction] = {}
"""Every scalar function, by the name in its Call."""


def scalar(
    name: str,
    syntax: str,
    *parameters: Parameter,
    gives: SqlType | Result,
    source: str,
    required: int | None = None,
    strict: bool = True,
    typed: bool = False,
    fails_by: tuple[int, ...] | None = None,
    checks: Mapping[int, Check] | None = None,
) -> Callable[[Meaning], Meaning]:
    """Registers the decorated function; the first line of its docstring goes into the docs."""

    def register(meaning: Meaning) -> Meaning:
        assert name not in SCALARS, name
        assert meaning.__doc__, name
        SCALARS[name] = ScalarFunction(
            name=name,
            syntax=syntax,
            parameters=parameters,
            required=len(parameters) if required is None else required,
            result=gives if callable(gives) else lambda types: gives,
            returns="as its argument" if callable(gives) else str(gives),
            meaning=meaning,
            summary=" ".join(meaning.__doc__.split("\n\n")[0].split()),
            source=source,
            family=meaning.__module__.rsplit(".", 1)[1],
            strict=strict,
            typed=typed,
            fails_by=fails_by,
            checks=checks or {},
        )
        return meaning

    return register


def same_as(position: int) -> Result:
    """The type of one of the arguments."""
    return lambda types: types[position]


def varying(position: int) -> Result:
    """VARCHAR of the length of one of the arguments, or VARBINARY."""
    return lambda types: SqlType(
        Kind.VARBINARY if types[position].is_bytes else Kind.VARCHAR, types[position].length
    )
