-- X is outside by 3, N by 1: they have three quarters and one quarter of the score. A leaf's own point has equal shares of 1/2.
-- Source: REF:sqlrf-random-cut-forest-with-explanation; decisions.md, Table functions
CREATE OR REPLACE STREAM DEST (SCORE REAL, EXPLANATION VARCHAR(512));
CREATE OR REPLACE PUMP P AS INSERT INTO DEST
SELECT STREAM ANOMALY_SCORE, ANOMALY_EXPLANATION FROM TABLE(RANDOM_CUT_FOREST_WITH_EXPLANATION(CURSOR(SELECT STREAM K, X, N FROM "SOURCE_SQL_STREAM_001"), 100, 10));
