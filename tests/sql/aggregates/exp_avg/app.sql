-- Parts of 10 s from the window's end on count half as much from one to the next: (1 * 4 + 2 * 8 + 4 * 2) / (1 + 2 + 4).
-- Source: REF:sql-reference-exp-avg; decisions.md, Sliding windows
CREATE OR REPLACE STREAM DEST (A DOUBLE);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM EXP_AVG(X, INTERVAL '10' SECOND) FROM "SOURCE_SQL_STREAM_001" AS s GROUP BY STEP(s.ROWTIME BY INTERVAL '30' SECOND);
