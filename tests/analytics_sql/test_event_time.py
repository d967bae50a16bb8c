"""What can be put on event time, and what is refused by name before anything starts."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from analytics_sql.event_time import with_event_time
from analytics_sql.plan import Application, EventTime
from fleet.errors import ConfigError

HEAD = "CREATE STREAM D (N VARCHAR(16), C BIGINT); CREATE PUMP P AS INSERT INTO D SELECT STREAM "
FROM = ' FROM "SOURCE_SQL_STREAM_001" AS s '
MINUTE = ' GROUP BY "Name", FLOOR(s.ROWTIME TO MINUTE)'
COUNT = HEAD + '"Name", COUNT(*)' + FROM + MINUTE
ON_TOP = (
    "; CREATE STREAM E (N VARCHAR(16), C BIGINT); CREATE PUMP Q AS INSERT INTO E SELECT STREAM "
)
TIME = EventTime("StatusTime")
CORRECTED = replace(TIME, correct_ms=60_000)

Compile = Callable[[str], Application]


def test_the_column_is_checked(compiled: Compile) -> None:
    plan = compiled(COUNT)
    with pytest.raises(ConfigError, match='no column "statustime"') as missing:
        with_event_time(plan, EventTime("statustime"))
    assert missing.value.remedy == 'the input has these TIMESTAMP columns: "StatusTime"'
    with pytest.raises(ConfigError, match='"Distance" is a DOUBLE, not a TIMESTAMP'):
        with_event_time(plan, EventTime("Distance"))


def test_state_fits_the_same_time_only(compiled: Compile) -> None:
    plan = compiled(COUNT)
    prints = [
        plan.fingerprint,
        with_event_time(plan, TIME).fingerprint,
        with_event_time(plan, CORRECTED).fingerprint,
        with_event_time(plan, replace(TIME, correct_ms=1)).fingerprint,
    ]
    assert len(set(prints)) == 4
    patient = replace(TIME, lateness_ms=1, idle_ms=None, future_ms=2)
    assert with_event_time(plan, patient).fingerprint == prints[1]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HEAD + '"Name", COUNT(*) OVER (ROWS 3 PRECEDING)' + FROM, "pump P: the rows of OVER"),
        (HEAD + '"Name", 1' + FROM + ' GROUP BY "Name", MONOTONIC("TOTAL")', "MONOTONIC"),
        (COUNT.replace("COUNT(*)", 'LAST_VALUE("TOTAL")'), "LAST_VALUE depends on the order"),
        (COUNT + " HAVING COUNT(*) > 2", "HAVING"),
        (HEAD + "\"StatusTime\" AS ROWTIME, 'a', 1" + FROM, "AS ROWTIME"),
        (COUNT + ON_TOP + "N, C FROM D AS d WHERE C > 1", "pump Q: a row that no longer passes"),
        (COUNT + ON_TOP + "N, MAX(C) FROM D AS d GROUP BY N, FLOOR(d.ROWTIME TO HOUR)", "pump Q"),
    ],
)
def test_what_late_rows_cannot_correct_is_refused(compiled: Compile, text: str, why: str) -> None:
    plan = compiled(text)
    assert with_event_time(plan, TIME).event_time == TIME
    with pytest.raises(ConfigError, match="late rows cannot correct pump") as refused:
        with_event_time(plan, CORRECTED)
    assert why in str(refused.value)
    assert "--late error-stream" in (refused.value.remedy or "")


@pytest.mark.parametrize(
    "text",
    [
        COUNT,
        HEAD + '"Name", 1' + FROM + 'WHERE "TOTAL" > 3',
        COUNT + ON_TOP + "N, C + 1 FROM D AS d",
        HEAD
        + '"Name", "BIG"'
        + FROM
        + ON_TOP
        + "N, SUM(C) FROM D AS d GROUP BY N, FLOOR(d.ROWTIME TO HOUR)",
    ],
)
def test_what_they_can_correct(compiled: Compile, text: str) -> None:
    assert with_event_time(compiled(text), CORRECTED).event_time == CORRECTED
