-- With directions: X is too high, N too low; a NULL has no explanation. The names of columns are those of the input.
-- Source: REF:sqlrf-random-cut-forest-with-explanation; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (SCORE REAL, EXPLANATION VARCHAR(512));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM ANOMALY_SCORE, ANOMALY_EXPLANATION FROM TABLE(RANDOM_CUT_FOREST_WITH_EXPLANATION(CURSOR(SELECT STREAM X, "mixedCase" FROM "SOURCE_SQL_STREAM_001"), 100, 10, 100000, 1, true)) WHERE ANOMALY_SCORE > 1 OR ANOMALY_SCORE IS NULL;
