"""The WINDOW clause of a query: windows by name, for its calls with OVER and for its joins.

Sources: REF:sql-reference-window-clause; DG:stream-joins-concepts.md for those of a join.
"""

from collections.abc import Sequence

from sqlglot import exp

from analytics_sql.binding.frame import bind_frame
from analytics_sql.binding.names import fold, fold_new, no_such, written
from analytics_sql.syntax.nodes import NamedWindow, WindowSpecification, span_of
from analytics_sql.syntax.source_text import Faults

BASES_MAX = 8
"""Windows that one window can be made of: OVER (a ROWS ...) WINDOW a AS (b ...), b AS ..."""


class NamedWindows:
    """The windows that a query names."""

    def __init__(self, windows: Sequence[NamedWindow], faults: Faults) -> None:
        self._faults = faults
        self._windows: dict[str, exp.Expr] = {}
        for window in windows:
            name = fold_new(window.this, faults)
            if name in self._windows:
                faults.add(span_of(window.this), f"the window {written(name)} is defined twice")
            specification = window.args["specification"]
            self._windows[name] = specification
            # Of a window that nothing names, too.
            bind_frame(specification, faults)

    def specification(self, window: exp.Expr, depth: int = 0) -> WindowSpecification | None:
        """The window itself, wherever it is written; one with a base takes from it what it does not
        say itself.
        """
        if isinstance(window, exp.Identifier):
            named = self._windows.get(fold(window))
            if named is None:
                otherwise = "define it: WINDOW name AS (PARTITION BY ... RANGE INTERVAL ...)"
                advice = no_such("window", window, list(self._windows), otherwise)
                self._faults.advise(span_of(window), advice)
                return None
            if depth > BASES_MAX:
                message = "this window is defined by too many others, or by itself"
                self._faults.add(span_of(window), message, "write it out")
                return None
            return self.specification(named, depth + 1)
        assert isinstance(window, WindowSpecification)
        base = window.args.get("base")
        if base is None:
            return window
        inherited = self.specification(base, depth + 1)
        if inherited is None:
            return None
        parts = {key: value for key, value in inherited.args.items() if value}
        own = {key: value for key, value in window.args.items() if value and key != "base"}
        merged = WindowSpecification()
        # Set one by one, without a new parent: both windows go on standing where they are.
        merged.args = {**parts, **own}
        return merged
