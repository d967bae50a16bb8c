-- A comma join of a forest with its own source, as published applications have it: rows of one ROWTIME meet.
-- Source: REF:sqlrf-random-cut-forest; decisions.md, Joins, unions and order
CREATE OR REPLACE STREAM DEST (K VARCHAR(8), V VARCHAR(8), SCORE REAL);
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM a.K, b.V, a.ANOMALY_SCORE FROM TABLE(RANDOM_CUT_FOREST(CURSOR(SELECT STREAM K, X FROM "SOURCE_SQL_STREAM_001"), 10, 10)) AS a, "SOURCE_SQL_STREAM_001" AS b WHERE a.ANOMALY_SCORE > 1;
