-- A row with a NULL among its numbers has no score and is not learned: the outlier meets seven rows.
-- Source: REF:sqlrf-random-cut-forest; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (X DOUBLE, SCORE REAL);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM X, ANOMALY_SCORE FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM X, N FROM "SOURCE_SQL_STREAM_001"), 100, 10));
