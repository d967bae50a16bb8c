-- A column that is the start of the inner query's window is a time key of the outer one: the rows of
-- one inner window come at its end, and those of the next one a window later. The coarser one of the
-- inner query holds six of them.
-- Source: decisions.md, Time
CREATE OR REPLACE STREAM DEST (AT_ TIMESTAMP, GROUPS BIGINT, TOTAL BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM q.minute_, COUNT(*), SUM(q.total)
FROM (SELECT STREAM STEP(s.ROWTIME BY INTERVAL '10' SECOND) AS ten, FLOOR(s.ROWTIME TO MINUTE) AS minute_,
             K, SUM(N) AS total
      FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY STEP(s.ROWTIME BY INTERVAL '10' SECOND), K) AS q
GROUP BY q.minute_;
