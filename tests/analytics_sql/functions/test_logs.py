"""Log parsers, function by function, where golden cases would say little."""

import pytest

from analytics_sql.functions.fast_regex import fast_regex
from analytics_sql.functions.log_formats import parse_regex
from analytics_sql.functions.logs import fast_regex_field, fixed_field, variable_field, w3c_field


@pytest.mark.parametrize(
    ("pattern", "line", "fields"),
    [
        ("(.*)", "all of it", ["all of it"]),
        ("(.*)-(.*)", "a-b-c", ["a", "b-c"]),
        ("x(a{2,})(a)", "xaaa", ["aa", "a"]),
        (r"\[(.*)\] (.*)", "[one] two", ["one", "two"]),
        ("([^ ]*) ([a-z+]*)", "a+b c+d", ["a+b", "c+d"]),
        ("a(b|c(d|e))@(<Digit>{1,2})", "acdxx7", ["cd", "7"]),
        (r"(.*) \"(.*)\"", 'a "b"', ["a", "b"]),
        ("(a?)(b)", "b", ["", "b"]),
        ("(.*)a(.*)", "", [None, None]),
    ],
)
def test_fast_regex(pattern: str, line: str, fields: list[str | None]) -> None:
    found = [fast_regex_field(line, pattern, n + 1) for n in range(len(fields))]
    assert found == fields


def test_the_fast_parser_does_not_go_back() -> None:
    """One that does would try every way to share the letters out among the groups."""
    pattern = "(a*)" * 12 + "b"
    assert fast_regex_field("a" * 2000, pattern, 1) is None


@pytest.mark.parametrize("pattern", [r"(\w.+) (\d.+)", "((?:a b)+)", r"(\(a+\)+)", "([(a+)+])"])
def test_repetitions_that_are_fine(pattern: str) -> None:
    assert parse_regex(pattern).groups == 1 + (pattern.count("(") > 1 and "d" in pattern)


def test_what_is_no_fast_expression() -> None:
    with pytest.raises(ValueError, match="outside of a group"):
        fast_regex("(a)|b")


@pytest.mark.parametrize(
    ("format", "line", "fields"),
    [
        ("REFERER", "http://a/b ---> /c", ["http://a/b", "/c"]),
        ("agent", "Mozilla/5.0 (X11; Linux)", ["Mozilla/5.0 (X11; Linux)"]),
        (
            "COMMON WITH VHOST",
            'v h l u [t] "r" 200 -',
            ["v", "h", "l", "u", "[t]", "r", "200", "-"],
        ),
        (
            "NCSA EXTENDED",
            'h - - [t +1] "GET \\"x\\"" 200 5 "ref" "an agent"',
            ["h", "-", "-", "[t +1]", 'GET \\"x\\"', "200", "5", "ref", "an agent"],
        ),
        ("100%% of %h", "100% of x", ["x"]),
    ],
)
def test_w3c(format: str, line: str, fields: list[str]) -> None:
    assert [w3c_field(line, format, n + 1) for n in range(len(fields) + 1)] == [*fields, None]


@pytest.mark.parametrize(
    ("line", "delimiter", "fields"),
    [("", ",", [""]), ("a", ",", ["a"]), (",", ",", ["", ""]), ("a::b", "::", ["a", "b"])],
)
def test_variable(line: str, delimiter: str, fields: list[str]) -> None:
    found = [variable_field(line, delimiter, "", "", n + 1) for n in range(len(fields) + 1)]
    assert found == [*fields, None]


@pytest.mark.parametrize(
    ("line", "first"), [("<a,b>,c", "a,b"), ("<a,b<,c", "a,b"), (">a,b", ">a")]
)
def test_either_quote_ends_what_the_first_began(line: str, first: str) -> None:
    assert variable_field(line, ",", "", "<>", 1) == first


def test_fixed() -> None:
    assert [fixed_field("abc", start, 2) for start in range(4)] == ["ab", "bc", "c", None]
