-- Two rows make a point: the first row ends none, the next three points are learned first. The outlier meets seven points.
-- Source: REF:sqlrf-random-cut-forest; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (X DOUBLE, SCORE REAL);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM X, ANOMALY_SCORE FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM X FROM "SOURCE_SQL_STREAM_001"), 50, 10, 100000, 2));
