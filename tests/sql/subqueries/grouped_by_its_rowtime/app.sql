-- GROUP BY a column that is the row's ROWTIME: groups of one millisecond, whose rows keep their time.
-- Source: decisions.md, Time
CREATE OR REPLACE STREAM DEST (AT_ TIMESTAMP, TOTAL BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM q.t, SUM(q.N)
FROM (SELECT STREAM s.ROWTIME AS t, N FROM "SOURCE_SQL_STREAM_001" AS s) AS q GROUP BY q.t;
