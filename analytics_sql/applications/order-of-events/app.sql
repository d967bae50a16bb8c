-- Readings in the order in which they were made, not in which they came: each waits five seconds for
-- those before it.
CREATE OR REPLACE STREAM "IN_ORDER" ("Name" VARCHAR(16), MADE TIMESTAMP, METRES DOUBLE);
CREATE OR REPLACE PUMP "ORDER_PUMP" AS INSERT INTO "IN_ORDER"
SELECT STREAM "Name", "StatusTime", "Distance", "StatusTime" AS ROWTIME
FROM "SOURCE_SQL_STREAM_001"
ORDER BY "StatusTime" WITHIN INTERVAL '5' SECOND;
