"""Java itself says what its regular expressions find; RE2 and Python must find the same, or the
pattern must be refused.
"""

import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from labs.cloudfront.java_regex.escapes import PatternError
from labs.cloudfront.java_regex.pattern import Fields, Pattern, compiled, whole

Found = list[str | None] | None

# Atoms and texts share a few characters, so that much matches, and in more than one way.
ATOMS = (
    "a", "b", "[ab]", "[^ ]", r"\s", r"\S", r"\d", r"[^\t;]", ".", ";", "/", r"\w", r"[a-c\s]",
    r"\x41", r"\u00e9", "(?:ab)", "(?:a|ab)", "(?:b|;)", r"\.", r"\p{Alpha}", r"\h", r"\Qa.\E",
)  # fmt: skip
TEXT = "aab;/ \t.A1é\x0b\x85\u2028ſ"
PATTERNS = 700
TEXTS_PER_PATTERN = 12


def random_pattern(chance: random.Random, depth: int = 2) -> str:
    parts = []
    for _ in range(chance.randint(1, 4)):
        kind = chance.random()
        if depth and kind < 0.3:
            inside = random_pattern(chance, depth - 1)
            parts.append(f"({chance.choice(('', '', '?:', '?>'))}{inside})")
        elif depth and kind < 0.35:
            inside = random_pattern(chance, 0)
            parts.append(f"({chance.choice(('?=', '?!'))}{inside})")
            continue
        else:
            parts.append(chance.choice(ATOMS))
        parts[-1] += chance.choice(("", "", "", "+", "*", "?", "+?", "*?", "{1,2}", "++"))
    if depth and chance.random() < 0.2:
        parts.insert(chance.randrange(len(parts)) + 1, "|" + random_pattern(chance, 0))
    return "".join(parts)


def random_text(chance: random.Random) -> str:
    return "".join(chance.choice(TEXT) for _ in range(chance.randint(0, 8)))


