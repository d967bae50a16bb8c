-- Each reading beside the longest and the shortest of its unicorn's last minute.
CREATE STREAM "EXTREMES" ("Name" VARCHAR(16), "Longest" DOUBLE, "Shortest" DOUBLE);
CREATE PUMP "EXTREMES_PUMP" AS INSERT INTO "EXTREMES"
SELECT STREAM "Name", MAX("Distance") OVER w, MIN("Distance") OVER w
FROM "SOURCE_SQL_STREAM_001"
WINDOW w AS (PARTITION BY "Name" RANGE INTERVAL '1' MINUTE PRECEDING);
