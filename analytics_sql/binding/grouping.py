"""GROUP BY: the time key, which says when a group is complete, and the keys of its rows."""

from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.scope import Scope
from analytics_sql.binding.time_key import is_time_key, time_key, windows_of
from analytics_sql.binding.time_windows import TimeKey
from analytics_sql.expression import ColumnRef, Expression
from analytics_sql.plan import Key
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.refusals import is_never_had

ADD_TIME_KEY = "add GROUP BY STEP(s.ROWTIME BY INTERVAL '60' SECOND)"
_ADD = {
    "GROUP BY": "add STEP(s.ROWTIME BY INTERVAL '60' SECOND) to the keys",
    "SELECT DISTINCT": "add STEP(s.ROWTIME BY INTERVAL '60' SECOND) to the select list",
}


@dataclass(frozen=True, slots=True)
class Grouping:
    """A GROUP BY clause after binding, or what is left of one after a fault."""

    time: TimeKey | None
    """The windows on ROWTIME; None: there are none, or there was a fault."""
    keys: tuple[Key, ...]
    is_complete: bool
    """False: a key is missing because of a fault, so nothing can be blamed for not being one."""
    monotonic: Expression | None = None
    """Where there are no windows on ROWTIME: the time key MONOTONIC(this)."""
    stagger_ms: int = 0
    """The size of the windows of WINDOWED BY STAGGER, which is no GROUP BY."""

    @property
    def window_start(self) -> str:
        """The column that holds the time key's value: a name that no key has."""
        name = "WINDOW_START"
        while name in {key.name for key in self.keys}:
            name += "'"
        return name


_CLAIM = "monotonic"
NO_GROUPING = Grouping(time=None, keys=(), is_complete=False)


def claim_monotonic(query: exp.Select) -> None:
    """Puts parentheses in the place of MONOTONIC(...), which has no value of its own, and notes at
    them what it says (REF:sql-reference-monotonic).
    """
    for call in list(query.find_all(exp.Anonymous)):
        if call.name.upper() == "MONOTONIC" and len(call.expressions) == 1:
            operand = exp.Paren(this=call.expressions[0])
            operand.meta[_CLAIM] = True
            call.replace(operand)


def is_monotonic(node: exp.Expr) -> bool:
    """Whether MONOTONIC(...) stood anywhere in an expression."""
    return any(part.meta_get(_CLAIM) for part in node.walk())


def bind_grouping(group: exp.Group, rows: RowBinder) -> Grouping:
    """Binds the keys, in any order; a key that comes twice counts once."""
    is_complete = len(group.args) <= 1
    if not is_complete:
        rows.faults.add(
            span_of(group), "GROUP BY takes keys only: no ALL, DISTINCT, ROLLUP or CUBE"
        )
    return bind_keys(
        group.expressions, rows, blamed=group, clause="GROUP BY", is_complete=is_complete
    )


def bind_keys(
    nodes: list[exp.Expr],
    rows: RowBinder,
    *,
    blamed: exp.Expr,
    clause: str,
    is_complete: bool = True,
) -> Grouping:
    """Binds group keys; if none of them is a time key, `blamed` is where and `clause` what."""
    faults = rows.faults
    times: list[TimeKey] = []
    monotonic: Expression | None = None
    keys: dict[Expression, Key] = {}
    taken: set[str] = set()
    has_time = False
    for node in nodes:
        if is_time_key(node, rows.scope):
            has_time = True
            time = time_key(node, rows.scope, faults)
            is_complete &= time is not None and _add(time, times, node, rows)
            continue
        windows = windows_of(node, rows.scope)
        if windows is not None:
            has_time = True
            is_complete &= _add(windows, times, node, rows)
        is_claimed = is_monotonic(node) or _is_claimed(node, rows.scope)
        has_time |= is_claimed or is_never_had(node)
        expression = rows.bind(node)
        if expression is None:
            # STEP(t.ROWTIME ...) of a stream that is not there was meant as one.
            has_time |= not isinstance(node, exp.Column)
            is_complete = False
        elif is_claimed and monotonic is None:
            monotonic = expression
        elif expression not in keys:
            keys[expression] = Key(expression, _name(expression, taken))
    if not has_time:
        faults.add(
            span_of(blamed),
            f"{clause} has no time key: its groups would never be complete",
            _ADD[clause],
        )
    is_complete &= bool(times) or monotonic is not None
    if times and monotonic is not None:
        keys.setdefault(monotonic, Key(monotonic, _name(monotonic, taken)))
        monotonic = None
    finest = min(times, key=lambda time: time.size_ms, default=None)
    return Grouping(finest, tuple(keys.values()), is_complete, monotonic)


def bind_plain_keys(nodes: list[exp.Expr], rows: RowBinder) -> tuple[Key, ...] | None:
    """Binds keys none of which has to be a time key; None after a fault."""
    keys: dict[Expression, Key] = {}
    taken: set[str] = set()
    is_complete = True
    for node in nodes:
        expression = rows.bind(node)
        is_complete &= expression is not None
        if expression is not None and expression not in keys:
            keys[expression] = Key(expression, _name(expression, taken))
    return tuple(keys.values()) if is_complete else None


def _is_claimed(node: exp.Expr, scope: Scope) -> bool:
    """Whether a query in FROM says of a column that it is MONOTONIC."""
    known = scope.time_of(node) if isinstance(node, exp.Column) else None
    return known is not None and known.is_claimed


def _add(time: TimeKey, times: list[TimeKey], node: exp.Expr, rows: RowBinder) -> bool:
    if any(not time.contains(other) and not other.contains(time) for other in times):
        rows.faults.add(
            span_of(node),
            f"windows of {time.size_ms / 1000:g} s do not fit into those of the time key before",
            "the windows of one time key have to lie within those of the other: leave one out, or "
            "make one length a multiple of the other",
        )
        return False
    times.append(time)
    return True


def _name(expression: Expression, taken: set[str]) -> str:
    """The column's own name, or one that tells which key it is; it is entered in `taken`."""
    name = expression.name if isinstance(expression, ColumnRef) else f"KEY{len(taken) + 1}"
    while name in taken:
        name += "'"
    taken.add(name)
    return name
