"""The queries: the application that the engine runs, and what it means in DuckDB's SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics_sql.application_file import load_application, workshop_application
from analytics_sql.event_time import with_event_time
from analytics_sql.plan import Application, EventTime

HOME = Path(__file__).parent / "queries"
SCHEMA = HOME.parents[2] / "analytics_sql" / "applications" / "wildrydes" / "schema.json"
Answer = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Query:
    """One row of the table."""

    name: str
    application: Application
    stream: str
    """Whose rows are the answer."""
    columns: Sequence[str]
    """The columns of it that are compared, in DuckDB's order."""
    duckdb: str
    wide: bool
    """A row out for each row in: the answer is taken as columns (see docs/engine.md)."""


def queries() -> list[Query]:
    """In the order of the table."""
    return [
        Query(
            "wildrydes",
            workshop_application(),
            "DESTINATION_SQL_STREAM",
            (
                *("Name", "Distance", "MinMagicPoints", "MaxMagicPoints"),
                *("MinHealthPoints", "MaxHealthPoints"),
            ),
            """SELECT Name, CAST(round(sum(Distance)) AS SMALLINT), min(MagicPoints),
            max(MagicPoints), min(HealthPoints), max(HealthPoints)
            FROM records GROUP BY Name, t // 60000""",
            wide=False,
        ),
        Query(
            "event",
            with_event_time(workshop_application(), EventTime("StatusTime")),
            "DESTINATION_SQL_STREAM",
            ("Name", "Distance", "MinMagicPoints", "MaxHealthPoints"),
            """SELECT Name, CAST(round(sum(Distance)) AS SMALLINT), min(MagicPoints),
            max(HealthPoints) FROM records GROUP BY Name, epoch_ms(StatusTime) // 60000""",
            wide=False,
        ),
        Query(
            "sliding",
            _application("sliding"),
            "SLIDING",
            ("Name", "Distance", "Average"),
            """SELECT Name, Distance, avg(Distance) OVER
            (PARTITION BY Name ORDER BY t RANGE BETWEEN 60000 PRECEDING AND CURRENT ROW)
            FROM records""",
            wide=True,
        ),
        Query(
            "extremes",
            _application("extremes"),
            "EXTREMES",
            ("Name", "Longest", "Shortest"),
            """SELECT Name, max(Distance) OVER w, min(Distance) OVER w FROM records WINDOW w AS
            (PARTITION BY Name ORDER BY t RANGE BETWEEN 60000 PRECEDING AND CURRENT ROW)""",
            wide=True,
        ),
        Query(
            "chain",
            _application("chain"),
            "COUNTS",
            ("Name", "Rides", "Longest"),
            """SELECT Name, count(*), max(Distance) FROM
            (SELECT Name, Distance, t FROM records WHERE Distance > 29.5)
            GROUP BY Name, t // 60000""",
            wide=False,
        ),
    ]


def _application(name: str) -> Application:
    return load_application(HOME / f"{name}.sql", schema_path=SCHEMA)
