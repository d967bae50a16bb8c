"""What people write in this dialect that the service never had, refused by name.

Source: what applications written elsewhere, or by a language model, contain; each is absent from
the SQL reference's index. It is looked for in the tokens, because half of it cannot be parsed.
"""

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from analytics_sql.syntax.source_text import Advice, Span
from analytics_sql.syntax.tokenizer import token_span

_TUMBLING = "GROUP BY STEP(s.ROWTIME BY INTERVAL '60' SECOND)"

_FUNCTIONS = {
    "ROWTIME_TO_TIMESTAMP": "ROWTIME is a TIMESTAMP already: write ROWTIME",
    "JSON_VALUE": "give the field a column of the input schema, with its path as the Mapping",
    "TUMBLE": f"a tumbling window is {_TUMBLING}",
    **dict.fromkeys(
        ("TUMBLE_START", "HOP_START", "SESSION_START"),
        "the start of a window is its STEP(...) or FLOOR(...) key in the select list",
    ),
    **dict.fromkeys(
        ("TUMBLE_END", "HOP_END", "SESSION_END"),
        "the end of a window is ROWTIME in the select list",
    ),
    "HOP": f"there are no hopping windows; a tumbling one is {_TUMBLING}",
    "SESSION": f"there are no session windows; a tumbling one is {_TUMBLING}",
    **dict.fromkeys(
        ("ROW_NUMBER", "RANK", "DENSE_RANK", "PERCENT_RANK", "NTILE"),
        "rows of a stream have no number; aggregate over a window instead",
    ),
}

DISTINCT_REMEDY = "group by that column in one pump, and what comes out of it in a second"

_OPENING = TokenType.L_PAREN


def is_never_had(node: exp.Expr) -> bool:
    """Whether a node calls a function that `never_had` has refused already."""
    call = node.unnest()
    return isinstance(call, exp.Anonymous) and call.name.upper() in _FUNCTIONS


def never_had(token: Token, following: Token) -> tuple[Span, Advice] | None:
    """The refusal for a token and the one after it, if they are something the service never had."""
    word = token.text.upper()
    opens = following.token_type is _OPENING
    if token.token_type is TokenType.VAR and opens and word in _FUNCTIONS:
        message = f"the service has no function {word}"
        return token_span(token), Advice(message, _FUNCTIONS[word])
    if token.token_type is TokenType.VAR and opens and word == "MATCH_RECOGNIZE":
        message = "the service has no MATCH_RECOGNIZE"
        return token_span(token), Advice(message, "chain pumps: each one finds one step")
    if token.token_type is TokenType.RANGE and opens:
        message = "a window of GROUP BY is not written RANGE(...)"
        return token_span(token), Advice(message, f"a tumbling window is {_TUMBLING}")
    return None
