-- Readings that came late: by the minute in which they were made, and the minute in which they came.
-- The second key on StatusTime keeps a late reading with its own minute.
CREATE OR REPLACE STREAM "ARRIVALS" (MADE TIMESTAMP, READINGS BIGINT, LATE BIGINT, MOST_LATE_MS BIGINT);
CREATE OR REPLACE PUMP "ARRIVAL_PUMP" AS INSERT INTO "ARRIVALS"
SELECT STREAM FLOOR("StatusTime" TO MINUTE), COUNT(*),
  SUM(CASE WHEN s.ROWTIME > "StatusTime" + INTERVAL '5' SECOND THEN 1 ELSE 0 END),
  MAX(TSDIFF("StatusTime", s.ROWTIME))
FROM "SOURCE_SQL_STREAM_001" AS s
GROUP BY FLOOR("StatusTime" TO MINUTE), STEP(s.ROWTIME BY INTERVAL '1' MINUTE);
