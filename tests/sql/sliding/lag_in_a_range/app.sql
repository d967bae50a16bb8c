-- LAG of a row that the window does not hold any more is NULL.
-- Source: REF:sql-reference-lag; decisions.md, Sliding windows
CREATE OR REPLACE STREAM DEST (L INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM LAG(N) OVER (RANGE INTERVAL '2' SECOND PRECEDING) FROM "SOURCE_SQL_STREAM_001";
