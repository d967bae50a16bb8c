"""What a join is by: its kind, and the terms of its condition, of which some are keys."""

from sqlglot import exp

from analytics_sql.combination import JoinKind, KeyPair
from analytics_sql.expression import Comparison, Expression, Logical, columns_of
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import Kind


def kind_of(join: exp.Join, faults: Faults) -> JoinKind | None:
    """The kind of a join, with a condition where it needs one; None after a fault."""
    side, kind = join.args.get("side") or "", join.args.get("kind") or ""
    method = join.args.get("method") or "NATURAL"
    is_known = side in ("", "LEFT", "RIGHT", "FULL") and kind in ("", "INNER", "OUTER", "CROSS")
    if not is_known or method != "NATURAL":
        name = method if is_known else side or kind
        faults.add(span_of(join), f"there is no {name} JOIN", "write LEFT JOIN ... ON ...")
        return None
    if kind == "OUTER" and not side:
        faults.add(
            span_of(join),
            "OUTER JOIN does not say whose rows are kept",
            "write FULL OUTER JOIN for those of both sides, or LEFT or RIGHT",
        )
        return None
    is_natural = bool(join.args.get("method"))
    conditions = [key for key in ("on", "using") if join.args.get(key)]
    if conditions and kind == "CROSS":
        faults.add(span_of(join), "CROSS JOIN has no condition", "write JOIN ... ON ...")
        return None
    if conditions and is_natural:
        faults.add(
            span_of(join), "NATURAL JOIN has its condition already", "leave one of the two out"
        )
        return None
    if not conditions and not is_natural and (side or kind == "INNER"):
        remedy = "add ON a.x = b.x" if side else "add ON a.x = b.x, or write CROSS JOIN"
        faults.add(span_of(join), f"{side} JOIN has no condition".lstrip(), remedy)
        return None
    kinds: dict[str, JoinKind] = {"LEFT": "LEFT", "RIGHT": "RIGHT", "FULL": "FULL"}
    return kinds.get(side, "INNER")


def key_pair(term: Expression, lefts: set[str], rights: set[str]) -> KeyPair | None:
    """The sides of an equality between the two sides of a join, if equal values look alike."""
    if not isinstance(term, Comparison) or term.operator != "=":
        return None
    one, other = columns_of(term.left), columns_of(term.right)
    pair = (term.left, term.right)
    if one <= rights and other <= lefts:
        one, other, pair = other, one, (term.right, term.left)
    if not (one and other and one <= lefts and other <= rights):
        return None
    types = [side.type for side in pair]
    is_alike = all(t.is_integer for t in types) or any(
        all(t.kind is kind for t in types) for kind in (Kind.VARCHAR, Kind.VARBINARY)
    )
    return pair if is_alike or types[0] == types[1] else None


def terms_of(condition: Expression | None) -> list[Expression]:
    """What AND holds together."""
    if condition is None:
        return []
    if isinstance(condition, Logical) and condition.operator == "AND":
        return [*terms_of(condition.left), *terms_of(condition.right)]
    return [condition]


def conjunction(terms: list[Expression]) -> Expression | None:
    condition: Expression | None = None
    for term in terms:
        condition = term if condition is None else Logical("AND", condition, term)
    return condition
