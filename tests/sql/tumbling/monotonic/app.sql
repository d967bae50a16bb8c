-- MONOTONIC(expr) alone: a group is complete when a row of another value follows, and has that row's ROWTIME; the last one never is.
-- Source: REF:sql-reference-monotonic; decisions.md, Time
CREATE OR REPLACE STREAM DEST (N INTEGER, ROWS_ BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N, COUNT(*) FROM "SOURCE_SQL_STREAM_001" GROUP BY MONOTONIC(N);
