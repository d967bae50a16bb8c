-- MONOTONIC inside says of the column what it would say outside: a group is complete when it changes.
-- The group of the last N stays open.
-- Source: REF:sql-reference-monotonic; decisions.md, Time
CREATE OR REPLACE STREAM DEST (N INTEGER, TOTAL DOUBLE);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM q.number_, SUM(q.X)
FROM (SELECT STREAM MONOTONIC(N) AS number_, X FROM "SOURCE_SQL_STREAM_001") AS q GROUP BY q.number_;
