"""The arguments of table functions and log parsers: constants, each with what it has to be."""

from sqlglot import exp

from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Faults


class NoConstant(Exception):
    """An argument is not what it has to be; the fault has been noted."""


class Constants:
    """The arguments of one call after its CURSOR, by their places. Each method raises NoConstant.

    `syntax` is how people write the call.
    """

    def __init__(self, function: str, syntax: str, given: list[exp.Expr], faults: Faults) -> None:
        self._function = function
        self._remedy = f"write {syntax}"
        self._given = given
        self._faults = faults

    def number(self, place: int, name: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number."""
        node = self._at(place)
        if node is None:
            assert default is not None
            return default
        text = self._digits(node)
        if text is None or not text.lstrip("-").isdigit() or not low <= int(text) <= high:
            raise self._fault(node, f"{name} is a whole number from {low:,} to {high:,}")
        return int(text)

    def positive(self, place: int, name: str) -> float:
        """A number above 0."""
        node = self._at(place)
        assert node is not None
        text = self._digits(node)
        if text is None or not 0.0 < float(text) < float("inf"):
            raise self._fault(node, f"{name} is a number above 0")
        return float(text)

    def truth(self, place: int, name: str) -> bool:
        """TRUE or FALSE, which is the default."""
        node = self._at(place)
        if node is None:
            return False
        if not isinstance(node, exp.Boolean):
            raise self._fault(node, f"{name} is TRUE or FALSE")
        return bool(node.this)

    def text(self, place: int, what: str) -> str:
        """A text."""
        node = self._at(place)
        assert node is not None
        if not isinstance(node, exp.Literal) or not node.is_string:
            raise self._fault(node, f"{what} is a text in single quotes")
        return str(node.this)

    def has(self, place: int) -> bool:
        """Whether there is an argument."""
        return place < len(self._given)

    def is_text(self, place: int) -> bool:
        """Whether an argument is a text."""
        node = self._at(place)
        return isinstance(node, exp.Literal) and bool(node.is_string)

    def check_count(self, least: int, most: int, call: exp.Expr) -> None:
        """Raises if there are too few or too many."""
        if not least <= len(self._given) <= most:
            count = str(most) if least == most else f"{least} to {most}"
            noun = "argument" if count == "1" else "arguments"
            raise self._fault(call, f"{self._function} takes {count} {noun} after its CURSOR")

    def refuse(self, place: int, message: str, remedy: str | None = None) -> NoConstant:
        """What to raise for an argument that is a constant, but the wrong one."""
        return self._fault(self._given[place], message, remedy)

    def _at(self, place: int) -> exp.Expr | None:
        return self._given[place].unnest() if place < len(self._given) else None

    @staticmethod
    def _digits(node: exp.Expr) -> str | None:
        sign = ""
        if isinstance(node, exp.Neg):
            sign, node = "-", node.this
        return f"{sign}{node.this}" if isinstance(node, exp.Literal) and node.is_number else None

    def _fault(self, node: exp.Expr, message: str, remedy: str | None = None) -> NoConstant:
        self._faults.add(span_of(node), message, remedy or self._remedy)
        return NoConstant(message)
