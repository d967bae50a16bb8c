-- A row that is exactly as old as the interval still counts: decided (RANGE_EDGE_INCLUDED).
-- Source: REF:sql-reference-allowed-disallowed-window; decisions.md, Sliding windows
CREATE OR REPLACE STREAM DEST (TOTAL BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM SUM(N) OVER (RANGE INTERVAL '3' SECOND PRECEDING) FROM "SOURCE_SQL_STREAM_001";
