"""What to write instead of a token that cannot stand where it stands.

Source: what people bring from other dialects, and slips of commas, parentheses and quotes.
"""

from collections.abc import Sequence
from difflib import get_close_matches

from sqlglot.tokenizer_core import Token, TokenType

_SIGNS = {
    "`": "a name stands in double quotes, a text in single ones",
    "[": "a name stands in double quotes",
    "%": "write MOD(a, b)",
    "&": "write AND",
    "|": "write OR between conditions, || between texts",
    "!": "write NOT",
    "^": "write POWER(a, b)",
}
_AFTER = {
    ("=", "="): "write =",
    (":", ":"): "write CAST(value AS type)",
    ("-", ">"): "give the field a column of the input schema, with its path as the Mapping",
}
"""By the sign before, and the sign itself."""
_WORDS = {
    "GROUP": "write GROUP BY; there is no WITHIN GROUP",
    "ILIKE": "write UPPER(text) LIKE 'A%'",
    **dict.fromkeys(("REGEXP", "RLIKE"), "write SIMILAR TO, whose pattern takes in the whole text"),
}
_KEYWORDS = ("FROM", "WHERE", "GROUP", "HAVING", "ORDER", "SELECT", "STREAM", "INSERT")
"""Words that are taken for a name when they are misspelt, so that what follows is in the way."""
_CLAUSES = {
    TokenType.FROM,
    TokenType.WHERE,
    TokenType.GROUP_BY,
    TokenType.HAVING,
    TokenType.ORDER_BY,
    TokenType.WINDOW,
}


def remedy_for(tokens: Sequence[Token], place: int) -> str | None:
    """The remedy for the token at `place` of a statement, all before which can be read; None:
    nothing more than its place is known. `place` may be right behind the last token.
    """
    before = tokens[place - 1] if place else None
    depth = sum(
        {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        for token in tokens[:place]
    )
    if place >= len(tokens):
        return "a ( is not closed: write )" if depth > 0 else None
    wrong = tokens[place]
    if before is not None and before.token_type is TokenType.COMMA:
        if wrong.token_type in _CLAUSES or wrong.token_type is TokenType.R_PAREN:
            return "leave out the comma before it"
    elif wrong.token_type is TokenType.R_PAREN and depth == 0:
        return "leave it out: there is no ( for it"
    elif wrong.token_type in _CLAUSES and depth > 0:
        return "a ( before it is not closed: write )"
    elif wrong.token_type is TokenType.RANGE and depth == 0:
        return "write GROUP BY STEP(s.ROWTIME BY INTERVAL '5' MINUTE), or OVER (RANGE ...)"
    pair = (_sign(tokens, place - 1), _sign(tokens, place))
    # Of two signs that are one elsewhere the second may be the one that can be read no further.
    following = (_sign(tokens, place), _sign(tokens, place + 1))
    known = _AFTER.get(pair) or _AFTER.get(following) or _SIGNS.get(wrong.text)
    return known or _WORDS.get(wrong.text.upper()) or _keyword(before) or _keyword(wrong)


def _keyword(token: Token | None) -> str | None:
    if token is None or token.token_type is not TokenType.VAR:
        return None
    close = get_close_matches(token.text.upper(), _KEYWORDS, n=1, cutoff=0.75)
    if not close:
        return None
    word = close[0]
    if word == token.text.upper():
        # A name for the tokenizer, which knows GROUP BY and ORDER BY only.
        return f"write {word} BY" if word in ("GROUP", "ORDER") else None
    return f"did you mean {word} by {token.text}?"


def _sign(tokens: Sequence[Token], place: int) -> str:
    return tokens[place].text if 0 <= place < len(tokens) else ""
