"""Streams and pumps of a whole text: their names, and the order of flow."""

from collections.abc import Callable

import pytest

from analytics_sql.plan import Application

Compile = Callable[[str], Application]
Refuse = Callable[..., None]

SOURCE = '"SOURCE_SQL_STREAM_001"'


def _chain(*pumps: tuple[str, str, str]) -> str:
    """A text with pumps (name, stream read, stream filled), over streams A to E."""
    streams = "".join(f"CREATE STREAM {name} (BIG BIGINT);\n" for name in "ABCDE")
    return streams + "".join(
        f"CREATE PUMP {name} AS INSERT INTO {filled} SELECT BIG FROM {read};\n"
        for name, read, filled in pumps
    )


@pytest.mark.parametrize(
    ("pumps", "order"),
    [
        ([("P", SOURCE, "A"), ("Q", SOURCE, "B")], ["P", "Q"]),
        ([("Q", SOURCE, "B"), ("P", SOURCE, "A")], ["Q", "P"]),
        ([("P", "A", "B"), ("Q", SOURCE, "A")], ["Q", "P"]),
        # A diamond, and a stream that two pumps fill.
        (
            [
                ("P4", "C", "D"),
                ("P3", "B", "C"),
                ("P2", "A", "C"),
                ("P1", "A", "B"),
                ("P0", SOURCE, "A"),
            ],
            ["P0", "P2", "P1", "P3", "P4"],
        ),
        # A stream that no pump fills.
        ([("P", "E", "A"), ("Q", SOURCE, "B")], ["P", "Q"]),
    ],
)
def test_pumps_come_after_those_that_feed_them(
    compiled: Compile, pumps: list[tuple[str, str, str]], order: list[str]
) -> None:
    assert [pump.name for pump in compiled(_chain(*pumps)).pumps] == order


def test_a_stopped_pump_is_checked_and_left_out(compiled: Compile, refused: Refuse) -> None:
    text = _chain(("P", SOURCE, "A"), ("Q", "A", "B")).replace("PUMP Q", "PUMP Q STOPPED")
    assert [pump.name for pump in compiled(text).pumps] == ["P"]
    refused(text.replace("BIG FROM A", "«nope» FROM A"), "there is no column NOPE")


def test_rows_cannot_flow_in_a_circle(refused: Refuse) -> None:
    refused(_chain(("«P»", "A", "A")), "in a circle through these pumps: P")
    refused(
        _chain(("«P»", "A", "B"), ("Q", SOURCE, "A"), ("«R»", "B", "C"), ("«S»", "C", "A")),
        *["in a circle through these pumps: P, R, S"] * 3,
    )


def test_something_has_to_run(refused: Refuse) -> None:
    refused("«»CREATE STREAM A (X INTEGER)", "no pump of this application runs | CREATE OR REPLACE")
    stopped = _chain(("«P»", SOURCE, "A")).replace("«P»", "«P» STOPPED")
    refused(stopped, "no pump of this application runs")


def test_a_description_changes_nothing(compiled: Compile) -> None:
    plain = _chain(("P", SOURCE, "A"))
    described = plain.replace("(BIG BIGINT)", "(BIG BIGINT) DESCRIPTION 'of it'")
    assert compiled(plain) == compiled(described)


def test_the_last_of_those_with_or_replace_counts(compiled: Compile) -> None:
    again = f"CREATE OR REPLACE PUMP p AS INSERT INTO A SELECT STREAM BIG + 1 FROM {SOURCE};"
    application = compiled(_chain(("P", SOURCE, "A")) + again)
    alone = compiled(_chain() + again)
    assert (application.pumps, application.fingerprint) == (alone.pumps, alone.fingerprint)
    assert application.notes == (
        "7:24: this pump replaces that of line 6, which does not run; for both to run, give it a "
        "name of its own",
    )


def test_a_stream_that_is_created_again_as_it_was_is_not_noted(compiled: Compile) -> None:
    text = _chain(("P", SOURCE, "A"))
    same = compiled(text + 'CREATE OR REPLACE STREAM "A" (big bigint);')
    assert (same.fingerprint, same.notes) == (compiled(text).fingerprint, ())
    other = compiled(text + "CREATE OR REPLACE STREAM a (BIG DOUBLE);")
    assert other.notes == ("7:26: this stream replaces that of line 1",)


@pytest.mark.parametrize(
    ("statements", "fragments"),
    [
        (
            "CREATE STREAM «a» (X INTEGER);",
            ["the stream A is created twice | several pumps can insert into one stream"],
        ),
        ('CREATE STREAM «"SOURCE_SQL_STREAM_001"» (X INTEGER);', ["is the input, which exists"]),
        ("CREATE STREAM F (X INTEGER, «x» DOUBLE);", ["F has two columns X | folded"]),
        ("CREATE STREAM F («rowtime» TIMESTAMP);", ["every stream has a ROWTIME already"]),
        (
            "CREATE STREAM F (X «TEXT», Y decimal(3, 2), Z «VARCHAR(0)», W «DOUBLE PRECISE»);",
            [
                "there is no type TEXT | types of columns are TINYINT, SMALLINT",
                "needs one length from 1 to 65535",
                "there is no type DOUBLE PRECISE",
            ],
        ),
        (
            f"CREATE PUMP Q AS INSERT INTO «Z» SELECT 1 FROM {SOURCE};",
            ["no statement creates the stream Z | create it: CREATE OR REPLACE STREAM Z (...)"],
        ),
        (
            f'CREATE PUMP Q AS INSERT INTO «"a"» SELECT 1 FROM {SOURCE};',
            ['no statement creates the stream "a" | write A: in quotes, case counts'],
        ),
        (
            f"CREATE PUMP Q AS INSERT INTO «{SOURCE}» SELECT 1 FROM A;",
            ["SOURCE_SQL_STREAM_001 is the input: no pump can insert into it"],
        ),
        (
            f"CREATE PUMP «p» AS INSERT INTO A SELECT 1 FROM {SOURCE};",
            ["the pump P is created twice | a name of its own"],
        ),
        # The query of a pump is checked even if its stream is not there.
        (
            f"CREATE PUMP Q AS INSERT INTO «Z» SELECT «x» FROM {SOURCE};",
            ["no statement creates", "there is no column X"],
        ),
    ],
)
def test_refused(refused: Refuse, statements: str, fragments: list[str]) -> None:
    refused(_chain(("P", SOURCE, "A")) + statements, *fragments)
