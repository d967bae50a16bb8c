"""RE2 finds what Python finds, and no line of a stream can hold it up."""

import re

import pytest
from hypothesis import example, given, settings, strategies as st

from analytics_sql.functions.fast_regex import fast_regex
from analytics_sql.functions.linear_regex import LinearRegex
from analytics_sql.functions.logs import regex_field, w3c_field
from analytics_sql.functions.patterns import like, regex_replace, similar
from analytics_sql.functions.regex import expanded, java_regex, java_search, like_pattern

ATOMS = (
    "a",
    "b",
    ".",
    r"\d",
    r"\s",
    r"\w",
    r"\S",
    "[ab]",
    "[^a]",
    r"[\s\d]",
    r"\.",
    " ",
    "^",
    r"\b",
)
REPEATS = ("", "", "*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{2,}?")

atoms = st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATS)).map(
    lambda pair: pair[0] if pair[0] in ("^", r"\b") else "".join(pair)
)
groups = st.lists(atoms, min_size=1, max_size=3).map("".join)
alternatives = st.tuples(groups, groups).map("|".join)


def holds_nothing(part: str) -> bool:
    """Whether a part can match nothing, be it at one place of a text only, as `.*\\b` can."""
    return java_regex(part.replace("^", "").replace(r"\b", "")).fullmatch("") is not None


expressions = (
    st.tuples(
        groups,
        st.one_of(groups, alternatives),
        st.sampled_from(("", "+", "?")),
        groups,
        st.sampled_from(("", "$", r"\z")),
    )
    # What a group holds that was repeated with nothing in it, each says in its own way.
    .filter(lambda parts: not parts[2] or not holds_nothing(parts[1]))
    .map(lambda parts: f"{parts[0]}({parts[1]}){parts[2]}({parts[3]}){parts[4]}")
)
texts = st.text("ab1 .\t\v\né", max_size=12)


def search(pattern: re.Pattern[str] | LinearRegex, text: str) -> object:
    match = pattern.search(text)
    return match and (match.span(), match.groups())


@settings(max_examples=400, deadline=None)
@given(expressions, texts)
# A last line feed is what the expression finds, or what its $ stands before.
@example(r"a*(\s)+(a*)$", " \n")
@example(r"a*(a)?(\s)$", " \n")
@example(r"(a+)(b?)$", "aab\n")
def test_the_two_find_the_same(expression: str, text: str) -> None:
    python, linear = java_regex(expression), java_search(expression)
    assert isinstance(linear, LinearRegex)
    assert search(linear, text) == search(python, text)
    match = python.search(text)
    assert linear.fields(text, whole=False) == (match and match.groups())
    spans = [match.span() for match in python.finditer(text)]
    # After an empty match Java goes on a character later, and Python where it is.
    if all(start < end for start, end in spans):
        assert [match.span() for match in linear.finditer(text)] == spans


@settings(max_examples=200, deadline=None)
@given(st.text("ab%_", max_size=6), st.text("ab\n", max_size=10))
def test_like_is_what_its_plain_expression_is(pattern: str, text: str) -> None:
    plain = "".join({"%": ".*", "_": "."}.get(c, c) for c in pattern)
    expected = re.fullmatch(plain, text, re.DOTALL) is not None
    assert (like_pattern(pattern).fullmatch(text) is not None) == expected


LINE = "a" * 20_000
"""Python would be at it for years."""


@pytest.mark.parametrize("expression", ["a$|b", "(a$)b?", "a$b*"])
def test_an_end_that_is_not_the_last_is_pythons(expression: str) -> None:
    assert not isinstance(java_search(expression), LinearRegex)


@pytest.mark.parametrize("expression", ["(a|a)*b", "(a+)+b", "(a*)*b", "(.*)a(.*)a(.*)a(.*)b"])
def test_no_line_holds_an_expression_up(expression: str) -> None:
    assert regex_field(LINE, expression, 1) is None
    assert regex_replace(LINE, expression, "", 1, 0) == LINE
    assert similar(LINE, expression.replace(".*", "%")) is False


def test_no_line_holds_a_format_or_like_up() -> None:
    assert w3c_field(", " * 20_000 + "\n", "IIS", 1) is None
    assert fast_regex("(.*a.*a.*a.*b)").fields(LINE) is None
    assert like(LINE, "%a%a%a%a%a%b") is False


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        (r"(a)(?=b)", "acab", ("a",)),
        (r"(.)\1", "abb", ("b",)),
        (r"(a++)b", "aab", ("aa",)),
        (r"(?>a|ab)(c)", "abcac", ("c",)),
        (r"(x{1001})", "x" * 1001, ("x" * 1001,)),
    ],
)
def test_what_re2_lacks_is_pythons(expression: str, text: str, found: tuple[str, ...]) -> None:
    pattern = java_search(expression)
    assert isinstance(pattern, re.Pattern)
    match = pattern.search(text)
    assert match is not None
    assert match.groups() == found


@pytest.mark.parametrize("expression", [r"((a|a)*b)(?!c)", r"((?:a+b?)+)\1", r"((a?){2,})(?=x)"])
def test_what_could_double_with_every_character_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="it can take for ever"):
        java_search(expression)


def test_a_group_that_is_repeated_without_a_choice_in_it_is_not() -> None:
    assert java_search(r"((?:ab)+)(?!c)").groups == 1
    assert java_search(r"((?:[|*]\))+)(?!c)").groups == 1


def test_a_replacement_is_what_java_makes_of_it() -> None:
    match = re.match("(?P<word>é)(x)?", "é")
    assert expanded(r"\g<1>\\-ü-\g<word>\g<2>", match) == r"é\-ü-é"
    assert regex_replace("abxd", "x*", "-", 1, 0) == "-a-b--d-"
    assert regex_replace("one\n", "e$", "E", 1, 0) == "onE\n"
    with pytest.raises(ValueError, match="does not go with"):
        regex_replace("a", "(a)", "$2", 1, 0)
