-- The fleet's minute, from the ten seconds of each unicorn: fewer rows for the second step, and the
-- readings of a unicorn that sends more often do not count for more.
CREATE OR REPLACE STREAM "TEN_SECONDS" ("Name" VARCHAR(16), METRES DOUBLE, MIN_HEALTH SMALLINT);
CREATE OR REPLACE PUMP "TEN_SECONDS_PUMP" AS INSERT INTO "TEN_SECONDS"
SELECT STREAM "Name", SUM("Distance"), MIN("HealthPoints")
FROM "SOURCE_SQL_STREAM_001" AS s
GROUP BY "Name", STEP(s.ROWTIME BY INTERVAL '10' SECOND);

-- A row of the first step has the time of its window's end: that of 10:00:50 to 10:01:00 has 10:01:00,
-- and a second less puts it back into its own minute.
CREATE OR REPLACE STREAM "FLEET_MINUTE" (PARTS BIGINT, METRES DOUBLE, FARTHEST DOUBLE, MIN_HEALTH SMALLINT);
CREATE OR REPLACE PUMP "FLEET_PUMP" AS INSERT INTO "FLEET_MINUTE"
SELECT STREAM COUNT(*), SUM(METRES), MAX(METRES), MIN(MIN_HEALTH)
FROM "TEN_SECONDS" AS t
GROUP BY FLOOR((t.ROWTIME - INTERVAL '1' SECOND) TO MINUTE);
