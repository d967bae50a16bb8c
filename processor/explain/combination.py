"""Joins, UNION ALL and ORDER BY in words."""

from analytics_sql.combination import Join, KeyPair, Lookup, Sort, TimeSort, Union
from analytics_sql.expression import Expression
from analytics_sql.plan import Node
from processor.explain.expression_text import expression_text, interval_text, quoted
from processor.explain.state import state_of
from processor.explain.step import CLOSED_BY_TIME, Step, Window, fails_of

_NO_WINDOW = "only its current row, as it has no OVER"
_CLOSED_BY_ROWS = "newer rows of the side alone: silence closes nothing"


def combination_step(
    node: Join[Node] | Lookup[Node] | Union[Node] | Sort[Node] | TimeSort[Node],
) -> Step:
    """The step of a node that brings rows together or puts them in order."""
    match node:
        case Join():
            return _join(node)
        case Lookup():
            return _lookup(node)
        case Union():
            return Step(f"UNION ALL of {len(node.inputs)} queries")
        case Sort():
            return _sort(node)
        case TimeSort():
            title = (
                f"ORDER BY {expression_text(node.time)} WITHIN {interval_text(node.slack_ms)}, "
                "which becomes the ROWTIME"
            )
            late = "a time that is NULL, or more than the interval behind an earlier row's"
            return Step(title, state=state_of(node), fails=(*fails_of(node.time), late))


def _join(node: Join[Node]) -> Step:
    windows = (
        _window("left", node.left_ms, node.left_rows),
        _window("right", node.right_ms, node.right_rows),
    )
    return Step(
        f"{node.kind} JOIN{_on(node.keys, node.condition)}",
        windows=windows,
        keys=_keys(node.keys),
        state=state_of(node),
        fails=_on_fails(node.keys, node.condition),
    )


def _window(side: str, reach_ms: int, rows: int | None) -> Window:
    name, start = f"{side} side's", "the later row of a pair"
    if rows is not None:
        return Window(name, f"the last {rows} rows of the side", start, _CLOSED_BY_ROWS)
    reach = interval_text(reach_ms) if reach_ms else _NO_WINDOW
    return Window(name, reach, start, CLOSED_BY_TIME)


def _lookup(node: Lookup[Node]) -> Step:
    kind = "LEFT JOIN" if node.outer else "JOIN"
    title = f"{kind} with the reference table {quoted(node.table)}"
    on = _on(node.keys, node.condition)
    return Step(f"{title}{on}", fails=_on_fails(node.keys, node.condition))


def _on(keys: tuple[KeyPair, ...], condition: Expression | None) -> str:
    terms = list(_keys(keys))
    if condition is not None:
        terms.append(expression_text(condition))
    return f" ON {' AND '.join(terms)}" if terms else ", every row with every row"


def _keys(keys: tuple[KeyPair, ...]) -> tuple[str, ...]:
    return tuple(f"{expression_text(a)} = {expression_text(b)}" for a, b in keys)


def _on_fails(keys: tuple[KeyPair, ...], condition: Expression | None) -> tuple[str, ...]:
    return fails_of(*(side for pair in keys for side in pair), condition)


def _sort(node: Sort[Node]) -> Step:
    orders = [
        f"{expression_text(order.expression)}{' DESC' if order.descending else ''}"
        for order in node.orders
    ]
    window = Window("sorted", interval_text(node.size_ms), "the Unix epoch, UTC", CLOSED_BY_TIME)
    return Step(
        f"ORDER BY the time bucket{''.join(f', {order}' for order in orders)}",
        windows=(window,),
        state=state_of(node),
        fails=fails_of(*(order.expression for order in node.orders)),
    )
