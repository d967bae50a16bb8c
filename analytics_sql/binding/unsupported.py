"""What to say of an expression that the grammar reads and the plan cannot hold."""

from sqlglot import exp

from analytics_sql.syntax.nodes import (
    DatetimeLiteral,
    IntervalLiteral,
    QualifiedDifference,
    RoundToUnit,
    Step,
)
from analytics_sql.syntax.source_text import Advice

_SO_FAR = "supported are comparisons, AND, OR, NOT, IS NULL, BETWEEN, IN, + - * and constants"
_ON_ROWTIME = "so far it is a key of GROUP BY only: STEP(s.ROWTIME BY INTERVAL '60' SECOND)"

_NOT_YET: dict[type[exp.Expr], Advice] = {
    exp.Case: Advice("CASE is not supported yet", _SO_FAR),
    exp.Div: Advice("division is not supported yet", _SO_FAR),
    exp.DPipe: Advice("|| is not supported yet", _SO_FAR),
    exp.Exists: Advice("EXISTS is not supported", _SO_FAR),
    exp.Is: Advice("IS is supported with NULL and NOT NULL only, so far"),
    exp.Like: Advice("LIKE is not supported yet", _SO_FAR),
    exp.Escape: Advice("LIKE is not supported yet", _SO_FAR),
    exp.SimilarTo: Advice("SIMILAR TO is not supported yet", _SO_FAR),
    exp.NullSafeEQ: Advice("IS NOT DISTINCT FROM is not supported yet", _SO_FAR),
    exp.NullSafeNEQ: Advice("IS DISTINCT FROM is not supported yet", _SO_FAR),
    exp.Star: Advice("* stands alone in a select list, or in COUNT(*)"),
    exp.Column: Advice("a stream's * stands alone in a select list"),
    exp.Select: Advice("a query inside an expression is not supported"),
    exp.Subquery: Advice("a query inside an expression is not supported"),
    exp.Tuple: Advice("a list of values stands after IN only"),
    exp.Window: Advice("windows with OVER are not supported yet", "use GROUP BY with a time key"),
    IntervalLiteral: Advice("an interval stands in STEP only, so far"),
    QualifiedDifference: Advice("the difference of two times is not supported yet"),
    RoundToUnit: Advice("FLOOR and CEIL to a unit are not supported here yet", _ON_ROWTIME),
    Step: Advice("STEP is not supported here yet", _ON_ROWTIME),
}


def unsupported(node: exp.Expr) -> Advice:
    """The advice for a node that binding has no rule for."""
    if isinstance(node, DatetimeLiteral):
        return Advice(f"{node.args['kind']} '...' is not supported yet")
    return _NOT_YET.get(type(node), Advice("this expression is not supported yet", _SO_FAR))
