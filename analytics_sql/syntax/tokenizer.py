"""Text to tokens, and the faults that are found before any grammar is needed: an unclosed quote or
comment, a word that is no name.

sqlglot knows the words of thirty dialects; the table here holds this dialect's and no others, so
that every other word is a name.
"""

import re
from itertools import pairwise
from typing import ClassVar

from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from analytics_sql.syntax.source_text import Faults, Span, shown

TOKENS_MAX = 50_000
"""Of one text. Those 100 KB that the service allowed hold some 20,000 as people write."""

NAME_CHARACTERS_MAX = 128
"""Source: REF:sql-reference-identifiers."""

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What needs no quotes. Source: REF:sql-reference-identifiers."""

_TYPOGRAPHIC = frozenset(
    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
)

# Comments and quoted text, or the start of one that has no end. The groups are possessive: an
# unclosed quote must not make the search quadratic.
_ENCLOSED = re.compile(
    r"(?:--|//)[^\r\n]*+|/\*.*?\*/|'[^']*+(?:''[^']*+)*+'|\"[^\"]*+(?:\"\"[^\"]*+)*+\""
    r"|(?P<unclosed>/\*|'|\")",
    re.DOTALL,
)
# What a comment holds that was code before a text lost its line feeds.
_CODE = re.compile(
    r"\b(?:CREATE\s+(?:OR\s+REPLACE\s+)?(?:STREAM|PUMP|FUNCTION)|INSERT\s+INTO|SELECT\s+STREAM)\b",
    re.IGNORECASE,
)
_CLOSING = {
    "'": (
        "this quote is never closed",
        "close the text with ', or look for one ' too many before; a ' inside text is written ''",
    ),
    '"': (
        "this quote is never closed",
        'close the name with ", or look for one " too many before',
    ),
    "/*": ("this comment is never closed", "close it with */"),
}

_RESERVED = """
    CREATE INSERT INTO SELECT ALL DISTINCT FROM WHERE GROUP_BY HAVING WINDOW ORDER_BY LIMIT OFFSET
    FETCH UNION INTERSECT EXCEPT JOIN INNER LEFT RIGHT FULL OUTER CROSS NATURAL ON USING AND OR NOT
    IS NULL TRUE FALSE IN BETWEEN LIKE ESCAPE SIMILAR_TO EXISTS CASE WHEN THEN ELSE END OVER
    PARTITION_BY ROWS RANGE INTERVAL VALUES WITH
