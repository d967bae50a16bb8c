"""Names: what an identifier means, how a name is written, what to say of one that is not there.

Without quotes a name is folded to upper case, with quotes it is exact
(REF:sql-reference-identifiers). That is where most unknown columns come from, so the advice looks
for the same letters in another case first.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from sqlglot import exp

from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Advice, Faults
from analytics_sql.syntax.tokenizer import PLAIN_NAME

LISTED_MAX = 12
"""Names that a message lists before it says how many more there are."""

RESERVED = frozenset(
    (
        # They start a constant.
        *("TIMESTAMP", "DATE", "TIME"),
        # They are half of a keyword.
        *("BY", "GROUP", "ORDER", "PARTITION", "SIMILAR", "TABLE", "TO", "WINDOWED"),
    )
)
"""Words that the grammar could take for names without quotes, but the dialect does not."""


def fold(identifier: exp.Identifier) -> str:
    """The name that an identifier means."""
    text: str = identifier.name
    return text if identifier.quoted else text.upper()


def fold_new(identifier: exp.Identifier, faults: Faults) -> str:
    """The name that an identifier gives to something new."""
    check_reserved(identifier, faults)
    return fold(identifier)


def check_reserved(identifier: exp.Identifier, faults: Faults) -> bool:
    """Whether the identifier is a name at all; notes a fault if it is a reserved word."""
    name = fold(identifier)
    if identifier.quoted or name not in RESERVED:
        return True
    faults.add(
        span_of(identifier),
        f"{name} is a reserved word",
        f'as a name it needs quotes: "{identifier.name}"',
    )
    return False


def written(name: str) -> str:
    """How a name is written: in quotes, unless folding leaves it alone."""
    if PLAIN_NAME.fullmatch(name) and name == name.upper():
        return name
    return '"' + name.replace('"', '""') + '"'


def listed(names: Iterable[str]) -> str:
    """Names as they are written, with commas."""
    every = [written(name) for name in names]
    more = f" and {len(every) - LISTED_MAX} more" if len(every) > LISTED_MAX else ""
    return ", ".join(every[:LISTED_MAX]) + more


def no_such(what: str, identifier: exp.Identifier, names: list[str], otherwise: str) -> Advice:
    """The advice for an identifier that is none of `names`: one of them, if it can be what was
    meant, else `otherwise`.
    """
    name = fold(identifier)
    same_letters = [known for known in names if known.upper() == name.upper()]
    message = f"there is no {what} {written(name)}"
    if same_letters and identifier.quoted:
        return Advice(message, f"write {listed(same_letters)}: in quotes, case counts")
    if same_letters:
        meant = listed(same_letters)
        return Advice(message, f"write {meant} with its quotes: without, names are upper case")
    by_upper = {known.upper(): known for known in names}
    close = get_close_matches(name.upper(), by_upper, n=1)
    if close:
        return Advice(message, f"did you mean {written(by_upper[close[0]])}?")
    if identifier.quoted and what == "column":
        otherwise = f"{otherwise}; a text stands in single quotes"
    return Advice(message, otherwise)
