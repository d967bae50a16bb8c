"""Predicates over periods: (start, end) OVERLAPS (start, end), and its kin.

Source: REF:sql-reference-temporal-predicate: PERIOD may stand before a period, and of
`a PRECEDES b AND b PRECEDES c` the `AND b` may be left out.
"""

from sqlglot import exp

from analytics_sql.syntax.call_grammar import CallGrammar
from analytics_sql.syntax.nodes import PeriodPredicate, place, span_of
from analytics_sql.syntax.source_text import Span

_QUALIFIERS = ("STRICTLY", "IMMEDIATELY")
_PREDICATES = ("CONTAINS", "EQUALS", "OVERLAPS", "PRECEDES", "SUCCEEDS", "LEADS", "LAGS")


class PeriodGrammar(CallGrammar):
    """What follows a period. None of its words is reserved."""

    def _parse_range(self, this: exp.Expr | None = None, parse_is: bool = False) -> exp.Expr | None:
        left = super()._parse_range(this, parse_is)
        chain: exp.Expr | None = None
        while left is not None and is_period(left) and (predicate := self._period_predicate()):
            right = self._parse_bitwise() or self.unexpected("a period: (start, end)")
            link = PeriodPredicate(this=left, predicate=predicate, expression=right.copy())
            place(link, Span(span_of(left).start, self._prev.end + 1))
            chain = link if chain is None else exp.And(this=chain, expression=link)
            left = right
        return chain or left

    def _period_predicate(self) -> str | None:
        """Reads the words of a predicate, if they come next."""
        qualified = self._curr.text.upper() in _QUALIFIERS
        word = self._next if qualified else self._curr
        if not word or word.text.upper() not in _PREDICATES:
            return None
        words = [self._curr.text, word.text] if qualified else [word.text]
        self._advance(len(words))
        return " ".join(words).upper()


def is_period(node: exp.Expr) -> bool:
    """Whether a node is (a, b) or PERIOD (a, b)."""
    named = isinstance(node, exp.Anonymous) and str(node.this).upper() == "PERIOD"
    return (named or isinstance(node, exp.Tuple)) and len(node.expressions) == 2
