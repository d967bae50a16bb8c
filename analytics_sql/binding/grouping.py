"""GROUP BY: one time key, which cuts the stream into windows, and any columns."""

from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.time_key import TimeKey, is_time_key, time_key
from analytics_sql.expression import ColumnRef, InputRowTime
from analytics_sql.plan import Key
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.refusals import is_never_had

ADD_TIME_KEY = "add GROUP BY STEP(s.ROWTIME BY INTERVAL '60' SECOND)"


@dataclass(frozen=True, slots=True)
class Grouping:
    """A GROUP BY clause after binding, or what is left of one after a fault."""

    time: TimeKey | None
    keys: tuple[Key, ...]
    is_complete: bool
    """False: a key is missing because of a fault, so nothing can be blamed for not being one."""

    @property
    def window_start(self) -> str:
        """The column that holds the window's start: a name that no key has."""
        name = "WINDOW_START"
        while name in {key.name for key in self.keys}:
            name += "'"
        return name


NO_GROUPING = Grouping(time=None, keys=(), is_complete=False)


def bind_grouping(group: exp.Group, rows: RowBinder) -> Grouping:
    """Binds the keys, in any order; a column that comes twice counts once."""
    faults = rows.faults
    keys: dict[str, Key] = {}
    times: list[TimeKey | None] = []
    is_complete = True
    if len(group.args) > 1:
        faults.add(span_of(group), "GROUP BY takes keys only: no ALL, DISTINCT, ROLLUP or CUBE")
        is_complete = False
    for node in group.expressions:
        if is_time_key(node):
            if times:
                faults.add(span_of(node), "a second time key is not supported yet")
            times.append(time_key(node, rows.scope, faults))
        elif is_never_had(node):
            times.append(None)
        elif (key := _column_key(node, rows)) is not None:
            keys[key.name] = key
        else:
            is_complete = False
    if not times:
        faults.add(
            span_of(group),
            "GROUP BY has no time key: its groups would never be complete",
            "add STEP(s.ROWTIME BY INTERVAL '60' SECOND) to the keys",
        )
    time = times[0] if len(times) == 1 else None
    return Grouping(time, tuple(keys.values()), is_complete and time is not None)


def _column_key(node: exp.Expr, rows: RowBinder) -> Key | None:
    if not isinstance(node.unnest(), exp.Column):
        rows.faults.add(
            span_of(node),
            "a key of GROUP BY is a column or a time key, so far",
            "compute it into a stream with a pump of its own, and group that stream",
        )
        return None
    bound = rows.bind(node)
    if isinstance(bound, InputRowTime):
        rows.faults.add(
            span_of(node),
            "ROWTIME itself makes a group of every millisecond",
            "write STEP(s.ROWTIME BY INTERVAL '60' SECOND)",
        )
    return Key(bound, bound.name) if isinstance(bound, ColumnRef) else None
