"""What to say of an expression that the grammar reads and the plan cannot hold."""

from sqlglot import exp

from analytics_sql.syntax.nodes import Over
from analytics_sql.syntax.source_text import Advice

_CHAIN = "select it into a stream with a pump of its own, and use its column in the next"

_JOINED = "join its stream in FROM, or give it a pump of its own"

_NOWHERE: dict[type[exp.Expr], Advice] = {
    exp.Exists: Advice("EXISTS is not supported"),
    exp.Is: Advice("IS takes NULL, TRUE, FALSE, UNKNOWN, or DISTINCT FROM a value"),
    exp.Star: Advice("* stands alone in a select list, or in COUNT(*)"),
    exp.Column: Advice("a stream's * stands alone in a select list"),
    exp.Select: Advice("a query inside an expression is not supported", _JOINED),
    exp.Subquery: Advice("a query inside an expression is not supported", _JOINED),
    exp.Tuple: Advice("a list of values stands after IN only"),
    Over: Advice("OVER stands in a select list only", _CHAIN),
}


def unsupported(node: exp.Expr) -> Advice:
    """The advice for a node that binding has no rule for."""
    if isinstance(node, Over) and node.args.get("window") is None:
        nulls = node.args["nulls"]
        return Advice(f"{nulls} NULLS goes with FIRST_VALUE, LAST_VALUE, LAG and NTH_VALUE only")
    return _NOWHERE.get(type(node), Advice("this expression is not supported"))
