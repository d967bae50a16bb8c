-- LAG(x): of the row before in the partition; LAG(x, 2): of the one before that; NULL, or the default, for a row that is not there.
-- Source: REF:sql-reference-lag
CREATE OR REPLACE STREAM DEST (N INTEGER, L1 INTEGER, L2 INTEGER, D INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM N, LAG(N) OVER w, LAG(N, 2) OVER w, LAG(N, 1, -1) OVER w FROM "SOURCE_SQL_STREAM_001" WINDOW w AS (PARTITION BY K ROWS 5 PRECEDING);