"""

# What stands for a character in u&'...'. Source: the SQL standard; that the service takes it:
# REF:sql-reference-variable-column-log-parse.
_CHARACTER = re.compile(r"\\(?:([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|\\)")

# A token type that no rule of the grammar takes.
_MEANINGLESS = TokenType.BACKSLASH

_START = Token(TokenType.SENTINEL, "", start=-1, end=-1)


class AnalyticsTokenizer(Tokenizer):
    """Words, names in quotes, text, numbers; comments are --, // and /* */, and none of them nests.
    Source of //: the examples of REF:sql-reference-create-pump.
    """

    IDENTIFIERS: ClassVar = ['"']
    QUOTES: ClassVar = ["'"]
    UNICODE_STRINGS: ClassVar = [("u&'", "'"), ("U&'", "'")]
    COMMENTS: ClassVar = ["--", "//", ("/*", "*/")]
    NESTED_COMMENTS = False
    COMMANDS: ClassVar = set()
    SINGLE_TOKENS: ClassVar = {
        "(": TokenType.L_PAREN,
        ")": TokenType.R_PAREN,
        ",": TokenType.COMMA,
        ".": TokenType.DOT,
        ";": TokenType.SEMICOLON,
        "=": TokenType.EQ,
        "<": TokenType.LT,
        ">": TokenType.GT,
        "+": TokenType.PLUS,
        "-": TokenType.DASH,
        "*": TokenType.STAR,
        "/": TokenType.SLASH,
        **dict.fromkeys("[]{}&^:%!|\\~?@#`", _MEANINGLESS),
        # Ends a word such as x'y'; never a token by itself.
        **dict.fromkeys("'\"", TokenType.UNKNOWN),
    }
    KEYWORDS: ClassVar = {
        "<>": TokenType.NEQ,
        "!=": TokenType.NEQ,
        "<=": TokenType.LTE,
        ">=": TokenType.GTE,
        "||": TokenType.DPIPE,
        "AS": TokenType.ALIAS,
        **{word.replace("_", " "): TokenType[word] for word in _RESERVED.split()},
        "WINDOWED BY": TokenType.DISTRIBUTE_BY,
    }


# sqlglot takes {# #} for a comment in every dialect; here it is none.
AnalyticsTokenizer._COMMENTS.pop("{#", None)


def token_span(token: Token) -> Span:
    """Where a token stands."""
    return Span(token.start, token.end + 1)


def tokenize(text: str, faults: Faults) -> list[Token]:
    """The tokens of a text. Empty after a fault that leaves no tokens to trust."""
    for enclosed in _ENCLOSED.finditer(text):
        if enclosed["unclosed"]:
            faults.add(Span(*enclosed.span()), *_CLOSING[enclosed["unclosed"]])
            return []
    try:
        tokens = AnalyticsTokenizer().tokenize(text)
    except TokenError as error:
        start = error.start or 0
        faults.add(Span(start, start + 1), "this text cannot be read as SQL")
        return []
    if len(tokens) > TOKENS_MAX:
        message = f"this text has more than {TOKENS_MAX} words and signs"
        faults.add(token_span(tokens[TOKENS_MAX]), message, "split the application in two")
        return []
    for before, token in pairwise([_START, *tokens]):
        # sqlglot obeys some comments, such as /* sqlglot.meta start=1 */.
        token.comments = []
        if token.token_type is TokenType.UNICODE_STRING:
            _unescape(token, faults)
        _check_name(before, token, faults)
    return tokens


def _unescape(token: Token, faults: Faults) -> None:
    """Makes a text of u&'...': \\0009 is the character of that number, \\\\ a backslash."""
    parts: list[str] = []
    at = 0
    for match in _CHARACTER.finditer(token.text):
        number = int(match[1] or match[2] or "5C", 16)
        is_character = number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
        if not is_character or "\\" in token.text[at : match.start()]:
            break
        parts += token.text[at : match.start()], chr(number)
        at = match.end()
    rest = token.text[at:]
    if "\\" in rest:
        faults.add(
            token_span(token),
            f"{shown(rest[rest.index(chr(92)) :])} does not begin with a character's number",
            "a backslash stands before four hexadecimal digits, + and six, or another backslash",
        )
    token.token_type, token.text = TokenType.STRING, "".join([*parts, rest])


def swallowing_comment(text: str) -> Span | None:
    """The comment to the end of the line that takes in code because the whole text is one line, as
    templates in JSON make it; None: there is none.
    """
    if "\n" in text.strip():
        return None
    for enclosed in _ENCLOSED.finditer(text):
        if enclosed[0].startswith(("--", "//")) and _CODE.search(enclosed[0]):
            return Span(enclosed.start(), enclosed.start() + 2)
    return None


def _check_name(before: Token, token: Token, faults: Faults) -> None:
    if token.token_type is TokenType.IDENTIFIER:
        if not token.text:
            faults.add(token_span(token), "a name in quotes cannot be empty")
        elif not token.text.isprintable():
            faults.add(
                token_span(token),
                f"the name {shown(token.text)} has characters that cannot be printed",
                'look for one " too many or too few before',
            )
    elif token.token_type is not TokenType.VAR:
        return
    elif before.token_type is TokenType.NUMBER and before.end + 1 == token.start:
        faults.add(
            Span(before.start, token.end + 1),
            f"{shown(before.text + token.text)} is neither a number nor a name",
            "a name that starts with a digit needs double quotes",
        )
    elif not _TYPOGRAPHIC.isdisjoint(token.text):
        faults.add(
            token_span(token),
            f"{shown(token.text)} has typographic quotes",
            "a text stands in ' ', a name in \" \"",
        )
    elif not PLAIN_NAME.fullmatch(token.text):
        faults.add(
            token_span(token),
            f"{shown(token.text)} cannot stand without quotes",
            "a name of other characters than A-Z, a-z, 0-9 and _ needs double quotes",
        )
    if len(token.text) > NAME_CHARACTERS_MAX:
        faults.add(
            token_span(token),
            f"this name has {len(token.text)} characters",
            f"a name has at most {NAME_CHARACTERS_MAX} characters",
        )
