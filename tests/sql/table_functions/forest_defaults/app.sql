-- Without arguments there are 100 trees of 256 rows, of which 64 are learned first.
-- Source: REF:sqlrf-random-cut-forest; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (X DOUBLE, N INTEGER);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM X, N FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM N, X, SMALL, BIG, LOW, "mixedCase" FROM "SOURCE_SQL_STREAM_001"))) WHERE ANOMALY_SCORE > 0;
