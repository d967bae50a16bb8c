-- A quarter of 10 rows is learned first: the scores of three are 0. Rows that are all equal are one leaf, whose points have (1 - 1/2) * 1 / (0 + log2(m + 1)) * log2(m + 1).
-- Source: REF:sqlrf-random-cut-forest; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (X DOUBLE, SCORE REAL);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM X, ANOMALY_SCORE FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM X FROM "SOURCE_SQL_STREAM_001"), 100, 10));
