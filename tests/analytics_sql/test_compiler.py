"""Whole applications, their plans worked out by hand."""

from analytics_sql.application_file import workshop_application
from analytics_sql.compiler import compile_application
from analytics_sql.expression import ColumnRef, Comparison, Literal, RowTime
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import (
    Aggregate,
    Application,
    Column,
    Filter,
    Key,
    Output,
    Project,
    Pump,
    Scan,
    Source,
    SourceColumn,
    Stream,
    Tumble,
)
from analytics_sql.types import BIGINT, DOUBLE, INTEGER, SMALLINT, TIMESTAMP, Kind, SqlType

NAME = SqlType(Kind.VARCHAR, 16)


def test_the_workshops_application() -> None:
    targets = (
        Column("Name", NAME),
        Column("StatusTime", TIMESTAMP),
        Column("Distance", SMALLINT),
        Column("MinMagicPoints", SMALLINT),
        Column("MaxMagicPoints", SMALLINT),
        Column("MinHealthPoints", SMALLINT),
        Column("MaxHealthPoints", SMALLINT),
    )
    distance = ColumnRef("Distance", DOUBLE)
    magic, health = ColumnRef("MagicPoints", SMALLINT), ColumnRef("HealthPoints", SMALLINT)
    application = workshop_application()
    assert application == Application(
        name="wildrydes",
        sources=(
            Source(
                "SOURCE_SQL_STREAM_001",
                (
                    SourceColumn("Name", NAME, ("Name",)),
                    SourceColumn("StatusTime", TIMESTAMP, ("StatusTime",)),
                    SourceColumn("Latitude", DOUBLE, ("Latitude",)),
                    SourceColumn("Longitude", DOUBLE, ("Longitude",)),
                    SourceColumn("Distance", DOUBLE, ("Distance",)),
                    SourceColumn("MagicPoints", SMALLINT, ("MagicPoints",)),
                    SourceColumn("HealthPoints", SMALLINT, ("HealthPoints",)),
                ),
            ),
        ),
        streams=(Stream("DESTINATION_SQL_STREAM", targets),),
        pumps=(
            Pump(
                name="STREAM_PUMP",
                query=Project(
                    Tumble(
                        # Latitude, Longitude and StatusTime are never read.
                        input=Scan(
                            "SOURCE_SQL_STREAM_001",
                            (
                                Column("Name", NAME),
                                Column("Distance", DOUBLE),
                                Column("MagicPoints", SMALLINT),
                                Column("HealthPoints", SMALLINT),
                            ),
                        ),
                        size_ms=60_000,
                        keys=(Key(ColumnRef("Name", NAME), "Name"),),
                        aggregates=(
                            Aggregate("SUM", distance, DOUBLE, "SUM(Distance)"),
                            Aggregate("MIN", magic, SMALLINT, "MIN(MagicPoints)"),
                            Aggregate("MAX", magic, SMALLINT, "MAX(MagicPoints)"),
                            Aggregate("MIN", health, SMALLINT, "MIN(HealthPoints)"),
                            Aggregate("MAX", health, SMALLINT, "MAX(HealthPoints)"),
                        ),
                        window_start="WINDOW_START",
                    ),
                    (
                        Output(ColumnRef("Name", NAME), "Name"),
                        Output(RowTime(), "ROWTIME"),
                        Output(ColumnRef("SUM(Distance)", DOUBLE), "EXPR$2"),
                        Output(ColumnRef("MIN(MagicPoints)", SMALLINT), "EXPR$3"),
                        Output(ColumnRef("MAX(MagicPoints)", SMALLINT), "EXPR$4"),
                        Output(ColumnRef("MIN(HealthPoints)", SMALLINT), "EXPR$5"),
                        Output(ColumnRef("MAX(HealthPoints)", SMALLINT), "EXPR$6"),
                    ),
                ),
                stream="DESTINATION_SQL_STREAM",
                targets=targets,
            ),
        ),
        fingerprint=application.fingerprint,
    )


def test_a_chain_of_two_pumps_and_a_source_of_another_name() -> None:
    text = """
        -- Busy minutes: the second pump reads what the first one fills, and stands before it.
        CREATE PUMP Busy AS INSERT INTO Alerts (who, what)
            SELECT name, n FROM Counts AS c WHERE c.n > 100;  // a DG-style comment
        CREATE OR REPLACE PUMP "Count" AS INSERT INTO Counts
            SELECT STREAM "n", COUNT(*) FROM "in_001" AS s
            GROUP BY STEP(s.ROWTIME BY INTERVAL '10' SECOND), "n";
        CREATE OR REPLACE STREAM Counts (name VARCHAR(8), n BIGINT);
        /* the
           output */
        CREATE STREAM Alerts (what INTEGER, who VARCHAR(8), note VARCHAR(4));
    """
    schema = InputSchema((SourceColumn("n", SqlType(Kind.VARCHAR, 8), ("payload", "n")),))
    application = compile_application(text, name="busy", schema=schema, source_name="in_001")
    text_8 = SqlType(Kind.VARCHAR, 8)
    counts = (Column("NAME", text_8), Column("N", BIGINT))
    alerts = (
        Column("WHAT", INTEGER),
        Column("WHO", text_8),
        Column("NOTE", SqlType(Kind.VARCHAR, 4)),
    )
    assert application.name == "busy"
    assert application.sources == (
        Source("in_001", (SourceColumn("n", text_8, ("payload", "n")),)),
    )
    assert application.streams == (Stream("COUNTS", counts), Stream("ALERTS", alerts))
    assert application.pumps == (
        Pump(
            "Count",
            Project(
                Tumble(
                    Scan("in_001", (Column("n", text_8),)),
                    10_000,
                    (Key(ColumnRef("n", text_8), "n"),),
                    (Aggregate("COUNT", None, BIGINT, "COUNT(*)"),),
                    "WINDOW_START",
                ),
                (
                    Output(ColumnRef("n", text_8), "n"),
                    Output(ColumnRef("COUNT(*)", BIGINT), "EXPR$1"),
                ),
            ),
            "COUNTS",
            counts,
        ),
        Pump(
            "BUSY",
            Project(
                Filter(
                    Scan("COUNTS", counts),
                    Comparison(">", ColumnRef("N", BIGINT), Literal(100, INTEGER)),
                ),
                (
                    Output(ColumnRef("NAME", text_8), "NAME"),
                    Output(ColumnRef("N", BIGINT), "N"),
                ),
            ),
            "ALERTS",
            (Column("WHO", text_8), Column("WHAT", INTEGER)),
        ),
    )
