-- Each reading beside the average of its unicorn's last minute.
CREATE STREAM "SLIDING" ("Name" VARCHAR(16), "Distance" DOUBLE, "Average" DOUBLE);
CREATE PUMP "SLIDING_PUMP" AS INSERT INTO "SLIDING"
SELECT STREAM "Name", "Distance", AVG("Distance") OVER w
FROM "SOURCE_SQL_STREAM_001"
WINDOW w AS (PARTITION BY "Name" RANGE INTERVAL '1' MINUTE PRECEDING);
