-- STEP by 10 s: windows from the epoch on; [0, 10) holds 9.999 and not 10; a window without rows has no row.
-- Source: REF:sql-reference-step; REF:sql-reference-aggregate-functions
CREATE OR REPLACE STREAM DEST (TOTAL BIGINT);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM SUM(N) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY STEP(s.ROWTIME BY INTERVAL '10' SECOND);