@pytest.fixture(scope="session")
def java() -> Callable[[list[tuple[str, str]]], list[Found]]:
    """Pairs of pattern and text -> groups, as Java finds them."""
    if shutil.which("javac") is None:
        pytest.skip("no Java compiler: on Debian, apt-get install openjdk-17-jdk-headless")

    def ask(pairs: list[tuple[str, str]]) -> list[Found]:
        lines = "".join(f"{p.encode().hex()} {t.encode().hex()}\n" for p, t in pairs)
        source = Path(__file__).with_name("Groups.java")
        done = subprocess.run(
            ["java", "-Xshare:auto", str(source)],
            input=lines, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return [_read(line) for line in done.stdout.splitlines()]

    return ask


def _read(line: str) -> Found:
    kind, *groups = line.split(" ")
    assert kind != "refused", "the parser takes what Java refuses"
    if kind == "none":
        return None
    return [None if g == "null" else bytes.fromhex(g).decode() for g in groups]


def by_python(pattern: Pattern, text: str) -> Found:
    found = re.match(whole(pattern.node, "python"), text)
    return None if found is None else list(found.groups())


def by_re2(pattern: Pattern, text: str) -> Found:
    """As duckdb_rows.py asks, guards apart."""
    for guard in pattern.guards:
        starts = duckdb.execute(
            "SELECT regexp_matches(?, ?)", [text, whole(guard.node, "re2").removesuffix(r"\z")]
        ).fetchall()
        if starts[0][0] == guard.negative:
            return None
    return _re2(pattern.body, pattern.group_count, text)


def _re2(node, count: int, text: str) -> Found:
    expression = whole(node, "re2").replace("'", "''")
    names = ", ".join(f"'g{n}'" for n in range(count)) or "'whole'"
    expression = expression if count else expression.replace("(?:", "(", 1)
    ((matches, groups),) = duckdb.execute(
        f"SELECT regexp_full_match(?, '{expression}'), "
        f"regexp_extract(?, '{expression}', [{names}])",
        [text, text],
    ).fetchall()
    return ([*groups.values()] if count else []) if matches else None


def test_java_finds_what_re2_and_python_find(java) -> None:
    chance = random.Random(17)
    cases = []
    refused = on_re2 = 0
    while len(cases) < PATTERNS * TEXTS_PER_PATTERN:
        text = random_pattern(chance)
        try:
            pattern = compiled(text)
        except PatternError:
            refused += 1
            continue
        on_re2 += pattern.re2_lacks is None
        cases += [(text, pattern, random_text(chance)) for _ in range(TEXTS_PER_PATTERN)]
    truth = java([(text, line) for text, _, line in cases])
    for (text, pattern, line), expected in zip(cases, truth, strict=True):
        assert by_python(pattern, line) == expected, (text, line)
        if pattern.re2_lacks is None:
            assert by_re2(pattern, line) == expected, (text, line)
    # The test is of something: many patterns go to RE2, and many texts match.
    assert on_re2 > PATTERNS / 3
    assert sum(found is not None for found in truth) > len(truth) / 20
    assert refused < PATTERNS / 10


PUBLISHED_SHAPE = r"^(?!#)([^ ]+)\s+([^ ]+)\s+([^ ]*)\s+[^\(]+[\(]([^\;]+).*%20([^\/]+)[\/](.*)$"


def by_fields(pattern: Pattern, fields: Fields, line: str, *, exactly: bool = True) -> Found:
    """What the engines do with a line: cut at its tabs when their number is right. The control
    (`exactly` False) cuts lines with more of them, too.
    """
    tabs = line.count("\t")
    others = sum(line.count(char) for char in fields.others)
    if line.startswith("#"):
        return None
    if others or (tabs != fields.separators if exactly else tabs < fields.separators):
        return by_python(pattern, line)
    found: list[str | None] = []
    for field, text in zip(fields.fields, line.split("\t"), strict=False):
        match = re.match(whole(field.node, "python"), text)
        if match is None:
            return None
        found += match.groups()
    return found


def fields_against_java(java, *, exactly: bool) -> list[str]:
    """Lines on which cutting at tabs and Java differ."""
    chance = random.Random(5)
    pattern = compiled(PUBLISHED_SHAPE)
    assert pattern.fields is not None
    pieces = ("2014", "\t", "\t", "\t", "\t ", "x(a;b)", "(i;%20c/d", "%20z/1", "#", ";", "-")
    lines = [
        "".join(chance.choice(pieces) for _ in range(chance.randint(4, 10))) for _ in range(3000)
    ]
    lines += [
        f"a\tb\t{c}\tm({d};u)%20e/f" for c in ("", "x", "(", "x(y;z)") for d in ("", "k", "(")
    ]
    truth = java([(PUBLISHED_SHAPE, line) for line in lines])
    assert sum(found is not None for found in truth) > 50
    return [
        line
        for line, expected in zip(lines, truth, strict=True)
        if by_fields(pattern, pattern.fields, line, exactly=exactly) != expected
    ]


def test_a_line_cut_at_its_tabs_has_the_groups_of_the_whole_pattern(java) -> None:
    assert fields_against_java(java, exactly=True) == []


def test_cutting_a_line_with_more_tabs_is_seen_to_be_wrong(java) -> None:
    """The control: the condition on the number of tabs is needed."""
    assert fields_against_java(java, exactly=False) != []


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("(a", 0, "this ( is never closed"),
        ("a)b", 1, "this ) closes nothing"),
        ("a[bc", 1, "this [ is never closed"),
        ("*a", 0, "nothing before this *"),
        ("a**", 2, "nothing before this *"),
        ("a{2,1}", 1, "2 is more than 1"),
        ("a{x}", 1, "not a number of repetitions"),
        (r"a\qb", 1, r"Java has no \q"),
        (r"\bword", 0, r"\b is not taken here"),
        ("a(?m)b", 1, "flags inside of a pattern"),
        ("[a[bc]]", 2, "classes within classes"),
        ("[z-a]", 2, "not a range of characters"),
        (r"\1(a)", 0, "no group 1 before this"),
        (r"\p{IsGreek}", 0, r"\p{IsGreek} is not taken here"),
        ("a\\", 1, "the pattern ends in the middle"),
    ],
)
def test_what_is_wrong_has_its_place(text: str, offset: int, message: str) -> None:
    with pytest.raises(PatternError) as caught:
        compiled(text)
    assert message in str(caught.value)
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (r"(a)\1", "refers to a group"),
        ("(a)?b", "optional or repeated"),
        ("(a)|b", "in an alternative"),
        ("a(?=b).", "looks around"),
        ("a++b", "forbids going back"),
        ("(?:a*)*", "repeats what may be empty"),
        ("a{1001}", "more than 1,000"),
    ],
)
def test_what_re2_would_find_otherwise_is_left_to_python(text: str, reason: str) -> None:
    assert reason in str(compiled(text).re2_lacks)


def test_the_case_of_ascii_letters_alone_is_ignored() -> None:
    pattern = compiled("(k[a-z]+)", ignore_case=True)
    assert by_re2(pattern, "KaZ") == ["KaZ"]
    # The Kelvin sign folds to k in RE2 and in Python, and not in Java.
    assert by_re2(pattern, "\u212aaz") is by_python(pattern, "\u212aaz") is None
