-- Rides of thirty seconds, of each unicorn from its own first reading on: a stagger window opens with
-- the first row of its key, so that a ride is not cut at the full minute.
CREATE OR REPLACE STREAM "RIDES" ("Name" VARCHAR(16), STARTED TIMESTAMP, READINGS BIGINT, METRES DOUBLE);
CREATE OR REPLACE PUMP "RIDE_PUMP" AS INSERT INTO "RIDES"
SELECT STREAM "Name", MIN(s.ROWTIME), COUNT(*), SUM("Distance")
FROM "SOURCE_SQL_STREAM_001" AS s
WINDOWED BY STAGGER (PARTITION BY "Name" RANGE INTERVAL '30' SECOND);
